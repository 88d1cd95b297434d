import type { RouteRule } from "../config/routes.ts";
import type { Principal } from "../principal/principal.ts";
import { satisfies } from "./satisfies.ts";

type Required = NonNullable<RouteRule["authentication"]>;

/**
 * Whether a principal signed in as an allowing rule asks for, at whatever time. What its credential does not say is
 * not so: all of it comes from one principal, so that the method of one and the time of another open nothing.
 */
export function isAuthenticated({ authentication }: Principal, { contexts, methods, maxAge }: Required): boolean {
  const { contextClass, methods: stated = [], time } = authentication ?? {};
  return (
    (!contexts || (contextClass !== undefined && contexts.includes(contextClass))) &&
    satisfies(methods, stated) &&
    (maxAge === undefined || time !== undefined)
  );
}

/**
 * Whether a denying rule is for how some principal signed in. A person whose credential does not say it may have done
 * so; a client does not sign in. An empty list of methods says none.
 */
export function isDeniedFor(principals: readonly Principal[], { contexts, methods }: Required): boolean {
  const some = (meets: (principal: Principal) => boolean) => principals.some(meets);
  const isOpen = ({ kind }: Principal, stated: unknown) => stated === undefined && kind !== "client";
  return (
    (!contexts ||
      some((principal) => {
        const stated = principal.authentication?.contextClass;
        return isOpen(principal, stated) || (stated !== undefined && contexts.includes(stated));
      })) &&
    (!methods ||
      some((principal) => {
        const stated = principal.authentication?.methods ?? [];
        return isOpen(principal, stated[0]) || satisfies(methods, stated);
      }))
  );
}

/**
 * The instant from which principals that meet a rule no longer do, because they signed in too long ago; undefined if
 * the rule does not ask when.
 *
 * @returns seconds since the epoch
 */
export function authenticationEnd(
  { authentication }: Pick<RouteRule, "authentication">,
  party: readonly Principal[],
): number | undefined {
  const maxAge = authentication?.maxAge;
  if (!authentication || maxAge === undefined) return undefined;
  const times = party
    .filter((principal) => isAuthenticated(principal, authentication))
    .map((principal) => principal.authentication?.time ?? 0);
  return Math.floor(Math.max(...times) + maxAge) + 1;
}

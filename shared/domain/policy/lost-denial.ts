import type { RouteRule } from "../config/routes.ts";
import type { MergeConfig } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import { isDenied } from "./requirements.ts";

/**
 * The first denying rule with a requirement that some of the principals meet and that the principal made of them does
 * not meet; undefined if there is none. Each requirement is looked at alone, whether or not the others are met: another
 * credential of a later request may meet those, and the rule would apply to it beside the principals, but not beside
 * what was made of them.
 *
 * @param made what stands for the principals in later requests, such as a token that they were exchanged for
 */
export function lostDenial(
  rules: readonly RouteRule[],
  principals: readonly Principal[],
  made: Principal,
  merge: MergeConfig,
): RouteRule | undefined {
  const isLost = (one: RouteRule) => isDenied(one, principals, merge) && !isDenied(one, [made], merge);
  return rules.find((rule) => rule.effect === "deny" && singleRequirements(rule, merge).some(isLost));
}

/** A rule for each requirement of a rule, with this requirement alone. */
function singleRequirements(rule: RouteRule, { scopes: mode }: MergeConfig): RouteRule[] {
  const { credentials, issuers, kind, tenants, roles, scopes, attributes, authentication, ...rest } = rule;
  const { contexts, methods } = authentication ?? {};
  return [
    ...(issuers ? [{ ...rest, issuers }] : []),
    ...(kind ? [{ ...rest, kind }] : []),
    ...(tenants ? [{ ...rest, tenants }] : []),
    ...(roles ? [{ ...rest, roles }] : []),
    // Several principals together may meet these.
    ...eachOf(credentials).map((one) => ({ ...rest, credentials: one })),
    ...(mode === "union" ? eachOf(scopes) : [scopes]).flatMap((one) => (one ? [{ ...rest, scopes: one }] : [])),
    ...Object.entries(attributes ?? {}).map(([name, patterns]) => ({ ...rest, attributes: { [name]: patterns } })),
    ...(contexts ? [{ ...rest, authentication: { contexts } }] : []),
    ...(methods ? [{ ...rest, authentication: { methods } }] : []),
  ];
}

/** A requirement of all items as one requirement for each. */
function eachOf(requirement: RouteRule["scopes"]): NonNullable<RouteRule["scopes"]>[] {
  if (!requirement) return [];
  return "allOf" in requirement ? requirement.allOf.map((item) => ({ allOf: [item] })) : [requirement];
}

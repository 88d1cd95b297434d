import { intersectRanges } from "../address/address-range.ts";
import type { Caller } from "../caller/caller.ts";
import { METHODS, type RouteRule } from "../config/routes.ts";
import type { Config, PolicyConfig } from "../config/schema.ts";
import { withoutUndefined } from "../object/without-undefined.ts";
import type { Principal } from "../principal/principal.ts";
import type { RequestSource } from "../request/authorization-request.ts";
import { CONNECT } from "../resource/arn.ts";
import type { Interval } from "../time/interval.ts";
import { fillDeniedPath, fillPath } from "./fill-path.ts";
import type { Grant, RoutePattern } from "./grant.ts";
import { isDenied, type Party, partiesFor } from "./requirements.ts";
import { withSpellings } from "./spellings.ts";
import { openIntervals } from "./time-window.ts";

/**
 * The rules that apply to a caller, in the order of the configuration.
 *
 * @param period for which windows are looked at: from the decision until nothing made of it is used any more
 */
export function grantsFor(caller: Caller, { routes, merge }: Pick<Config, "routes" | "merge">, period: Interval) {
  const grants = routes.flatMap((rule): Grant[] => {
    const found =
      rule.effect === "deny" ? denied(rule, caller.principals, merge) : allowed(rule, caller.principals, merge);
    if (!found || (found.length === 0 && !rule.fields)) return [];
    return [
      withoutUndefined({
        rule: rule.name,
        effect: rule.effect,
        routes: found,
        fields: rule.fields,
        addresses: rule.addresses,
        intervals: rule.windows && openIntervals(rule.windows, period),
      }),
    ];
  });
  return withSpellings(grants);
}

/** The routes that an allowing rule opens; undefined if it does not apply. */
function allowed(
  rule: RouteRule,
  principals: readonly Principal[],
  merge: Config["merge"],
): RoutePattern[] | undefined {
  const parties = partiesFor(rule, principals, merge);
  if (parties.length === 0) return undefined;
  const paths = (rule.paths ?? []).flatMap((path) => parties.flatMap((party: Party) => fillPath(path, party) ?? []));
  return routesOf(rule, paths);
}

/** The routes that a denying rule closes; undefined if it does not apply. */
function denied(rule: RouteRule, principals: readonly Principal[], merge: Config["merge"]): RoutePattern[] | undefined {
  if (!isDenied(rule, principals, merge)) return undefined;
  return routesOf(
    rule,
    (rule.paths ?? []).flatMap((path) => fillDeniedPath(path, principals)),
  );
}

// A `*` in place of the method would cross the slash behind it, and GET /secret/orders be covered by a rule for /orders.
function routesOf({ methods, webSocket, encodedPaths }: RouteRule, paths: readonly string[]): RoutePattern[] {
  const all = methods === "ANY" ? METHODS : (methods ?? []);
  const any = methods === "ANY" && { any: true as const };
  const encoded = encodedPaths && { encoded: true as const };
  const routes: RoutePattern[] = [...new Set(paths)].flatMap((path) =>
    (any && path === "/*" ? ["*"] : all).map((method) => ({ method, path, ...any, ...encoded })),
  );
  return webSocket ? [...routes, { method: CONNECT, path: "" }] : routes;
}

/**
 * The addresses that the whole policy is bound to: those every credential allows and, where binding is on and the address is
 * known, the caller's own. Undefined: any. Empty: none.
 */
export function boundAddresses(
  caller: Caller,
  source: RequestSource,
  { bindAddress }: PolicyConfig,
): readonly string[] | undefined {
  const own = bindAddress && source.address !== undefined ? [source.address] : undefined;
  if (!own) return caller.addresses && intersectRanges(caller.addresses, caller.addresses);
  return intersectRanges(caller.addresses ?? own, own);
}

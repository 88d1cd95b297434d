import { intersectRanges } from "../address/address-range.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Caller } from "../caller/caller.ts";
import { METHODS, type RouteRule } from "../config/routes.ts";
import type { Config, PolicyConfig } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import type { RequestSource } from "../request/authorization-request.ts";
import { CONNECT } from "../resource/arn.ts";
import type { Interval } from "../time/interval.ts";
import { fillDeniedPath, fillPath } from "./fill-path.ts";
import type { Grant, RoutePattern } from "./grant.ts";
import { isDenied, partiesFor } from "./requirements.ts";
import { candidateRules } from "./rule-index.ts";
import { withSpellings } from "./spellings.ts";
import { openIntervals } from "./time-window.ts";

type Rules = Pick<Config, "routes" | "merge">;

/** A rule that applies, and the caller's own paths of it. */
interface Applied {
  readonly rule: RouteRule;
  readonly paths: readonly string[];
}

/** Sets of grants that are kept for each configuration: callers with the same rules and values share one. */
const MAX_KEPT = 256;

const kept = new WeakMap<Config["routes"], BoundedMap<string, readonly Grant[]>>();

/**
 * The rules that apply to a caller, in the order of the configuration. Where none of them has a window, callers with the same rules and
 * values get the same list, so that what is made of it can be kept with it.
 *
 * @param period for which windows are looked at: from the decision until nothing made of it is used any more
 */
export function grantsFor(caller: Caller, config: Rules, period: Interval): readonly Grant[] {
  const applied = appliedRules(caller.principals, config);
  const signature = applied.map(({ rule, paths }) => `${rule.name} ${paths.join(" ")}`).join("\n");
  const grants = keptOrMade(config, signature, applied);
  if (applied.every(({ rule }) => !rule.windows)) return grants;
  return grants.map((grant, index) => {
    const windows = applied[index]?.rule.windows;
    return windows ? { ...grant, intervals: openIntervals(windows, period) } : grant;
  });
}

function appliedRules(principals: readonly Principal[], { routes, merge }: Rules): Applied[] {
  const applied: Applied[] = [];
  for (const rule of candidateRules(routes, principals)) {
    const paths = rule.effect === "deny" ? deniedPaths(rule, principals, merge) : allowedPaths(rule, principals, merge);
    if (paths && (paths.length > 0 || rule.webSocket || rule.fields)) applied.push({ rule, paths });
  }
  return applied;
}

function keptOrMade({ routes }: Rules, signature: string, applied: readonly Applied[]): readonly Grant[] {
  let sets = kept.get(routes);
  if (!sets) {
    sets = new BoundedMap(MAX_KEPT);
    kept.set(routes, sets);
  }
  let grants = sets.get(signature);
  if (!grants) {
    grants = withSpellings(applied.map(grantOf));
    sets.set(signature, grants);
  }
  return grants;
}

function grantOf({ rule, paths }: Applied): Grant {
  const { name, effect, fields, addresses } = rule;
  const routes = routesOf(rule, paths);
  return { rule: name, effect, routes, ...(fields && { fields }), ...(addresses && { addresses }) };
}

/** The paths that an allowing rule opens; undefined if it does not apply. */
function allowedPaths(rule: RouteRule, principals: readonly Principal[], merge: Config["merge"]) {
  const parties = partiesFor(rule, principals, merge);
  if (parties.length === 0) return undefined;
  const paths = rule.paths ?? [];
  if (!paths.some(hasPlaceholder)) return paths;
  return [...new Set(paths.flatMap((path) => parties.flatMap((party) => fillPath(path, party) ?? [])))];
}

/** The paths that a denying rule closes; undefined if it does not apply. */
function deniedPaths(rule: RouteRule, principals: readonly Principal[], merge: Config["merge"]) {
  if (!isDenied(rule, principals, merge)) return undefined;
  const paths = rule.paths ?? [];
  if (!paths.some(hasPlaceholder)) return paths;
  return [...new Set(paths.flatMap((path) => fillDeniedPath(path, principals)))];
}

const hasPlaceholder = (path: string) => path.includes("{");

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

import { intersectRanges } from "../address/address-range.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Caller } from "../caller/caller.ts";
import { METHODS, type RouteRule } from "../config/routes.ts";
import type { Config, PolicyConfig } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import type { RequestSource } from "../request/authorization-request.ts";
import { CONNECT } from "../resource/arn.ts";
import type { Interval } from "../time/interval.ts";
import type { Grant, RoutePattern } from "./grant.ts";
import { type Matched, matchedRules } from "./matched-rules.ts";
import { withSpellings } from "./spellings.ts";
import { openIntervals } from "./time-window.ts";

type Rules = Pick<Config, "routes" | "merge">;

interface Applied extends Matched {
  /** When it is open, where that is neither all the time nor never. */
  readonly intervals?: readonly Interval[];
  readonly state: "open" | "closed" | "changing";
}

/** Sets of grants that are kept for each configuration: callers with the same rules and values share one. */
const MAX_KEPT = 256;

const kept = new WeakMap<Config["routes"], BoundedMap<string, readonly Grant[]>>();

/**
 * The rules that apply to a caller, in the order of the configuration. Where no window opens or closes within the
 * period, callers with the same rules and values get the same list, so that what is made of it can be kept with it.
 *
 * @param period for which windows are looked at: from the decision until nothing made of it is used any more
 * @param stage of the request; absent for an API without stages, which no rule with stages is for
 */
export function grantsFor(caller: Caller, config: Rules, period: Interval, stage?: string): readonly Grant[] {
  const applied = appliedRules(caller.principals, config, period).filter(({ rule }) => isForStage(rule, stage));
  let signature = "";
  for (const { rule, paths, state } of applied) signature += `${rule.name} ${state} ${paths.join(" ")}\n`;
  const grants = keptOrMade(config, signature, applied);
  if (applied.every(({ state }) => state !== "changing")) return grants;
  return grants.map((grant, index) => {
    const intervals = applied[index]?.intervals;
    return intervals ? { ...grant, intervals } : grant;
  });
}

function appliedRules(principals: readonly Principal[], rules: Rules, period: Interval): Applied[] {
  return matchedRules(principals, rules).map((matched) => ({ ...matched, ...openness(matched, period) }));
}

/** Whether a rule is for a stage. A policy is for the stage of its request alone. */
export const isForStage = ({ stages }: RouteRule, stage: string | undefined): boolean =>
  !stages || (stage !== undefined && stages.includes(stage));

function openness({ rule: { windows }, until }: Matched, period: Interval): Pick<Applied, "state" | "intervals"> {
  if (!windows && until === undefined) return { state: "open" };
  const life = { start: period.start, end: Math.min(period.end, until ?? period.end) };
  const intervals = life.end <= life.start ? [] : windows ? openIntervals(windows, life) : [life];
  const [first] = intervals;
  if (!first) return { state: "closed" };
  const isOpen = first.start <= period.start && first.end >= period.end;
  return isOpen ? { state: "open" } : { state: "changing", intervals };
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

export function grantOf({ rule, paths, state }: Applied): Grant {
  const { name, effect, fields, addresses, vpcEndpoints } = rule;
  const routes = routesOf(rule, paths);
  const intervals = state === "closed" && { intervals: [] };
  const limits = { ...(addresses && { addresses }), ...(vpcEndpoints && { vpcEndpoints: [...new Set(vpcEndpoints)] }) };
  return { rule: name, effect, routes, ...(fields && { fields }), ...limits, ...intervals };
}

// A `*` in place of the method would cross the slash behind it, and GET /secret/orders be covered by a rule for
// /orders.
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
 * The addresses that the whole policy is bound to: those every credential allows and, where binding is on and the
 * address is known, the caller's own. Undefined: any. Empty: none.
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

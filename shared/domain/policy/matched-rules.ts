import { BoundedMap } from "../bounded-map.ts";
import type { RouteRule } from "../config/routes.ts";
import type { Config } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import { fillDeniedPath, fillPath } from "./fill-path.ts";
import { isDenied, partiesFor } from "./requirements.ts";
import { candidateRules } from "./rule-index.ts";

type Rules = Pick<Config, "routes" | "merge">;

/** A rule that applies, and the caller's own paths of it. */
export interface Matched {
  readonly rule: RouteRule;
  readonly paths: readonly string[];
}

/** Callers whose rules are kept for each configuration, and characters of what is known of one at most. */
const MAX_KEPT = 256;
const MAX_LENGTH = 2048;

type Kept = BoundedMap<string, readonly Matched[]>;
const kept = new WeakMap<Rules["routes"], Kept>();

/**
 * The rules that apply to the principals of a request, in the order of the configuration, whenever they are open.
 * Principals of whom the same is known have the same rules: those of the last callers are kept.
 */
export function matchedRules(principals: readonly Principal[], rules: Rules): readonly Matched[] {
  const known = rules.merge.scopes + JSON.stringify(principals.map(lasting));
  if (known.length > MAX_LENGTH) return matchRules(principals, rules);
  const callers = callersOf(rules.routes);
  let matched = callers.get(known);
  if (!matched) {
    matched = matchRules(principals, rules);
    callers.set(known, matched);
  }
  return matched;
}

function callersOf(routes: Rules["routes"]): Kept {
  let callers = kept.get(routes);
  if (!callers) {
    callers = new BoundedMap(MAX_KEPT);
    kept.set(routes, callers);
  }
  return callers;
}

/** What every credential of a principal says alike. No rule asks for the rest, which differs between credentials. */
function lasting({ issuedAt: _, expiresAt: __, usageIdentifierKey: ___, tokenId: ____, ...facts }: Principal) {
  return facts;
}

function matchRules(principals: readonly Principal[], { routes, merge }: Rules): Matched[] {
  const matched: Matched[] = [];
  for (const rule of candidateRules(routes, principals)) {
    const paths = rule.effect === "deny" ? deniedPaths(rule, principals, merge) : allowedPaths(rule, principals, merge);
    if (paths && (paths.length > 0 || rule.webSocket || rule.fields)) matched.push({ rule, paths });
  }
  return matched;
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

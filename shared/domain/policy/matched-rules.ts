import { BoundedMap } from "../bounded-map.ts";
import type { RouteRule } from "../config/routes.ts";
import type { Config } from "../config/schema.ts";
import type { Principal } from "../principal/principal.ts";
import { authenticationEnd } from "./authentication.ts";
import { fillDeniedPath, fillPath } from "./fill-path.ts";
import { isDenied, type Party, partiesFor } from "./requirements.ts";
import { candidateRules } from "./rule-index.ts";

type Rules = Pick<Config, "routes" | "merge">;

/** A rule that applies, and the caller's own paths of it. */
export interface Matched {
  readonly rule: RouteRule;
  readonly paths: readonly string[];
  /** Seconds since the epoch: the instant from which it no longer applies. Absent: it does not end by itself. */
  readonly until?: number;
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
function lasting({ issuedAt: _, expiresAt: __, usageIdentifierKey: ___, tokenId: ____, ...more }: Principal) {
  const { dpopNonce: _____, ...facts } = more;
  return facts;
}

function matchRules(principals: readonly Principal[], { routes, merge }: Rules): Matched[] {
  const matched: Matched[] = [];
  for (const rule of candidateRules(routes, principals)) {
    if (rule.effect === "allow") matched.push(...openedBy(rule, partiesFor(rule, principals, merge)));
    else {
      const paths = deniedPaths(rule, principals, merge);
      if (paths && says(rule, paths)) matched.push({ rule, paths });
    }
  }
  return matched;
}

/** Whether there is anything that a rule is for. */
const says = (rule: RouteRule, paths: readonly string[]) => paths.length > 0 || rule.webSocket || rule.fields;

/**
 * What an allowing rule opens: once for all parties that meet it, or, if it ends with how long ago they signed in, once
 * for each of these instants, with the paths that end then.
 */
function openedBy(rule: RouteRule, parties: readonly Party[]): Matched[] {
  const byEnd = Map.groupBy(parties, (party) => authenticationEnd(rule, party));
  return [...byEnd].flatMap(([until, ending]) => {
    const paths = allowedPaths(rule, ending);
    return says(rule, paths) ? [{ rule, paths, ...(until !== undefined && { until }) }] : [];
  });
}

/** The paths that an allowing rule opens for some parties. */
function allowedPaths({ paths = [] }: RouteRule, parties: readonly Party[]): readonly string[] {
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

import { isInRanges } from "../../../shared/domain/address/address-range.ts";
import type { RouteRule } from "../../../shared/domain/config/routes.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { isOnRoute } from "../../../shared/domain/policy/covers-request.ts";
import type { Grant } from "../../../shared/domain/policy/grant.ts";
import { isForStage } from "../../../shared/domain/policy/grants.ts";
import { matchedRules } from "../../../shared/domain/policy/matched-rules.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import { quoted } from "../shown-value.ts";
import type { Obstacle } from "./obstacle.ts";
import { type Opening, openingOf } from "./opening.ts";
import { oneOf } from "./requirement.ts";
import { unfilledBy } from "./unfilled.ts";
import { unmetBy } from "./unmet.ts";

/** What a rule of the configuration means for this request. */
export interface ExplainedRule {
  readonly rule: string;
  readonly effect: RouteRule["effect"];
  /** Whether the rule applies to the caller, whatever the route, the time and the address. */
  readonly applies: boolean;
  /** Why it does not apply. If it applies: the paths of it that are left out. */
  readonly obstacles: readonly Obstacle[];
  /** Methods and paths of the rule, with the caller's values if it applies, else as they are written. */
  readonly routes: readonly string[];
  readonly fields: readonly string[];
  /** Whether it is for the requested route; for AppSync, whether it has fields. Absent if it does not apply. */
  readonly forRoute?: boolean;
  /** Absent if the rule has no windows. */
  readonly opening?: Opening;
  /** Absent if the rule holds for any address. */
  readonly addresses?: RuleAddresses;
  /** Absent if the rule holds through any VPC endpoint, and none. The caller is the endpoint of the request. */
  readonly vpcEndpoints?: RuleAddresses;
}

export interface RuleAddresses {
  readonly holdsFor: readonly string[];
  /** The caller's address. Absent if the event does not say it. */
  readonly caller?: string;
  /** Absent if the caller's address is not known, and the policy has the condition instead. */
  readonly isWithin?: boolean;
}

/**
 * Says of each rule of the configuration whether it applies, and why or why not.
 *
 * @param grants of the decision, by which a rule's routes are known
 */
export function explainRules(
  principals: readonly Principal[],
  { routes, merge }: Pick<Config, "routes" | "merge">,
  grants: readonly Grant[],
  request: AuthorizationRequest,
): ExplainedRule[] {
  const { resource } = request;
  const stage = "graphqlApi" in resource ? undefined : resource.stage;
  const matched = Map.groupBy(
    matchedRules(principals, { routes, merge }).filter(({ rule }) => isForStage(rule, stage)),
    ({ rule }) => rule,
  );
  return routes.map((rule) => {
    const found = matched.get(rule);
    const applies = found !== undefined;
    const own = applies ? grants.filter((each) => each.rule === rule.name) : [];
    const [first] = own;
    const grant = first && { ...first, routes: own.flatMap((each) => each.routes) };
    const ends = (found ?? []).flatMap(({ until }) => until ?? []);
    const opening = openingOf(rule, request.time, ends.length > 0 ? Math.max(...ends) : undefined);
    return {
      rule: rule.name,
      effect: rule.effect,
      applies,
      obstacles: [...stageObstacle(rule, stage), ...obstaclesOf(rule, principals, merge)],
      routes: grant ? grantedRoutes(withAny(grant)) : writtenRoutes(rule),
      fields: rule.fields ?? [],
      ...(grant && {
        forRoute: "graphqlApi" in resource ? rule.fields !== undefined : isOnRoute(grant, { ...request, resource }),
      }),
      ...(opening && { opening }),
      ...(rule.addresses && { addresses: addressesOf(rule, rule.addresses, request) }),
      ...(rule.vpcEndpoints && { vpcEndpoints: endpointsOf(rule, rule.vpcEndpoints, request) }),
    };
  });
}

function stageObstacle(rule: RouteRule, stage: string | undefined): Obstacle[] {
  if (isForStage(rule, stage)) return [];
  const found = stage === undefined ? "an AppSync API has none" : `the request is for ${quoted(stage)}`;
  return [{ option: "stages", text: `is for ${oneOf(rule.stages ?? [], "stage")}; ${found}` }];
}

/** As for addresses. An event without the caller's address does not say the endpoint either. */
function endpointsOf(
  { effect }: RouteRule,
  holdsFor: readonly string[],
  { resource, source, simple }: AuthorizationRequest,
): RuleAddresses {
  const { address, vpcEndpoint: caller } = source;
  const isFields = "graphqlApi" in resource;
  const isUnknown = caller === undefined && address === undefined;
  if (effect === "allow" && (isFields || (simple === true && isUnknown))) return { holdsFor, isWithin: false };
  if (isUnknown || isFields) return { holdsFor };
  return {
    holdsFor,
    ...(caller !== undefined && { caller }),
    isWithin: caller !== undefined && holdsFor.includes(caller),
  };
}

/** Why a rule does not apply to the principals; of a rule that applies, the paths that it leaves out. */
export function obstaclesOf(rule: RouteRule, principals: readonly Principal[], merge: Config["merge"]): Obstacle[] {
  const unmet = unmetBy(rule, principals, merge);
  return unmet.length > 0 ? unmet : unfilledBy(rule, principals, merge);
}

/**
 * An answer without conditions cannot be limited to addresses: an allowing rule then holds for a known address only,
 * and for AppSync for none.
 */
function addressesOf(
  { effect }: RouteRule,
  holdsFor: readonly string[],
  { resource, source, simple }: AuthorizationRequest,
): RuleAddresses {
  const { address: caller } = source;
  const isFields = "graphqlApi" in resource;
  const isLost = effect === "allow" && (isFields || (simple === true && caller === undefined));
  if (isLost) return { holdsFor, isWithin: false };
  if (caller === undefined || isFields) return { holdsFor };
  return { holdsFor, caller, isWithin: isInRanges(caller, holdsFor) };
}

export const grantedRoutes = ({ routes }: Pick<Grant, "routes">): string[] =>
  routes.map(({ method, path }) => `${method} ${path}`.trim());

/** One route for every method. */
function withAny({ routes }: Grant): Pick<Grant, "routes"> {
  const named = routes.map(
    ({ any, method, path }) => [`${any ? "ANY" : method} ${path}`, { method: any ? "ANY" : method, path }] as const,
  );
  return { routes: [...new Map(named).values()] };
}

function writtenRoutes({ methods = [], paths = [], webSocket }: RouteRule): string[] {
  const each = methods === "ANY" ? ["ANY"] : methods;
  return [...paths.flatMap((path) => each.map((method) => `${method} ${path}`)), ...(webSocket ? ["$connect"] : [])];
}

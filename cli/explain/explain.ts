import { kindOf } from "../../functions/authorizer/api-kinds/kind-of.ts";
import { authorize } from "../../functions/authorizer/authorize.ts";
import type { Api } from "../../local/gateway/api.ts";
import type { Finding } from "../../providers/chain.ts";
import { contextOf } from "../../shared/domain/caller/context.ts";
import type { CacheSettings } from "../../shared/domain/config/cache.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Decision } from "../../shared/domain/decision.ts";
import { objectOf } from "../../shared/domain/object/unknown-object.ts";
import { DENIALS, REJECTIONS, TROUBLES } from "../../shared/domain/reasons/reasons.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { explainCredentials } from "./credentials.ts";
import type { ExplainedEntitlements, ExplainedPrincipal, Explanation } from "./explanation.ts";
import { REHEARSED, type Rehearsal } from "./rehearse/rehearsal.ts";
import { decisionExpectations } from "./rejections/of-decision.ts";
import { expectationsOf } from "./rejections/of-finding.ts";
import { explainRoutes } from "./routes.ts";
import { explainRules, grantedRoutes } from "./rules/explain-rules.ts";
import { watchedEntitlements } from "./watched-entitlements.ts";
import { watchedProviders } from "./watched-providers.ts";

/** What is explained, and with what. */
export interface Question {
  /** An authorizer's event. */
  readonly event: unknown;
  readonly config: Config;
  /** APIs of the template, whose routes are listed. */
  readonly apis: readonly Api[];
  /** Current time in seconds since the epoch. */
  readonly time: number;
  /** How API Gateway caches the function's answers. */
  readonly cache: CacheSettings;
  /** Claims in place of the event's credentials. */
  readonly rehearsal?: Rehearsal;
}

/**
 * Runs an event through the authorizer and returns the result of each step, why each rule applies or not, what was
 * expected of each rejected credential, and the policy's effect on every route.
 *
 * @throws {TroubleError} `event_not_supported`
 */
export async function explain({ event, config, apis, time, cache, rehearsal }: Question): Promise<Explanation> {
  const kind = kindOf(event);
  const read = kind.read(objectOf(event), time, config, cache);
  const request = rehearsal ? { ...read, credentials: [REHEARSED] } : read;
  const watched = watchedProviders(config);
  const providers = rehearsal ? [rehearsal.provider] : watched.providers;
  const entitlements = watchedEntitlements(config);
  const authorizer = { config, providers, entitlements: entitlements.step };
  const trace = await authorize(request, authorizer, AbortSignal.timeout(10_000));
  const { decision, findings } = trace;
  const principals = findings.flatMap(({ verdict }) => ("principal" in verdict ? verdict.principal : []));
  const caller = "caller" in decision ? decision.caller : undefined;
  const grants = "grants" in decision ? decision.grants : [];
  const policy = "policy" in decision ? decision.policy : undefined;
  const { resource, source } = request;
  return {
    api: kind.name,
    time,
    ...(!("graphqlApi" in resource) && { route: { method: resource.method, path: resource.path } }),
    ...(source.address !== undefined && { address: source.address }),
    cachedBy: cachedBy(request),
    credentials: await explainCredentials(trace, rehearsal, async (finding) =>
      rehearsal && finding.verdict.status === "rejected" && !entitlements.principalOf(finding.credential)
        ? rehearsal.expectationsOf(finding.verdict.reason, request)
        : expectationsOf(finding, config, request, watched, entitlements),
    ),
    outcome: decision.outcome,
    ...reasonOf(decision),
    expectations: decisionExpectations(trace, principals, request, config),
    ...(caller && { caller: contextOf(caller), hasUsageIdentifierKey: caller.usageIdentifierKey !== undefined }),
    principals: findings.flatMap(principalOf),
    rules: caller ? explainRules(principals, config, grants, request) : [],
    grants: grants.map(({ rule, effect, routes, fields = [] }) => ({
      ...{ rule, effect, fields },
      routes: grantedRoutes({ routes }),
    })),
    ...(policy && { policy }),
    ...("fields" in decision && decision.fields && { deniedFields: decision.fields.denied }),
    routes: explainRoutes(policy, apis, kind.name, request, caller),
  };
}

function reasonOf(decision: Decision): Pick<Explanation, "reason" | "meaning"> {
  if (!("reason" in decision)) return {};
  return { reason: decision.reason, meaning: { ...REJECTIONS, ...DENIALS, ...TROUBLES }[decision.reason] };
}

function principalOf({ verdict, entitled }: Finding): ExplainedPrincipal[] {
  if (!("principal" in verdict)) return [];
  const { usageIdentifierKey, ...facts } = verdict.principal;
  const { readAt: _, ...entitlements } = entitled ?? {};
  return [
    {
      ...facts,
      hasUsageIdentifierKey: usageIdentifierKey !== undefined,
      ...(entitled && { entitled: entitlements as ExplainedEntitlements }),
    },
  ];
}

/** Describes the cache key by names only: its values contain credentials. */
function cachedBy({ cache, resource }: AuthorizationRequest): string {
  if (!cache) return "nothing";
  if ("graphqlApi" in resource) return "the token";
  const named = cache.headers ? [`the headers that the function names: ${cache.headers.join(", ")}`] : [];
  return [...named, ...(cache.values === undefined ? [] : ["the identity sources of the event"])].join(", and ");
}

import { evaluate } from "../../../iam/evaluate.ts";
import { stageArn } from "../../events/arn.ts";
import type { Authorizer, HttpApi } from "../api.ts";
import { type AuthorizerCache, cacheKey } from "../authorizer-cache.ts";
import { checkOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import { identityValues, missingSources } from "../identity-source.ts";
import type { Invoker } from "../invoker.ts";
import type { KeySets } from "../jwt/key-sets.ts";
import { endOf, isUnauthorized, NOT_IN_POLICY, OUTPUT_REFUSED } from "../refusal.ts";
import type { GatewayRequest } from "../request.ts";
import type { MatchedRoute } from "../route-match.ts";
import type { GatewaySettings } from "../settings.ts";
import { type Decision, decisionIn, type Trail } from "../trail.ts";
import { authorizerEvent1 } from "./event-1.ts";
import { authorizerEvent2, type Event2, event2, routeArn } from "./event-2.ts";

/**
 * An HTTP API authorizer's output: a policy, which is evaluated for each request, or a simple response for all
 * requests.
 */
export type HttpOutput =
  | { readonly policy: unknown; readonly context: Readonly<Record<string, unknown>>; readonly principalId: string }
  | { readonly isAuthorized: boolean; readonly context: Readonly<Record<string, unknown>> };

/** An authorizer's output in the cache, and what the authorizer told of its decision. */
export interface KnownHttpOutput {
  readonly output: HttpOutput;
  readonly decision: Decision;
}

/** What the gateway needs besides the request. */
export interface HttpParts {
  readonly functions: Invoker;
  readonly cache: AuthorizerCache<KnownHttpOutput>;
  readonly keySets: KeySets;
  readonly settings: GatewaySettings;
  readonly trail: Trail;
}

/**
 * Asks an HTTP API's authorizer: identity sources first, then the cache, then the function. Configured sources
 * must be in the request, with or without a cache.
 */
export async function askHttpAuthorizer(
  name: string,
  authorizer: Authorizer,
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  { functions, cache, settings, trail }: HttpParts,
): Promise<HttpOutput | "unauthorized" | "failed"> {
  const event = event2(api, request, matched);
  const values = identityValues(authorizer.sources, request, api.stageVariables, variablesOf(event));
  if (!values) {
    trail.ends("unauthenticated", missingSources(authorizer.sources, request, api.stageVariables, variablesOf(event)));
    return "unauthorized";
  }
  const key = cacheKey(stageArn(api), name, values);
  const known = authorizer.ttl > 0 ? cache.get(key, request.time) : undefined;
  if (known) {
    trail.decidedBy("cache", known.decision);
    return known.output;
  }
  const { result, error, log } = await functions.invoke(
    authorizer.function,
    authorizer.payload === "1.0"
      ? authorizerEvent1(api, request, matched, values)
      : authorizerEvent2(api, request, event, values),
  );
  const decision = decisionIn(log);
  trail.decidedBy("function", decision);
  if (error !== undefined) {
    const isRefusal = isUnauthorized(error, settings);
    trail.ends(...endOf(decision, isRefusal));
    return isRefusal ? "unauthorized" : "failed";
  }
  const output = outputOf(result, authorizer.simple === true, settings);
  if (output) cache.set(key, { output, decision }, authorizer.ttl, request.time);
  else trail.ends("error", OUTPUT_REFUSED);
  return output ?? "failed";
}

/** Reads an authorizer's result. Undefined if it does not have the configured form. */
function outputOf(result: unknown, simple: boolean, { resultLimit }: GatewaySettings): HttpOutput | undefined {
  const { isAuthorized, context } = Object(result) as { isAuthorized?: unknown; context?: unknown };
  if (simple) {
    return typeof isAuthorized === "boolean"
      ? { isAuthorized, context: Object(context ?? {}) as Record<string, unknown> }
      : undefined;
  }
  try {
    // Unlike the context of a REST API, this one may contain lists and maps. All else is checked as for a REST API.
    const checked = checkOutput({ ...Object(result), context: {} }, resultLimit);
    const whole = Object(context ?? {}) as Record<string, unknown>;
    return { policy: checked.policyDocument, principalId: checked.principalId, context: whole };
  } catch {
    return undefined;
  }
}

/** Whether a route may be called, by the output's policy or its simple response. */
export function isAllowed(output: HttpOutput, api: HttpApi, request: GatewayRequest, trail: Trail): boolean {
  const isAllowing =
    "isAuthorized" in output
      ? output.isAuthorized
      : evaluate(output.policy, { resource: routeArn(api, request), context: conditionKeys(request) }).effect ===
        "allow";
  if (isAllowing) trail.ends("allow");
  else trail.ends("deny", "isAuthorized" in output ? undefined : NOT_IN_POLICY);
  return isAllowing;
}

/** The variables of `$context`, by their path. */
function variablesOf({ requestContext, routeKey }: Event2): Record<string, string> {
  const { http, authentication: _, ...rest } = requestContext;
  const named = Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]);
  return {
    ...Object.fromEntries(named),
    routeKey,
    httpMethod: http.method,
    path: http.path,
    "identity.sourceIp": http.sourceIp,
    "identity.userAgent": http.userAgent,
  };
}

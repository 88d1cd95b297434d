import { stageArn } from "../../events/arn.ts";
import type { Authorizer, RestApi } from "../api.ts";
import { type AuthorizerCache, cacheKey } from "../authorizer-cache.ts";
import { type AuthorizerOutput, checkOutput, OutputError } from "../authorizer-output.ts";
import { type ContextVariables, identityValues, missingSources } from "../identity-source.ts";
import type { Invoker } from "../invoker.ts";
import type { KeySets } from "../jwt/key-sets.ts";
import { endOf, isUnauthorized, OUTPUT_REFUSED } from "../refusal.ts";
import { type GatewayRequest, valuesOf } from "../request.ts";
import type { GatewaySettings } from "../settings.ts";
import { type Decision, decisionIn, type Trail } from "../trail.ts";
import { type CommonEvent, methodArn } from "./event.ts";
import type { Failure } from "./failure.ts";

/** What the gateway needs besides the request. */
export interface RestParts {
  readonly functions: Invoker;
  readonly cache: AuthorizerCache<KnownOutput>;
  readonly keySets: KeySets;
  readonly settings: GatewaySettings;
  readonly trail: Trail;
}

/** An authorizer's output in the cache, and what the authorizer told of its decision. */
export interface KnownOutput {
  readonly output: AuthorizerOutput;
  readonly decision: Decision;
}

/** An authorizer's output for a request, or the reason why there is none. */
export type AuthorizerAnswer = { readonly output: AuthorizerOutput } | { readonly failure: Failure };

const UNAUTHORIZED: Failure = { type: "UNAUTHORIZED", message: "Unauthorized" };

/**
 * Asks a REST API's authorizer (API Gateway developer guide, "Use API Gateway Lambda authorizers"): identity sources
 * first, then the cache, then the function. A TOKEN authorizer's header is always required; a REQUEST authorizer's
 * sources only with a cache.
 */
export async function askRestAuthorizer(
  name: string,
  authorizer: Authorizer,
  api: RestApi,
  request: GatewayRequest,
  common: CommonEvent,
  { functions, cache, settings, trail }: RestParts,
): Promise<AuthorizerAnswer> {
  const { type, sources, ttl } = authorizer;
  const context = contextVariables(common);
  const values = identityValues(sources, request, api.stageVariables, context);
  if (!values && (type === "TOKEN" || ttl > 0)) {
    trail.ends("unauthenticated", missingSources(sources, request, api.stageVariables, context));
    return { failure: UNAUTHORIZED };
  }
  const [source] = sources;
  const token = type === "TOKEN" && source ? (valuesOf(request.headers, source.name).at(-1) ?? "") : undefined;
  if (token !== undefined && !matches(authorizer.validation, token, settings)) {
    trail.ends("unauthenticated", "the token is not of the authorizer's form");
    return { failure: UNAUTHORIZED };
  }

  const key = cacheKey(stageArn(api), name, values ?? []);
  const known = ttl > 0 ? cache.get(key, request.time) : undefined;
  if (known) {
    trail.decidedBy("cache", known.decision);
    return { output: known.output };
  }

  const arn = methodArn(api, request);
  const event =
    token === undefined
      ? { type: "REQUEST", methodArn: arn, ...common }
      : { type: "TOKEN", authorizationToken: token, methodArn: arn };
  const { result, error, log } = await functions.invoke(authorizer.function, event);
  const decision = decisionIn(log);
  trail.decidedBy("function", decision);
  const failed: Failure = { type: settings.authorizerError, message: null };
  if (error !== undefined) {
    const isRefusal = isUnauthorized(error, settings);
    trail.ends(...endOf(decision, isRefusal));
    return { failure: isRefusal ? UNAUTHORIZED : failed };
  }
  try {
    const output = checkOutput(result, settings.resultLimit);
    cache.set(key, { output, decision }, ttl, request.time);
    return { output };
  } catch (problem) {
    if (!(problem instanceof OutputError)) throw problem;
    trail.ends("error", OUTPUT_REFUSED);
    return { failure: failed };
  }
}

function matches(expression: string | undefined, token: string, { validationExpression }: GatewaySettings): boolean {
  if (expression === undefined) return true;
  return new RegExp(validationExpression === "full" ? `^(?:${expression})$` : expression).test(token);
}

/** The variables of `$context` for a request, by their path: `identity.sourceIp`. */
export function contextVariables({ requestContext }: CommonEvent): ContextVariables {
  const { identity, ...rest } = requestContext;
  const entries = [
    ...Object.entries(rest),
    ...Object.entries(identity).map(([name, value]) => [`identity.${name}`, value] as const),
  ];
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === null || value === undefined || typeof value === "object" ? [] : [[name, String(value)]],
    ),
  );
}

import type { Evaluation } from "../../../iam/evaluate.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { type Authorizer, type RestApi, stageArn } from "../api.ts";
import { type AuthorizerCache, cacheKey } from "../authorizer-cache.ts";
import { type AuthorizerOutput, checkOutput, OutputError } from "../authorizer-output.ts";
import type { Invoker } from "../functions.ts";
import { type ContextVariables, identityValues } from "../identity-source.ts";
import { isUnauthorized } from "../refusal.ts";
import { type GatewayRequest, valuesOf } from "../request.ts";
import type { GatewaySettings } from "../settings.ts";
import { type CommonEvent, methodArn } from "./event.ts";
import type { Failure } from "./failure.ts";

/** What the gateway needs beside the request. */
export interface Parts {
  readonly functions: Invoker;
  readonly cache: AuthorizerCache<AuthorizerOutput>;
  readonly settings: GatewaySettings;
}

/** An authorizer's output for a request, from the cache or fresh; or why there is none. */
export type AuthorizerAnswer =
  | { readonly output: AuthorizerOutput; readonly cached: boolean }
  | { readonly failure: Failure };

const UNAUTHORIZED: Failure = { type: "UNAUTHORIZED", message: "Unauthorized" };

/**
 * Asks a REST API's authorizer (API Gateway developer guide, "Use API Gateway Lambda authorizers"): identity sources first, then the cache, then the function. A TOKEN authorizer's
 * header must always be there; a REQUEST authorizer's sources only where its cache is on.
 */
export async function askAuthorizer(
  name: string,
  authorizer: Authorizer,
  api: RestApi,
  request: GatewayRequest,
  common: CommonEvent,
  { functions, cache, settings }: Parts,
): Promise<AuthorizerAnswer> {
  const { type, sources, ttl } = authorizer;
  const values = identityValues(sources, request, api.stageVariables, contextVariables(common));
  if (!values && (type === "TOKEN" || ttl > 0)) return { failure: UNAUTHORIZED };
  const [source] = sources;
  const token = type === "TOKEN" && source ? (valuesOf(request.headers, source.name).at(-1) ?? "") : undefined;
  if (token !== undefined && !matches(authorizer.validation, token, settings)) return { failure: UNAUTHORIZED };

  const key = cacheKey(stageArn(api), name, values ?? []);
  const known = ttl > 0 ? cache.get(key, request.time) : undefined;
  if (known) return { output: known, cached: true };

  const arn = methodArn(api, request);
  const event =
    token === undefined
      ? { type: "REQUEST", methodArn: arn, ...common }
      : { type: "TOKEN", authorizationToken: token, methodArn: arn };
  const { result, error } = await functions.invoke(authorizer.function, event);
  if (error !== undefined) {
    return {
      failure: isUnauthorized(error, settings) ? UNAUTHORIZED : { type: settings.authorizerError, message: null },
    };
  }
  try {
    const output = checkOutput(result, settings.resultLimit);
    cache.set(key, output, ttl, request.time);
    return { output, cached: false };
  } catch (problem) {
    if (!(problem instanceof OutputError)) throw problem;
    return { failure: { type: settings.authorizerError, message: null } };
  }
}

function matches(expression: string | undefined, token: string, { validationExpression }: GatewaySettings): boolean {
  if (expression === undefined) return true;
  return new RegExp(validationExpression === "full" ? `^(?:${expression})$` : expression).test(token);
}

/** The variables of `$context` that a request has, by their path. */
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

/** Condition keys of a request (API Gateway developer guide, "AWS condition keys that can be used in API Gateway resource policies"). */
export function conditionKeys(request: GatewayRequest): Record<string, string> {
  const agent = valuesOf(request.headers, "user-agent").at(-1);
  const referer = valuesOf(request.headers, "referer").at(-1);
  return {
    "aws:currenttime": new Date(request.time).toISOString(),
    "aws:epochtime": String(Math.floor(request.time / 1000)),
    "aws:securetransport": "true",
    "aws:sourceip": request.sourceIp,
    ...(agent !== undefined && { "aws:useragent": agent }),
    ...(referer !== undefined && { "aws:referer": referer }),
  };
}

/** What the authorizer's policy and a resource policy say together, where both are of one account (authorization flow, table A). */
export function combine(
  authorizer: Evaluation["effect"],
  resource: Evaluation["effect"] | undefined,
): Evaluation["effect"] {
  if (authorizer === "explicit-deny" || resource === "explicit-deny") return "explicit-deny";
  return authorizer === "allow" || resource === "allow" ? "allow" : "implicit-deny";
}

/** What a resource policy says of a request; undefined if there is none. */
export function evaluateResourcePolicy(api: RestApi, request: GatewayRequest): Evaluation | undefined {
  if (api.resourcePolicy === undefined) return undefined;
  return evaluate(
    api.resourcePolicy,
    { resource: methodArn(api, request), context: conditionKeys(request) },
    "resource",
  );
}

import { evaluate } from "../../../iam/evaluate.ts";
import { stageArn } from "../../events/arn.ts";
import { type Authorizer, apiId, type HttpApi, type RestApi } from "../api.ts";
import { type AuthorizerCache, cacheKey } from "../authorizer-cache.ts";
import { checkOutput } from "../authorizer-output.ts";
import { conditionKeys } from "../condition-keys.ts";
import type { Invoker } from "../functions.ts";
import { identityValues } from "../identity-source.ts";
import { isUnauthorized } from "../refusal.ts";
import { type ClientResponse, type GatewayRequest, MAX_BODY } from "../request.ts";
import { bodyText, commonEvent, isBinary, proxyEvent } from "../rest/event.ts";
import { type MatchedRoute, matchRoute } from "../route-match.ts";
import type { GatewaySettings } from "../settings.ts";
import { event2, routeArn } from "./event.ts";
import { integrationResponse } from "./response.ts";

/** An authorizer's answer as it is cached: a policy, which is evaluated for each route, or a yes or no for all of them. */
export type HttpOutput =
  | { readonly policy: unknown; readonly context: Readonly<Record<string, unknown>>; readonly principalId: string }
  | { readonly isAuthorized: boolean; readonly context: Readonly<Record<string, unknown>> };

export interface HttpParts {
  readonly functions: Invoker;
  readonly cache: AuthorizerCache<HttpOutput>;
  readonly settings: GatewaySettings;
}

/** Answers a request to an HTTP API (API Gateway developer guide, "Control access to HTTP APIs with Lambda authorizers"). */
export async function handleHttp(api: HttpApi, request: GatewayRequest, parts: HttpParts): Promise<ClientResponse> {
  const say = (status: number, message: string): ClientResponse => ({
    status,
    headers: [["Content-Type", "application/json"], ["apigw-requestid", request.extendedId], ...corsHeaders(api)],
    body: JSON.stringify({ message }),
  });
  // With CORS configured the API answers preflights itself, and nobody is asked.
  if (request.method === "OPTIONS" && api.cors) return { status: 204, headers: preflightHeaders(api), body: "" };
  const matched = matchRoute(api.routes, request.method, request.path);
  if (!matched) return say(404, "Not Found");
  const { route } = matched;
  let context: Readonly<Record<string, unknown>> | undefined;
  const authorizer = route.authorizer === undefined ? undefined : api.authorizers[route.authorizer];
  if (route.authorizer !== undefined && authorizer) {
    const answer = await ask(route.authorizer, authorizer, api, request, matched, parts);
    if (answer === "unauthorized") return say(401, "Unauthorized");
    if (answer === "failed") return say(500, "Internal Server Error");
    if (!isAllowed(answer, api, request)) {
      const status = parts.settings.httpApiDenial;
      return say(status, status === 403 ? "Forbidden" : "Unauthorized");
    }
    context = answer.context;
  }
  if (request.body.length > MAX_BODY) return say(413, "Request Entity Too Large");
  const { result, error } = await parts.functions.invoke(route.function, backendEvent(api, request, matched, context));
  const response = error === undefined ? integrationResponse(result, request, corsHeaders(api)) : undefined;
  return response ?? say(500, "Internal Server Error");
}

async function ask(
  name: string,
  authorizer: Authorizer,
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  { functions, cache, settings }: HttpParts,
): Promise<HttpOutput | "unauthorized" | "failed"> {
  const event = event2(api, request, matched);
  // Sources that are named must be there, whatever the time to live.
  const values = identityValues(authorizer.sources, request, api.stageVariables, variablesOf(event));
  if (!values) return "unauthorized";
  const key = cacheKey(stageArn(api), name, values);
  const known = authorizer.ttl > 0 ? cache.get(key, request.time) : undefined;
  if (known) return known;
  const { result, error } = await functions.invoke(
    authorizer.function,
    authorizer.payload === "1.0"
      ? authorizerEvent1(api, request, matched, values)
      : {
          ...event,
          type: "REQUEST",
          routeArn: routeArn(api, request),
          identitySource: values.length > 0 ? values : null,
        },
  );
  if (error !== undefined) return isUnauthorized(error, settings) ? "unauthorized" : "failed";
  const output = outputOf(result, authorizer.simple === true, settings);
  if (output) cache.set(key, output, authorizer.ttl, request.time);
  return output ?? "failed";
}

/** Undefined for a form that the authorizer is not set up for. */
function outputOf(result: unknown, simple: boolean, { resultLimit }: GatewaySettings): HttpOutput | undefined {
  const { isAuthorized, context } = Object(result) as { isAuthorized?: unknown; context?: unknown };
  if (simple) {
    return typeof isAuthorized === "boolean"
      ? { isAuthorized, context: Object(context ?? {}) as Record<string, unknown> }
      : undefined;
  }
  try {
    // A context may hold lists and maps here; what else must hold is a REST API's.
    const checked = checkOutput({ ...Object(result), context: {} }, resultLimit);
    const whole = Object(context ?? {}) as Record<string, unknown>;
    return { policy: checked.policyDocument, principalId: checked.principalId, context: whole };
  } catch {
    return undefined;
  }
}

function isAllowed(output: HttpOutput, api: HttpApi, request: GatewayRequest): boolean {
  if ("isAuthorized" in output) return output.isAuthorized;
  return (
    evaluate(output.policy, { resource: routeArn(api, request), context: conditionKeys(request) }).effect === "allow"
  );
}

function authorizerEvent1(api: HttpApi, request: GatewayRequest, matched: MatchedRoute, values: readonly string[]) {
  const source = values.join(",");
  return {
    version: "1.0",
    type: "REQUEST",
    methodArn: routeArn(api, request),
    identitySource: source,
    authorizationToken: source,
    ...commonEvent(asRest(api), request, matched),
  };
}

function backendEvent(
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  context: Readonly<Record<string, unknown>> | undefined,
) {
  if (matched.route.payload === "1.0") {
    return { version: "1.0", ...proxyEvent(commonEvent(asRest(api), request, matched), request, context as never) };
  }
  const event = event2(api, request, matched);
  const empty = context === undefined || Object.keys(context).length === 0;
  return {
    ...event,
    requestContext: { ...event.requestContext, ...(context && { authorizer: { lambda: empty ? null : context } }) },
    ...(request.body.length > 0 && { body: bodyText(request) }),
    isBase64Encoded: isBinary(request),
  };
}

/** Payload format 1.0 is a REST API's. */
const asRest = (api: HttpApi): RestApi => ({
  ...api,
  kind: "rest",
  id: apiId(api.name),
  gatewayResponses: {},
  apiKeySource: "HEADER",
});

function variablesOf({ requestContext, routeKey }: ReturnType<typeof event2>): Record<string, string> {
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

const corsHeaders = ({ cors }: HttpApi): [string, string][] =>
  cors ? [["access-control-allow-origin", cors.origin]] : [];

const preflightHeaders = ({ cors }: HttpApi): [string, string][] => [
  ["access-control-allow-origin", cors?.origin ?? ""],
  ["access-control-allow-headers", cors?.headers ?? ""],
  ["access-control-allow-methods", cors?.methods ?? ""],
];

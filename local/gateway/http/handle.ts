import type { HttpApi } from "../api.ts";
import { type ClientResponse, type GatewayRequest, MAX_BODY, valuesOf } from "../request.ts";
import { matchRoute } from "../route-match.ts";
import { askHttpAuthorizer, type HttpParts, isAllowed } from "./authorize.ts";
import { backendEvent1 } from "./event-1.ts";
import { type BackendContext, backendEvent2 } from "./event-2.ts";
import { askJwtAuthorizer } from "./jwt.ts";
import { integrationResponse } from "./response.ts";

/**
 * Answers a request to an HTTP API (API Gateway developer guide, "Control access to HTTP APIs with Lambda
 * authorizers").
 */
export async function handleHttp(api: HttpApi, request: GatewayRequest, parts: HttpParts): Promise<ClientResponse> {
  const say = (status: number, message: string): ClientResponse => ({
    status,
    headers: [["Content-Type", "application/json"], ["apigw-requestid", request.extendedId], ...corsHeaders(api)],
    body: JSON.stringify({ message }),
  });
  // An API with CORS answers preflight requests itself, without its authorizer.
  if (request.method === "OPTIONS" && api.cors) {
    parts.trail.ends("open", "preflight");
    return { status: 204, headers: preflightHeaders(api), body: "" };
  }
  const matched = matchRoute(api.routes, request.method, request.path);
  if (!matched) {
    parts.trail.ends("refused", "no such route");
    return say(404, "Not Found");
  }
  const { route } = matched;
  let context: BackendContext | undefined;
  if (route.jwt) {
    const answer = await askJwtAuthorizer(route.jwt, api, request, parts);
    if ("refusal" in answer) {
      const { status, challenge } = answer.refusal;
      const { headers, ...rest } = say(status, MESSAGES[status]);
      return { ...rest, headers: [...headers, ...(challenge ? [["www-authenticate", challenge] as const] : [])] };
    }
    context = { jwt: answer.context };
  }
  const authorizer = route.authorizer === undefined ? undefined : api.authorizers[route.authorizer];
  if (route.authorizer !== undefined && authorizer) {
    const answer = await askHttpAuthorizer(route.authorizer, authorizer, api, request, matched, parts);
    if (answer === "unauthorized") return say(401, "Unauthorized");
    if (answer === "failed") return say(500, "Internal Server Error");
    if (!isAllowed(answer, api, request, parts.trail)) {
      const status = parts.settings.httpApiDenial;
      return say(status, status === 403 ? "Forbidden" : "Unauthorized");
    }
    context = { lambda: answer.context };
  }
  if (request.body.length > MAX_BODY) {
    parts.trail.ends("refused", "the body is too large");
    return say(413, "Request Entity Too Large");
  }
  const backendEvent = route.payload === "1.0" ? backendEvent1 : backendEvent2;
  const { result, error, log } = await parts.functions.invoke(
    route.function,
    backendEvent(api, request, matched, context),
  );
  const response = error === undefined ? integrationResponse(result, request, corsHeaders(api)) : undefined;
  if (response) {
    const [type] = valuesOf(response.headers, "content-type");
    parts.trail.answers(type, response.body, log);
    return response;
  }
  parts.trail.ends("error", "the backend failed");
  return say(500, "Internal Server Error");
}

/** Messages of refusals by a JWT authorizer. */
const MESSAGES = { 401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error" } as const;

const corsHeaders = ({ cors }: HttpApi): [string, string][] =>
  cors ? [["access-control-allow-origin", cors.origin]] : [];

const preflightHeaders = ({ cors }: HttpApi): [string, string][] => [
  ["access-control-allow-origin", cors?.origin ?? ""],
  ["access-control-allow-headers", cors?.headers ?? ""],
  ["access-control-allow-methods", cors?.methods ?? ""],
];

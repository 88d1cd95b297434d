import type { JWTPayload } from "jose";
import type { RestApi } from "../api.ts";
import type { AuthorizerOutput } from "../authorizer-output.ts";
import { type ClientResponse, type GatewayRequest, MAX_BODY } from "../request.ts";
import { type MatchedRoute, matchRoute } from "../route-match.ts";
import type { UsagePlans } from "../usage-plans.ts";
import { contextVariables, type RestParts } from "./ask-authorizer.ts";
import { authorize } from "./authorize.ts";
import { commonEvent, methodArn, proxyEvent, withoutDropped } from "./event.ts";
import { type Failure, type FailureContext, failureResponse } from "./failure.ts";
import { proxyResponse } from "./response.ts";

/** The longest method ARN that API Gateway passes to an authorizer, in bytes. */
const MAX_ARN = 1600;

const NO_ROUTE: Failure = { type: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token" };
const TOO_LARGE: Failure = { type: "REQUEST_TOO_LARGE", message: "HTTP content length exceeded 10485760 bytes" };
const BACKEND_FAILED: Failure = { type: "DEFAULT_5XX", message: "Internal server error" };

/** Answers a request to a REST API. The checks have the same order as in API Gateway. */
export async function handleRest(
  api: RestApi,
  request: GatewayRequest,
  parts: RestParts & { readonly usagePlans: UsagePlans },
): Promise<ClientResponse> {
  const fail = (failure: Failure, variables: FailureContext = {}) => failureResponse(failure, api, request, variables);
  const matched = matchRoute(api.routes, request.method, request.path);
  if (!matched) {
    const preflighted = preflight(api, request);
    parts.trail.ends(preflighted ? "open" : "refused", preflighted ? "preflight" : "no such route");
    return preflighted ?? fail(NO_ROUTE);
  }
  const { route } = matched;
  if (route.authorizer && Buffer.byteLength(methodArn(api, request)) > MAX_ARN) {
    parts.trail.ends("refused", "the path is too long");
    return { status: 414, headers: [["Content-Type", "text/plain"]], body: "Request URI too long" };
  }
  const common = commonEvent(api, request, matched);
  const variables = contextVariables(common);
  const authorization = await authorize(api, route, request, common, parts);
  if ("failure" in authorization) return fail(authorization.failure, authorization.variables);
  const { output } = authorization;
  const refused = parts.usagePlans.check(api, route, request, output?.usageIdentifierKey);
  if (refused) {
    parts.trail.ends("refused", `usage plan: ${refused.type}`);
    return fail(refused, variables);
  }
  if (request.body.length > MAX_BODY) {
    parts.trail.ends("refused", "the body is too large");
    return fail(TOO_LARGE, variables);
  }
  const { result, error } = await parts.functions.invoke(
    route.function,
    backendEvent(api, request, matched, authorization),
  );
  const response = error === undefined ? proxyResponse(result, request) : undefined;
  if (response) return response;
  parts.trail.ends("error", "the backend failed");
  return fail(BACKEND_FAILED, variables);
}

function backendEvent(
  api: RestApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  { output, claims }: { readonly output?: AuthorizerOutput; readonly claims?: JWTPayload },
) {
  const common = commonEvent(api, { ...request, headers: withoutDropped(request.headers) }, matched);
  if (!output) return proxyEvent(common, request, claims && { claims });
  const { context, principalId } = output;
  const texts = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
  return proxyEvent(common, request, { ...texts, principalId, integrationLatency: 0 });
}

/** The answer to a preflight request, as SAM's `Cors` sets it up for `OPTIONS` on every resource. */
function preflight({ cors, routes }: RestApi, { method, path }: GatewayRequest): ClientResponse | undefined {
  if (method !== "OPTIONS" || !cors) return undefined;
  if (!routes.some((route) => matchRoute([{ ...route, method: "ANY" }], method, path))) return undefined;
  return {
    status: 200,
    headers: [
      ["Content-Type", "application/json"],
      ["Access-Control-Allow-Origin", cors.origin],
      ["Access-Control-Allow-Headers", cors.headers],
      ["Access-Control-Allow-Methods", cors.methods],
    ],
    body: "{}\n",
  };
}

import { apiId, type HttpApi, type RestApi } from "../api.ts";
import type { GatewayRequest } from "../request.ts";
import { commonEvent, proxyEvent } from "../rest/event.ts";
import type { MatchedRoute } from "../route-match.ts";
import { type BackendContext, isEncoded, routeArn } from "./event-2.ts";

/** The event of an authorizer in payload format 1.0: a REST API's, with the values of the identity sources. */
export function authorizerEvent1(
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  values: readonly string[],
) {
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

/** The event of a backend in payload format 1.0: a REST API's. */
export function backendEvent1(
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  context: BackendContext = {},
) {
  const authorizer = context.lambda ?? (context.jwt && { ...context.jwt });
  const common = commonEvent(asRest(api), request, matched);
  return { version: "1.0", ...proxyEvent(common, request, authorizer, isEncoded(request)) };
}

const asRest = (api: HttpApi): RestApi => ({
  ...api,
  kind: "rest",
  id: apiId(api.name),
  gatewayResponses: {},
  apiKeySource: "HEADER",
});

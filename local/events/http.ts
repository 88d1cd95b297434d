import type { APIGatewayRequestAuthorizerEventV2 } from "aws-lambda";
import {
  ACCOUNT,
  API,
  commonLogTime,
  DOMAIN,
  headersOf,
  type LocalRequest,
  pathParameters,
  REQUEST_ID,
  stageArn,
} from "./request.ts";
import { requestEvent } from "./rest.ts";

/** The event of an HTTP API with payload format 1.0: a REST API's, with the identity sources' values in it. */
export function http1Event(request: LocalRequest) {
  const source = request.headers.Authorization ?? "";
  return { ...requestEvent(request), version: "1.0", identitySource: source, authorizationToken: source };
}

/**
 * The event of an HTTP API with payload format 2.0, as captured: header names in lower case, maps without content missing. Only the header that
 * stands first is an identity source.
 */
export function http2Event(request: LocalRequest): Partial<APIGatewayRequestAuthorizerEventV2> {
  const { method, path, resource, stage, address, time, query = {} } = request;
  const headers = Object.fromEntries(
    Object.entries(headersOf(request)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const parameters = pathParameters(request);
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: `${stageArn(request)}/${method}${path}`,
    identitySource: headers.authorization === undefined ? [] : [headers.authorization],
    routeKey: `${method} ${resource}`,
    rawPath: stage === "$default" ? path : `/${stage}${path}`,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: { ...query } }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API,
      domainName: DOMAIN,
      domainPrefix: API,
      http: { method, path, protocol: "HTTP/1.1", sourceIp: address, userAgent: "curl/8.5.0" },
      requestId: REQUEST_ID,
      routeKey: `${method} ${resource}`,
      stage,
      time: commonLogTime(time),
      timeEpoch: time * 1000,
    },
  };
}

import type { APIGatewayRequestAuthorizerEventV2 } from "aws-lambda";
import { ACCOUNT, stageArn } from "./arn.ts";
import { API, commonLogTime, DOMAIN, headersOf, type LocalRequest, pathParameters, REQUEST_ID } from "./request.ts";
import { requestEvent } from "./rest.ts";

/**
 * The values of the identity sources: `Authorization`, or null without identity sources. API Gateway does not call the
 * authorizer when the header is missing; here the value is then empty.
 */
function identityValues({ headers, uncached }: LocalRequest): string[] | null {
  const headerOf = (wanted: string) => Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
  if (uncached ?? headerOf("x-api-key") !== undefined) return null;
  return [headerOf("authorization") ?? ""];
}

/** The event of an HTTP API with payload format 1.0: a REST API's, with the values of the identity sources. */
export function http1Event(request: LocalRequest) {
  const source = identityValues(request)?.join(",") ?? null;
  return { ...requestEvent(request), version: "1.0", identitySource: source, authorizationToken: source };
}

/**
 * The event of an HTTP API with payload format 2.0, as API Gateway sends it: header names in lower case, without empty
 * maps.
 */
export function http2Event(
  request: LocalRequest,
): Partial<Omit<APIGatewayRequestAuthorizerEventV2, "identitySource">> & { identitySource: string[] | null } {
  const { method, path, resource, stage, address, time, query = {} } = request;
  const headers = Object.fromEntries(
    Object.entries(headersOf(request)).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const parameters = pathParameters(request);
  const called = stage === "$default" ? path : `/${stage}${path}`;
  return {
    version: "2.0",
    type: "REQUEST",
    routeArn: `${stageArn({ id: API, stage })}/${method}${path}`,
    identitySource: identityValues(request),
    routeKey: `${method} ${resource}`,
    rawPath: called,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: { ...query } }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: API,
      domainName: DOMAIN,
      domainPrefix: API,
      http: { method, path: called, protocol: "HTTP/1.1", sourceIp: address, userAgent: "curl/8.5.0" },
      requestId: REQUEST_ID,
      routeKey: `${method} ${resource}`,
      stage,
      time: commonLogTime(time),
      timeEpoch: time * 1000,
    },
  };
}

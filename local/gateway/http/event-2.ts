import { ACCOUNT, domainName, stageArn } from "../../events/arn.ts";
import { commonLogTime } from "../../events/request.ts";
import type { HttpApi } from "../api.ts";
import type { JwtContext } from "../jwt/claims.ts";
import { type GatewayRequest, type Pairs, valuesOf } from "../request.ts";
import { bodyText, isBinary } from "../rest/event.ts";
import type { MatchedRoute } from "../route-match.ts";

/** The ARN of a request: `arn:…/{stage}/{METHOD}/{path}`, with the path as it was called. */
export const routeArn = (api: HttpApi, { method, path }: GatewayRequest) => `${stageArn(api)}/${method}${path}`;

/** Whether a backend gets the body in base64: as of a REST API, and forms of HTML too, which an HTTP API takes for binary. */
export const isEncoded = (request: GatewayRequest): boolean =>
  isBinary(request) ||
  (request.body.length > 0 &&
    /^application\/x-www-form-urlencoded\b/i.test(valuesOf(request.headers, "content-type").at(-1) ?? ""));

/** A map of names to values. The values of a name that occurs several times are joined by commas. */
const joined = (pairs: Pairs, nameOf: (name: string) => string) => {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(nameOf(name), [...(values.get(nameOf(name)) ?? []), value]);
  return Object.fromEntries([...values].map(([name, list]) => [name, list.join(",")]));
};

/** What the events of authorizers and of backends have in common in payload format 2.0. Empty maps are left out. */
export function event2(api: HttpApi, request: GatewayRequest, { route, parameters }: MatchedRoute) {
  const { cookie, ...headers } = joined(request.headers, (name) => name.toLowerCase());
  const query = joined(request.query, (name) => name);
  const routeKey = route.path === "$default" ? "$default" : `${route.method} ${route.path}`;
  const path = api.stage === "$default" ? request.path : `/${api.stage}${request.path}`;
  return {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: request.rawQuery,
    ...(cookie !== undefined && { cookies: cookie.split(/; ?/) }),
    headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: { ...parameters } }),
    ...(Object.keys(api.stageVariables).length > 0 && { stageVariables: { ...api.stageVariables } }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.id,
      domainName: domainName(api.id),
      domainPrefix: api.id,
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: valuesOf(request.headers, "user-agent").at(-1) ?? "",
      },
      ...(request.clientCert && { authentication: { clientCert: request.clientCert } }),
      requestId: request.extendedId,
      routeKey,
      stage: api.stage,
      time: commonLogTime(Math.floor(request.time / 1000)),
      timeEpoch: request.time,
    },
  };
}

/** The part of an HTTP API's events that authorizers and backends both get. */
export type Event2 = ReturnType<typeof event2>;

/** The event of an authorizer in payload format 2.0. */
export function authorizerEvent2(api: HttpApi, request: GatewayRequest, common: Event2, values: readonly string[]) {
  const identitySource = values.length > 0 ? values : null;
  return { ...common, type: "REQUEST", routeArn: routeArn(api, request), identitySource };
}

/** What an authorizer tells the backend: a Lambda authorizer its context, a JWT authorizer the claims. */
export interface BackendContext {
  readonly lambda?: Readonly<Record<string, unknown>>;
  readonly jwt?: JwtContext;
}

/** The event of a backend in payload format 2.0. */
export function backendEvent2(
  api: HttpApi,
  request: GatewayRequest,
  matched: MatchedRoute,
  { lambda, jwt }: BackendContext = {},
) {
  const event = event2(api, request, matched);
  const authorizer = lambda ? { lambda: Object.keys(lambda).length === 0 ? null : lambda } : jwt && { jwt };
  return {
    ...event,
    requestContext: { ...event.requestContext, ...(authorizer && { authorizer }) },
    ...(request.body.length > 0 && { body: bodyText(request, isEncoded(request)) }),
    isBase64Encoded: isEncoded(request),
  };
}

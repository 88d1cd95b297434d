import { ACCOUNT, domainName, stageArn } from "../../events/arn.ts";
import { commonLogTime } from "../../events/request.ts";
import type { RestApi } from "../api.ts";
import { type GatewayRequest, mapsOf, type Pairs, valuesOf, vpcEndpointOf } from "../request.ts";
import type { MatchedRoute } from "../route-match.ts";

/** The ARN of a request: `arn:…/{stage}/{METHOD}/{path}`, with the path as it was called. */
export const methodArn = (api: RestApi, { method, path }: GatewayRequest) => `${stageArn(api)}/${method}${path}`;

/** The fields that events of authorizers and of backends share. */
export function commonEvent(api: RestApi, request: GatewayRequest, { route, parameters }: MatchedRoute) {
  const headers = mapsOf(request.headers);
  const query = mapsOf(request.query);
  return {
    resource: route.path,
    path: request.path,
    httpMethod: request.method,
    headers: headers.single,
    multiValueHeaders: headers.multiple,
    queryStringParameters: query.single,
    multiValueQueryStringParameters: query.multiple,
    pathParameters: { ...parameters },
    stageVariables: { ...api.stageVariables },
    requestContext: {
      resourceId: "local1",
      resourcePath: route.path,
      httpMethod: request.method,
      extendedRequestId: request.extendedId,
      requestTime: commonLogTime(Math.floor(request.time / 1000)),
      path: `/${api.stage}${request.path}`,
      accountId: ACCOUNT,
      protocol: request.protocol,
      stage: api.stage,
      domainPrefix: api.id,
      requestTimeEpoch: request.time,
      requestId: request.requestId,
      identity: identityOf(request),
      domainName: domainName(api.id),
      deploymentId: "local1",
      apiId: api.id,
    },
  };
}

function identityOf(request: GatewayRequest) {
  const { headers, sourceIp, clientCert } = request;
  const endpoint = vpcEndpointOf(request);
  const apiKey = valuesOf(headers, "x-api-key").at(-1);
  return {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    userAgent: valuesOf(headers, "user-agent").at(-1) ?? null,
    user: null,
    ...(apiKey !== undefined && { apiKey }),
    ...(clientCert && { clientCert }),
    ...(endpoint !== undefined && { vpcId: "vpc-local", vpceId: endpoint }),
  };
}

/** The part of a REST API's events that authorizers and backends both get. */
export type CommonEvent = ReturnType<typeof commonEvent>;

/** Whether a backend gets the body in base64: its Content-Type is not text, JSON, XML, JavaScript or a form. */
export const isBinary = ({ body, headers }: GatewayRequest): boolean =>
  body.length > 0 &&
  !/^(text\/|application\/(json|xml|javascript|x-www-form-urlencoded))/.test(
    valuesOf(headers, "content-type").at(-1) ?? "text/",
  );

/** The body as in the event: in base64 if it is binary. */
export const bodyText = ({ body }: GatewayRequest, binary: boolean): string =>
  body.toString(binary ? "base64" : "utf8");

/** The event of a Lambda proxy integration. Empty maps are null in it. */
export function proxyEvent(
  common: CommonEvent,
  request: GatewayRequest,
  authorizer?: Readonly<Record<string, unknown>>,
  binary: boolean = isBinary(request),
) {
  const orNull = <T extends object>(map: T) => (Object.keys(map).length > 0 ? map : null);
  return {
    ...common,
    queryStringParameters: orNull(common.queryStringParameters),
    multiValueQueryStringParameters: orNull(common.multiValueQueryStringParameters),
    pathParameters: orNull(common.pathParameters),
    stageVariables: orNull(common.stageVariables),
    requestContext: { ...common.requestContext, ...(authorizer && { authorizer }) },
    body: request.body.length === 0 ? null : bodyText(request, binary),
    isBase64Encoded: binary,
  };
}

/** Headers that API Gateway removes before a backend gets them (developer guide, "Important notes"). */
const DROPPED =
  /^(connection|content-length|content-md5|expect|max-forwards|proxy-authenticate|server|te|transfer-encoding|trailer|upgrade|www-authenticate)$/i;

/** Headers as a backend gets them. */
export const withoutDropped = (headers: Pairs): Pairs => headers.filter(([name]) => !DROPPED.test(name));

import type { APIGatewayRequestAuthorizerEvent, APIGatewayTokenAuthorizerEvent } from "aws-lambda";

/** One request as a client would send it to a REST API. */
export interface RestRequest {
  readonly method: string;
  readonly path: string;
  /** Path of the API's resource that serves it, `{parameters}` and all. */
  readonly resource: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Address that API Gateway sees the client at. */
  readonly address: string;
  readonly stage: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

const ACCOUNT = "123456789012";
const API = "abcdef1234";
const REGION = "eu-west-1";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const methodArn = ({ stage, method, path }: RestRequest) =>
  `arn:aws:execute-api:${REGION}:${ACCOUNT}:${API}/${stage}/${method}${path}`;

/** The event of a TOKEN authorizer: the header and the ARN, and nothing else of the request. */
export function tokenEvent(request: RestRequest): APIGatewayTokenAuthorizerEvent {
  return { type: "TOKEN", authorizationToken: request.headers.Authorization ?? "", methodArn: methodArn(request) };
}

/** The event of a REQUEST authorizer, as captured from a regional REST API: maps without content are empty, never null. */
export function requestEvent(request: RestRequest): APIGatewayRequestAuthorizerEvent {
  const { method, path, resource, stage, address, time } = request;
  const domainName = `${API}.execute-api.${REGION}.amazonaws.com`;
  const headers = {
    Accept: "*/*",
    Host: domainName,
    "User-Agent": "curl/8.5.0",
    "X-Forwarded-For": address,
    "X-Forwarded-Port": "443",
    "X-Forwarded-Proto": "https",
    ...request.headers,
  };
  return {
    type: "REQUEST",
    methodArn: methodArn(request),
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: pathParameters(resource, path),
    stageVariables: {},
    requestContext: {
      resourceId: "w567jh",
      resourcePath: resource,
      httpMethod: method,
      extendedRequestId: "ZhFsxGQDDoEEMig=",
      requestTime: commonLogTime(time),
      path: `/${stage}${path}`,
      accountId: ACCOUNT,
      protocol: "HTTP/1.1",
      stage,
      domainPrefix: API,
      requestTimeEpoch: time * 1000,
      requestId: "141d6671-99b4-40ca-9997-7a22f01eac74",
      identity: { ...NO_IDENTITY, sourceIp: address, userAgent: "curl/8.5.0" },
      domainName,
      apiId: API,
      authorizer: undefined,
    },
  };
}

/** Values of the resource's `{parameters}`; `{name+}` takes the rest of the path. */
function pathParameters(resource: string, path: string): Record<string, string> {
  const pattern = resource.replace(/\{(\w+)(\+?)\}/g, (_, name, greedy) => `(?<${name}>${greedy ? ".+" : "[^/]+"})`);
  return { ...new RegExp(`^${pattern}$`).exec(path)?.groups };
}

const NO_IDENTITY = {
  apiKey: null,
  apiKeyId: null,
  clientCert: null,
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  principalOrgId: null,
  accessKey: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  user: null,
};

/** `dd/MMM/yyyy:HH:mm:ss +0000`. */
function commonLogTime(time: number): string {
  const [date = "", clock = ""] = new Date(time * 1000).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}

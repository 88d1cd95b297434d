import type { APIGatewayRequestAuthorizerEvent, APIGatewayTokenAuthorizerEvent } from "aws-lambda";
import { ACCOUNT, stageArn } from "./arn.ts";
import {
  API,
  commonLogTime,
  DOMAIN,
  headersOf,
  type LocalRequest,
  multiple,
  pathParameters,
  REQUEST_ID,
} from "./request.ts";

const methodArn = ({ stage, method, path }: LocalRequest) => `${stageArn({ id: API, stage })}/${method}${path}`;

/** The event of a TOKEN authorizer. It has only the token and the ARN. */
export function tokenEvent(request: LocalRequest): APIGatewayTokenAuthorizerEvent {
  return { type: "TOKEN", authorizationToken: request.headers.Authorization ?? "", methodArn: methodArn(request) };
}

/** The event of a REQUEST authorizer, as a regional REST API sends it: maps without content are empty, never null. */
export function requestEvent(request: LocalRequest): APIGatewayRequestAuthorizerEvent {
  const { method, path, resource, stage, address, time, vpcEndpoint, query = {} } = request;
  const headers = headersOf(request);
  return {
    type: "REQUEST",
    methodArn: methodArn(request),
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: multiple(headers),
    queryStringParameters: { ...query },
    multiValueQueryStringParameters: multiple(query),
    pathParameters: pathParameters(request),
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
      requestId: REQUEST_ID,
      identity: {
        ...NO_IDENTITY,
        sourceIp: address,
        userAgent: "curl/8.5.0",
        ...(vpcEndpoint !== undefined && { vpcId: "vpc-local", vpceId: vpcEndpoint }),
      },
      domainName: DOMAIN,
      apiId: API,
      authorizer: undefined,
    },
  };
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

import { stageArn } from "./arn.ts";
import { API, commonLogTime, DOMAIN, headersOf, type LocalRequest, multiple, REQUEST_ID } from "./request.ts";

/** The event of a WebSocket API's route `$connect`, which has no method and no path (API Gateway developer guide). */
export function connectEvent(request: LocalRequest) {
  const { stage, address, time, query = {} } = request;
  const headers = {
    ...headersOf(request),
    Connection: "upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Version": "13",
  };
  return {
    type: "REQUEST",
    methodArn: `${stageArn({ id: API, stage })}/$connect`,
    headers,
    multiValueHeaders: multiple(headers),
    queryStringParameters: { ...query },
    multiValueQueryStringParameters: multiple(query),
    stageVariables: {},
    requestContext: {
      routeKey: "$connect",
      eventType: "CONNECT",
      extendedRequestId: "ZhFsxGQDDoEEMig=",
      requestTime: commonLogTime(time),
      messageDirection: "IN",
      stage,
      connectedAt: time * 1000,
      requestTimeEpoch: time * 1000,
      identity: { sourceIp: address, userAgent: "curl/8.5.0" },
      requestId: REQUEST_ID,
      domainName: DOMAIN,
      connectionId: "ZhFsxd8IjoECFvA=",
      apiId: API,
    },
  };
}

/**
 * The same event with the credential as a sub-protocol in place of `Authorization`: browsers cannot set that header.
 */
export function subprotocolEvent(request: LocalRequest) {
  const { Authorization = "", ...headers } = request.headers;
  const offered = Authorization.split(", ").map((part) => {
    const [scheme = "", credential = ""] = part.split(" ");
    return `sallyport.${scheme.toLowerCase()}.${credential}`;
  });
  const protocols = ["sallyport", ...(Authorization === "" ? [] : offered)];
  return connectEvent({ ...request, headers: { ...headers, "Sec-WebSocket-Protocol": protocols.join(", ") } });
}

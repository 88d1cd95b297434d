import { domainName } from "../../events/arn.ts";
import { commonLogTime } from "../../events/request.ts";
import type { WebSocketApi } from "../api.ts";
import { type GatewayRequest, mapsOf, valuesOf } from "../request.ts";

/** One connection, including its handshake. */
export interface Connection {
  readonly id: string;
  readonly handshake: GatewayRequest;
  /** The authorizer's context at `$connect`. Every later event of the connection has it too. */
  authorizer?: Readonly<Record<string, string>>;
}

/** The event of a route of a WebSocket API (API Gateway developer guide, "Invoke your API's backend"). */
export function routeEvent(
  api: WebSocketApi,
  { id, handshake, authorizer }: Connection,
  route: { readonly key: string; readonly type: "CONNECT" | "MESSAGE" | "DISCONNECT"; readonly time: number },
  body?: string,
) {
  const { key, type, time } = route;
  const headers = mapsOf(handshake.headers);
  const query = mapsOf(handshake.query);
  return {
    ...(type === "CONNECT" && {
      headers: headers.single,
      multiValueHeaders: headers.multiple,
      queryStringParameters: query.single,
      multiValueQueryStringParameters: query.multiple,
    }),
    stageVariables: { ...api.stageVariables },
    requestContext: {
      routeKey: key,
      eventType: type,
      extendedRequestId: handshake.extendedId,
      requestTime: commonLogTime(Math.floor(time / 1000)),
      messageDirection: "IN",
      stage: api.stage,
      connectedAt: handshake.time,
      requestTimeEpoch: time,
      identity: { sourceIp: handshake.sourceIp, userAgent: valuesOf(handshake.headers, "user-agent").at(-1) ?? null },
      requestId: handshake.extendedId,
      domainName: domainName(api.id),
      connectionId: id,
      apiId: api.id,
      ...(authorizer && { authorizer }),
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

import { objectOf } from "../../../shared/domain/object/unknown-object.ts";
import { findCredentials, readSubprotocols } from "../../../shared/domain/request/find.ts";
import { resourceFrom } from "../../../shared/domain/resource/arn.ts";
import { headersOf, queryOf, sourceOf } from "./event-values.ts";
import type { ApiKind } from "./kind.ts";
import { policyResponse } from "./policy-response.ts";
import { factsOf } from "./request-facts.ts";

/**
 * The `$connect` route of WebSocket APIs (API Gateway developer guide, "Control access to WebSocket APIs with AWS
 * Lambda REQUEST authorizers"). A browser can set no header but the sub-protocols it offers: a credential may stand
 * among them. Nothing is cached between connections.
 */
export const webSocket: ApiKind = {
  name: "websocket",
  recognises: ({ type, version, requestContext }) =>
    type === "REQUEST" && version === undefined && objectOf(requestContext).eventType === "CONNECT",
  read: (event, time, { credentials }) => {
    const headers = headersOf(event);
    return {
      credentials: [
        ...findCredentials(headers, queryOf(event), credentials),
        ...readSubprotocols(headers.get("sec-websocket-protocol") ?? []),
      ],
      resource: resourceFrom(event.methodArn),
      source: sourceOf(objectOf(objectOf(event.requestContext).identity)),
      time,
      cache: undefined,
      facts: factsOf(event, undefined),
    };
  },
  respond: policyResponse,
};

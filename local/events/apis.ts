import { appSyncEvent } from "./appsync.ts";
import { http1Event, http2Event } from "./http.ts";
import type { LocalRequest } from "./request.ts";
import { requestEvent, tokenEvent } from "./rest.ts";
import { connectEvent, subprotocolEvent } from "./websocket.ts";

/** The kinds of API and payload formats, each with the event that its authorizer gets. */
export const APIS = {
  "rest-request": { title: "a REST API with a REQUEST authorizer", eventOf: requestEvent },
  "rest-token": { title: "a REST API with a TOKEN authorizer, which sees Authorization alone", eventOf: tokenEvent },
  "http-1.0": { title: "an HTTP API with payload format 1.0", eventOf: http1Event },
  "http-2.0": { title: "an HTTP API with payload format 2.0", eventOf: http2Event },
  websocket: { title: "a WebSocket API's $connect", eventOf: connectEvent },
  "websocket-subprotocol": {
    title: "the same from a browser: credentials among the sub-protocols",
    eventOf: subprotocolEvent,
  },
  appsync: { title: "an AppSync API, which sees Authorization alone", eventOf: appSyncEvent },
} as const satisfies Record<string, { title: string; eventOf: (request: LocalRequest) => object }>;

/** Name of a kind of API, as commands take it in `--api`. */
export type ApiName = keyof typeof APIS;

/** Whether a text names a kind of API. */
export const isApiName = (name: string): name is ApiName => Object.hasOwn(APIS, name);

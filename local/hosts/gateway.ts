import { once } from "node:events";
import { request } from "node:http";
import { WebSocket } from "ws";
import { API } from "../events/request.ts";
import type { Api, Authorizer, Route } from "../gateway/api.ts";
import { startGateway } from "../gateway/gateway.ts";
import type { Invoker } from "../gateway/invoker.ts";
import { type Answer, type HostKind, inTurn } from "./host.ts";
import { thread } from "./thread.ts";

/** The part of an event that describes its request. */
interface Sent {
  readonly type?: string;
  readonly version?: string;
  readonly methodArn?: string;
  readonly routeArn?: string;
  readonly authorizationToken?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestContext?: {
    readonly eventType?: string;
    readonly identity?: { readonly sourceIp: string; readonly vpceId?: string };
    readonly http?: { readonly sourceIp: string };
  };
}

const REQUEST: Authorizer = { type: "REQUEST", function: "Authorizer", sources: [], ttl: 0 };
const ROUTES: readonly Route[] = [
  { method: "ANY", path: "/{path+}", function: "Backend", authorizer: "Sallyport", payload: "2.0" },
];
const BASE = { id: API, stage: "prod", stageVariables: {} } as const;

/** One API of each kind, all with the id and stage of the generated events. */
const APIS: readonly Api[] = [
  {
    ...BASE,
    kind: "rest",
    name: "rest-request",
    routes: ROUTES,
    authorizers: { Sallyport: REQUEST },
    gatewayResponses: {},
    apiKeySource: "HEADER",
  },
  {
    ...BASE,
    kind: "rest",
    name: "rest-token",
    routes: ROUTES,
    authorizers: { Sallyport: { ...REQUEST, type: "TOKEN", sources: [{ in: "header", name: "Authorization" }] } },
    gatewayResponses: {},
    apiKeySource: "HEADER",
  },
  {
    ...BASE,
    kind: "http",
    name: "http-1.0",
    routes: ROUTES,
    authorizers: { Sallyport: { ...REQUEST, payload: "1.0" } },
  },
  {
    ...BASE,
    kind: "http",
    name: "http-2.0",
    routes: ROUTES,
    authorizers: { Sallyport: { ...REQUEST, payload: "2.0" } },
  },
  {
    ...BASE,
    kind: "websocket",
    name: "websocket",
    functions: { $connect: "Backend" },
    twoWay: [],
    selection: ["action"],
    authorizers: { Sallyport: REQUEST },
    authorizer: "Sallyport",
  },
];

/**
 * The bundle behind the local API Gateway. Each event is sent as its original request, over HTTP or as a WebSocket.
 * Events of AppSync go to the function directly.
 */
export const gateway: HostKind = {
  title: "behind the local API Gateway",
  missing: () => undefined,
  address: thread.address,
  start: async (config, environment) => {
    const inner = await thread.start(config, environment);
    let seen: Answer | undefined;
    const functions: Invoker = {
      invoke: async (name, event) => {
        // A client that offers sub-protocols requires one in the answer. All local clients offer `sallyport`.
        if (name === "Backend") return { result: { statusCode: 200, headers: protocolFor(event as Sent), body: "{}" } };
        seen = await inner.invoke(event);
        return seen;
      },
    };
    const running = await startGateway({ apis: APIS, functions });
    const turn = inTurn();
    return {
      invoke: (event) =>
        turn(async () => {
          const sent = event as Sent;
          if (sent.type === undefined) return inner.invoke(event);
          seen = undefined;
          const status = await deliver(sent, running.urls);
          if (!seen) throw new Error(`The gateway answered ${status} and did not ask the authorizer.`);
          return { ...(seen as Answer), status };
        }),
      close: async () => {
        await Promise.all([running.close(), inner.close()]);
      },
    };
  },
};

const protocolFor = ({ headers = {} }: Sent) =>
  Object.keys(headers).some((name) => name.toLowerCase() === "sec-websocket-protocol")
    ? { "Sec-WebSocket-Protocol": "sallyport" }
    : {};

/** Sends the request of an event to the API of the event; resolves with the status. */
async function deliver(event: Sent, urls: Readonly<Record<string, string>>): Promise<number> {
  const { type, version, headers = {}, requestContext } = event;
  const source = requestContext?.identity?.sourceIp ?? requestContext?.http?.sourceIp ?? "203.0.113.7";
  const own = Object.entries(headers).filter(
    ([name]) => !/^(host|connection|upgrade|x-forwarded-.*|sec-websocket-.*)$/i.test(name),
  );
  const endpoint = requestContext?.identity?.vpceId;
  const through: Record<string, string> = endpoint === undefined ? {} : { "x-amzn-vpce-id": endpoint };
  const sent = { ...Object.fromEntries(own), "X-Sallyport-Source-Ip": source, ...through };
  if (requestContext?.eventType === "CONNECT") {
    const offered = Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol")?.[1];
    return connect(urls.websocket ?? "", offered?.split(/, */) ?? [], sent);
  }
  const api = type === "TOKEN" ? "rest-token" : version === undefined ? "rest-request" : `http-${version}`;
  const [, method = "GET", path = "/"] = /\/prod\/([A-Z]+)(\/.*)$/.exec(event.methodArn ?? event.routeArn ?? "") ?? [];
  const token = event.type === "TOKEN" ? { Authorization: event.authorizationToken ?? "" } : {};
  const outgoing = request(`${urls[api]}${path}`, { method, headers: { ...sent, ...token }, agent: false });
  outgoing.end();
  const [incoming] = await once(outgoing, "response");
  incoming.resume();
  await once(incoming, "end");
  return incoming.statusCode;
}

async function connect(url: string, protocols: string[], headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, protocols, { headers });
  return new Promise((resolve, reject) => {
    socket.on("open", () => {
      socket.terminate();
      resolve(101);
    });
    socket.on("unexpected-response", (_, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    socket.on("error", reject);
  });
}

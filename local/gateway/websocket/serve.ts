import { randomBytes } from "node:crypto";
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { WebSocketApi } from "../api.ts";
import type { Invoker } from "../invoker.ts";
import { readHead } from "../request.ts";
import type { Responder, ResponderParts } from "../responder.ts";
import { authorizeConnection } from "./connect.ts";
import { type Connection, routeEvent } from "./event.ts";

/** The largest message that API Gateway accepts, in bytes. */
const MAX_MESSAGE = 128 * 1024;

/**
 * Serves a WebSocket API on a server: authorizes each handshake, invokes `$connect`, then passes each message to its
 * route.
 *
 * @returns a function that ends all connections and stops serving
 */
export function serveWebSockets(
  server: Server,
  named: WebSocketApi,
  responder: Responder,
  { settings, now }: Pick<ResponderParts, "settings" | "now">,
): () => void {
  // Both may be replaced at any time, so each event reads them again.
  const api = () => responder.current(named);
  const functions = () => responder.functions;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, handleProtocols: () => false });
  const onUpgrade = async (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // The HTTP server no longer listens for errors of this socket, such as a reset by the client.
    socket.on("error", () => socket.destroy());
    const handshake = readHead(incoming, now());
    if (handshake.path.replace(/\/$/, "") !== `/${api().stage}`) return refuse(socket, 403, "Forbidden");
    const connection: Connection = { id: randomBytes(11).toString("base64"), handshake };
    const refusal = await authorizeConnection(api(), connection, functions(), settings);
    if (refusal) return refuse(socket, refusal.status, refusal.message);
    const { status, protocol } = await announce(api(), connection, functions());
    if (status < 200 || status > 299) return refuse(socket, status, "Internal server error");
    sockets.options.handleProtocols = () => protocol ?? false;
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => converse(webSocket, connection));
  };

  function converse(webSocket: WebSocket, connection: Connection): void {
    // Messages are answered one at a time, in order.
    let last: Promise<unknown> = Promise.resolve();
    webSocket.on("message", (data) => {
      last = last.then(async () => {
        const answer = await deliver(api(), connection, String(data), functions(), now());
        if (answer !== undefined) webSocket.send(answer);
      });
      last.catch(() => webSocket.terminate());
    });
    webSocket.on("close", () => {
      const target = api().functions.$disconnect;
      if (target)
        void functions().invoke(
          target,
          routeEvent(api(), connection, { key: "$disconnect", type: "DISCONNECT", time: now() }),
        );
    });
    webSocket.on("error", () => webSocket.terminate());
  }

  const listener = (...given: Parameters<typeof onUpgrade>) => {
    onUpgrade(...given).catch(() => refuse(given[1], 500, "Internal server error"));
  };
  server.on("upgrade", listener);
  return () => {
    server.off("upgrade", listener);
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  };
}

/** Invokes the integration of `$connect`, which may choose one of the sub-protocols that the client offers. */
async function announce(
  api: WebSocketApi,
  connection: Connection,
  functions: Invoker,
): Promise<{ status: number; protocol?: string }> {
  const target = api.functions.$connect;
  if (target === undefined) return { status: 200 };
  const event = routeEvent(api, connection, { key: "$connect", type: "CONNECT", time: connection.handshake.time });
  const { result, error } = await functions.invoke(target, event);
  const { statusCode, headers } = Object(result) as { statusCode?: number; headers?: Record<string, string> };
  if (error !== undefined || statusCode === undefined) return { status: 500 };
  const protocol = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "sec-websocket-protocol")?.[1];
  return { status: statusCode, ...(protocol !== undefined && { protocol }) };
}

/** Invokes the function of a message's route, or of `$default`. Returns what is sent back, if anything. */
async function deliver(api: WebSocketApi, connection: Connection, body: string, functions: Invoker, time: number) {
  const named = selected(api.selection, body);
  const key = named !== undefined && Object.hasOwn(api.functions, named) ? named : "$default";
  const target = api.functions[key];
  const trouble = (message: string) =>
    JSON.stringify({ message, connectionId: connection.id, requestId: connection.handshake.extendedId });
  if (target === undefined) return trouble("Forbidden");
  const { result, error } = await functions.invoke(
    target,
    routeEvent(api, connection, { key, type: "MESSAGE", time }, body),
  );
  if (error !== undefined) return trouble("Internal server error");
  const { body: answer } = Object(result) as { body?: unknown };
  return api.twoWay.includes(key) && typeof answer === "string" ? answer : undefined;
}

/** The route that a message names. `path` leads to the name in the message's JSON. */
function selected(path: readonly string[], body: string): string | undefined {
  try {
    const value = path.reduce(
      (inner: unknown, name) => (Object(inner) as Record<string, unknown>)[name],
      JSON.parse(body),
    );
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function refuse(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

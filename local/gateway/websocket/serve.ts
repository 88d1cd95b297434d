import { randomBytes } from "node:crypto";
import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { WebSocketApi } from "../api.ts";
import type { Invoker } from "../invoker.ts";
import { readHead } from "../request.ts";
import type { Responder, ResponderParts } from "../responder.ts";
import { type OnRequest, Trail } from "../trail.ts";
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
  { settings, now, onRequest }: Pick<ResponderParts, "settings" | "now"> & { readonly onRequest: OnRequest },
): () => void {
  // Both may be replaced at any time, so each event reads them again.
  const api = () => responder.current(named);
  const functions = () => responder.functions;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, handleProtocols: () => false });
  const onUpgrade = async (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // The HTTP server no longer listens for errors of this socket, such as a reset by the client.
    socket.on("error", () => socket.destroy());
    const handshake = readHead(incoming, now());
    const trail = new Trail(named.name, handshake.time);
    trail.asks("CONNECT", handshake.path, handshake.rawQuery !== "");
    const refuseWith = (status: number, message: string) => {
      refuse(socket, status, message);
      onRequest(trail.record(status));
    };
    if (handshake.path.replace(/\/$/, "") !== `/${api().stage}`) {
      trail.ends("refused", `not under /${api().stage}`);
      return refuseWith(403, "Forbidden");
    }
    const connection: Connection = { id: randomBytes(11).toString("base64"), handshake };
    const refusal = await authorizeConnection(api(), connection, functions(), settings, trail);
    if (refusal) return refuseWith(refusal.status, refusal.message);
    const { status, protocol } = await announce(api(), connection, functions());
    if (status < 200 || status > 299) {
      trail.ends("error", "the backend refused the connection");
      return refuseWith(status, "Internal server error");
    }
    sockets.options.handleProtocols = () => protocol ?? false;
    sockets.handleUpgrade(incoming, socket, head, (webSocket) => converse(webSocket, connection));
    onRequest(trail.record(101));
  };

  function converse(webSocket: WebSocket, connection: Connection): void {
    // Messages are answered one at a time, in order.
    let last: Promise<unknown> = Promise.resolve();
    webSocket.on("message", (data) => {
      last = last.then(async () => {
        const trail = new Trail(named.name, now());
        const { status, answer } = await deliver(api(), connection, String(data), functions(), trail, now());
        if (answer !== undefined) webSocket.send(answer);
        onRequest(trail.record(status));
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
async function deliver(
  api: WebSocketApi,
  connection: Connection,
  body: string,
  functions: Invoker,
  trail: Trail,
  time: number,
): Promise<{ status: number; answer?: string }> {
  const named = selected(api.selection, body);
  const key = named !== undefined && Object.hasOwn(api.functions, named) ? named : "$default";
  const target = api.functions[key];
  trail.asks("MESSAGE", key);
  // The policy of the handshake counts for the whole connection.
  if (connection.authorizer) trail.decidedBy("cache", { outcome: "allow" });
  const trouble = (status: number, message: string) => ({
    status,
    answer: JSON.stringify({ message, connectionId: connection.id, requestId: connection.handshake.extendedId }),
  });
  if (target === undefined) {
    trail.ends("refused", "no such route");
    return trouble(403, "Forbidden");
  }
  const event = routeEvent(api, connection, { key, type: "MESSAGE", time }, body);
  const { result, error } = await functions.invoke(target, event);
  if (error !== undefined) {
    trail.ends("error", "the backend failed");
    return trouble(500, "Internal server error");
  }
  const { body: answer } = Object(result) as { body?: unknown };
  return api.twoWay.includes(key) && typeof answer === "string" ? { status: 200, answer } : { status: 200 };
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

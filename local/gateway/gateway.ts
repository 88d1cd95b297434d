import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { listen, shut } from "../listen.ts";
import type { Api } from "./api.ts";
import type { Invoker } from "./invoker.ts";
import { type KeySetOptions, KeySets } from "./jwt/key-sets.ts";
import type { ClientResponse } from "./request.ts";
import { Responder } from "./responder.ts";
import { DEFAULT_SETTINGS, type GatewaySettings } from "./settings.ts";
import { type OnRequest, Trail } from "./trail.ts";
import { UsagePlans } from "./usage-plans.ts";
import { serveWebSockets } from "./websocket/serve.ts";

/** Options of a gateway. */
export interface GatewayOptions {
  readonly apis: readonly Api[];
  readonly functions: Invoker;
  /** Address to listen on; by default 127.0.0.1. */
  readonly host?: string;
  /** Port of the first API; each further API takes the next port. 0, the default, takes free ports. */
  readonly port?: number;
  readonly settings?: Partial<GatewaySettings>;
  readonly usagePlans?: UsagePlans;
  /** Mutual TLS: the gateway's certificate and key, and the certificate authorities of its clients, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** URL of the key set of an issuer that JWT authorizers trust, in place of its discovery. */
  readonly keySetOf?: KeySetOptions["keySetOf"];
  /** Gets every request that was answered. */
  readonly onRequest?: OnRequest | undefined;
  /** The clock, in milliseconds since the epoch; by default the system's. */
  readonly now?: () => number;
}

/** A running gateway: a port for each API. */
export interface Gateway {
  /** By logical id: `http://127.0.0.1:4000/prod`, or `ws://…`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Address for calls of AWS's control plane, which every port answers. */
  readonly endpoint: string;
  /** Answers a call of AWS's control plane that came elsewhere; undefined for any other request. */
  controlPlane(method: string, path: string): ClientResponse | undefined;
  /** Replaces APIs and functions of the same names, and empties the cache. */
  replace(apis: readonly Api[], functions: Invoker): void;
  close(): Promise<void>;
}

/** Milliseconds for which API Gateway keeps keys of JWT authorizers at most: two hours (HTTP), one hour (REST). */
const KEYS_LIFETIME = 3_600_000;

/**
 * Starts a server for each API. A REST API, and every API with a named stage, is under `/{stage}`, as on its own
 * domain.
 *
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if a port is in use
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { apis, functions, host = "127.0.0.1", port = 0, tls, now = Date.now, onRequest = () => {} } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const maxHeaderSize = settings.headerLimit;
  const responder = new Responder(apis, functions, {
    settings,
    usagePlans: options.usagePlans ?? new UsagePlans(),
    keySets: new KeySets({
      ...{ timeout: settings.jwtKeysTimeout, lifetime: KEYS_LIFETIME, now },
      ...(options.keySetOf && { keySetOf: options.keySetOf }),
    }),
    now,
  });
  await using servers = new AsyncDisposableStack();
  const urls: Record<string, string> = {};
  let endpoint = "";
  for (const [index, api] of apis.entries()) {
    const answer = answerWith(responder, api, now, onRequest);
    const server = tls
      ? createSecureServer({ ...tls, maxHeaderSize, requestCert: true, rejectUnauthorized: true }, answer)
      : createServer({ maxHeaderSize }, answer);
    servers.adopt(server, shut);
    if (api.kind === "websocket") servers.defer(serveWebSockets(server, api, responder, { settings, now, onRequest }));
    const address = `${tls ? "s" : ""}://${host}:${await listen(server, host, port === 0 ? 0 : port + index)}`;
    endpoint ||= `http${address}`;
    urls[api.name] =
      (api.kind === "websocket" ? "ws" : "http") + address + (api.stage === "$default" ? "" : `/${api.stage}`);
  }
  const running = servers.move();
  return {
    urls,
    endpoint,
    controlPlane: (method, path) => responder.controlPlane(method, path),
    replace: (newApis, newFunctions) => responder.replace(newApis, newFunctions),
    close: () => running.disposeAsync(),
  };
}

function answerWith(responder: Responder, api: Api, now: () => number, onRequest: OnRequest): RequestListener {
  return (incoming, outgoing) => {
    const trail = new Trail(api.name, now());
    const answer = (response: ClientResponse) => {
      send(outgoing, response);
      onRequest(trail.record(response.status));
    };
    responder
      .respond(api, incoming, trail)
      .then(answer)
      .catch(() => {
        // The request was cut off, or the function's status or headers are not of HTTP.
        trail.ends("error", "the answer is not of HTTP");
        answer(FAILED);
      })
      .catch(() => outgoing.destroy());
  };
}

const FAILED: ClientResponse = { status: 500, headers: [], body: '{"message":"Internal server error"}' };

function send(outgoing: ServerResponse, { status, headers, body }: ClientResponse): void {
  // The head is built before it is sent, so that a second attempt has none of the first one's headers.
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name);
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  outgoing.end(body);
}

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { stageArn } from "../events/arn.ts";
import type { Api } from "./api.ts";
import { AuthorizerCache } from "./authorizer-cache.ts";
import type { AuthorizerOutput } from "./authorizer-output.ts";
import { controlPlane, type Flushable } from "./control-plane.ts";
import type { Invoker } from "./functions.ts";
import { type HttpOutput, handleHttp } from "./http/handle.ts";
import { type ClientResponse, type GatewayRequest, readRequest, valuesOf } from "./request.ts";
import { handleRest } from "./rest/handle.ts";
import { DEFAULT_SETTINGS, type GatewaySettings } from "./settings.ts";
import { StackError } from "./stack-error.ts";
import { UsagePlans } from "./usage-plans.ts";
import { serveWebSockets } from "./websocket/serve.ts";

export interface GatewayOptions {
  readonly apis: readonly Api[];
  readonly functions: Invoker;
  readonly host?: string;
  /** The first of as many ports as there are APIs; 0 for any that are free. */
  readonly port?: number;
  readonly settings?: Partial<GatewaySettings>;
  readonly usagePlans?: UsagePlans;
  /** Mutual TLS: the gateway's own certificate and key, and those whose clients it trusts, as PEM. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A running gateway: a port for each API. */
export interface Gateway {
  /** By logical id: `http://127.0.0.1:4000/prod`, or `ws://…`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where the calls of AWS's control plane are answered, on any of the ports. */
  readonly endpoint: string;
  /** Takes other APIs and functions in the place of those of the same names, and forgets what was cached. */
  replace(apis: readonly Api[], functions: Invoker): void;
  close(): Promise<void>;
}

/** REST APIs take another method from a header, for the route as for the ARN (developer guide, "Important notes"). */
const restMethod = ({ method, headers }: GatewayRequest): string =>
  valuesOf(headers, "x-http-method-override").at(-1)?.toUpperCase() ?? method;

/**
 * Starts a server for each API. A REST API, and every API with a named stage, is under `/{stage}`, as on its own domain.
 *
 * @throws {StackError} if a port is taken
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = "127.0.0.1", port = 0, now = Date.now, usagePlans = new UsagePlans() } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  let { apis, functions } = options;
  const rest = new AuthorizerCache<AuthorizerOutput>();
  const http = new AuthorizerCache<HttpOutput>();
  const cache: Flushable = {
    flush: (arn) => {
      rest.flush(arn);
      http.flush(arn);
    },
  };
  const current = <A extends Api>(api: A) => (apis.find(({ name }) => name === api.name) ?? api) as A;

  async function respond(named: Api, incoming: IncomingMessage): Promise<ClientResponse> {
    const api = current(named);
    const request = await readRequest(incoming, now());
    const flushed = controlPlane(request.method, request.path, apis, cache);
    if (flushed) return flushed;
    const path = withinStage(api, request.path);
    if (path === undefined || api.kind === "websocket") {
      return {
        status: 403,
        headers: [
          ["Content-Type", "application/json"],
          ["x-amzn-ErrorType", "ForbiddenException"],
        ],
        body: '{"message":"Forbidden"}',
      };
    }
    const inner = { ...request, path };
    return api.kind === "rest"
      ? handleRest(api, { ...inner, method: restMethod(request) }, { functions, cache: rest, settings, usagePlans })
      : handleHttp(api, inner, { functions, cache: http, settings });
  }

  const servers: Server[] = [];
  const closers: (() => void)[] = [];
  const urls: Record<string, string> = {};
  let endpoint = "";
  try {
    for (const [index, api] of apis.entries()) {
      const answer: RequestListener = (incoming, outgoing) => {
        respond(api, incoming).then(
          (response) => send(outgoing, response),
          () => send(outgoing, { status: 500, headers: [], body: '{"message":"Internal server error"}' }),
        );
      };
      const limits = { maxHeaderSize: settings.headerLimit };
      const server = options.tls
        ? createSecureServer({ ...options.tls, ...limits, requestCert: true, rejectUnauthorized: true }, answer)
        : createServer(limits, answer);
      if (api.kind === "websocket") {
        closers.push(
          serveWebSockets(
            server,
            () => current(api),
            () => functions,
            settings,
            now,
          ),
        );
      }
      servers.push(server);
      const own = await listen(server, host, port === 0 ? 0 : port + index);
      endpoint ||= `${options.tls ? "https" : "http"}://${host}:${own}`;
      const stage = api.stage === "$default" ? "" : `/${api.stage}`;
      urls[api.name] = `${api.kind === "websocket" ? "ws" : "http"}${options.tls ? "s" : ""}://${host}:${own}${stage}`;
    }
  } catch (error) {
    await Promise.all(servers.map(shut));
    throw error;
  }
  return {
    urls,
    endpoint,
    replace: (newApis, newFunctions) => {
      for (const api of apis) cache.flush(stageArn(api));
      apis = newApis;
      functions = newFunctions;
    },
    close: async () => {
      for (const close of closers) close();
      await Promise.all(servers.map(shut));
    },
  };
}

/** Path behind the stage; undefined if it is another stage's. */
function withinStage({ stage }: Api, path: string): string | undefined {
  if (stage === "$default") return path;
  if (path === `/${stage}`) return "/";
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined;
}

function send(outgoing: ServerResponse, { status, headers, body }: ClientResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  outgoing.end(body);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new StackError(`Port ${port} is taken: choose another first port with --port.`)
          : error,
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}

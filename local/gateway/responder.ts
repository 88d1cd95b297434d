import type { IncomingMessage } from "node:http";
import { stageArn } from "../events/arn.ts";
import type { Api } from "./api.ts";
import { AuthorizerCache } from "./authorizer-cache.ts";
import { controlPlane } from "./control-plane.ts";
import type { KnownHttpOutput } from "./http/authorize.ts";
import { handleHttp } from "./http/handle.ts";
import type { Invoker } from "./invoker.ts";
import type { KeySets } from "./jwt/key-sets.ts";
import { type ClientResponse, type GatewayRequest, readRequest, valuesOf } from "./request.ts";
import type { KnownOutput } from "./rest/ask-authorizer.ts";
import { handleRest } from "./rest/handle.ts";
import type { GatewaySettings } from "./settings.ts";
import type { Trail } from "./trail.ts";
import type { UsagePlans } from "./usage-plans.ts";

/** What a responder needs besides the APIs and their functions. */
export interface ResponderParts {
  readonly settings: GatewaySettings;
  readonly usagePlans: UsagePlans;
  /** Keys of the issuers of JWT authorizers. */
  readonly keySets: KeySets;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const FORBIDDEN: ClientResponse = {
  status: 403,
  headers: [
    ["Content-Type", "application/json"],
    ["x-amzn-ErrorType", "ForbiddenException"],
  ],
  body: '{"message":"Forbidden"}',
};

/** Answers HTTP requests for the APIs of a gateway. APIs and functions can be replaced while it runs. */
export class Responder {
  readonly #parts: ResponderParts;
  readonly #rest = new AuthorizerCache<KnownOutput>();
  readonly #http = new AuthorizerCache<KnownHttpOutput>();
  #apis: readonly Api[];
  #functions: Invoker;

  constructor(apis: readonly Api[], functions: Invoker, parts: ResponderParts) {
    this.#apis = apis;
    this.#functions = functions;
    this.#parts = parts;
  }

  /** The current functions. */
  get functions(): Invoker {
    return this.#functions;
  }

  /** The current version of an API, or the given one if it was removed. */
  current<A extends Api>(api: A): A {
    return (this.#apis.find(({ name }) => name === api.name) ?? api) as A;
  }

  /** Replaces APIs and functions, and empties the cache. */
  replace(apis: readonly Api[], functions: Invoker): void {
    for (const api of this.#apis) this.flush(stageArn(api));
    this.#apis = apis;
    this.#functions = functions;
  }

  /** Removes every cached output of a stage. */
  flush(arn: string): void {
    this.#rest.flush(arn);
    this.#http.flush(arn);
  }

  /** Answers a call of AWS's control plane; undefined for any other request. */
  controlPlane(method: string, path: string): ClientResponse | undefined {
    return controlPlane(method, path, this.#apis, this);
  }

  /** Answers a request that came to an API's port. Calls of AWS's control plane are answered on every port. */
  async respond(named: Api, incoming: IncomingMessage, trail: Trail): Promise<ClientResponse> {
    const { now, settings, usagePlans, keySets } = this.#parts;
    const api = this.current(named);
    const functions = this.#functions;
    const request = await readRequest(incoming, now());
    const method = api.kind === "rest" ? restMethod(request) : request.method;
    trail.asks(method, request.path, request.rawQuery !== "");
    const flushed = this.controlPlane(request.method, request.path);
    if (flushed) {
      trail.ends(flushed.status < 400 ? "open" : "refused", "control plane");
      return flushed;
    }
    const path = withinStage(api, request.path);
    if (path === undefined || api.kind === "websocket") {
      trail.ends("refused", path === undefined ? `not under /${api.stage}` : "no WebSocket handshake");
      return FORBIDDEN;
    }
    const inner = { ...request, path };
    if (api.kind === "http") return handleHttp(api, inner, { functions, cache: this.#http, keySets, settings, trail });
    const parts = { functions, cache: this.#rest, keySets, settings, usagePlans, trail };
    return handleRest(api, { ...inner, method }, parts);
  }
}

/**
 * In a REST API, X-HTTP-Method-Override replaces the method, for the route and for the ARN (developer guide, "Important
 * notes").
 */
const restMethod = ({ method, headers }: GatewayRequest): string =>
  valuesOf(headers, "x-http-method-override").at(-1)?.toUpperCase() ?? method;

/** The path after the stage; undefined for another stage. */
function withinStage({ stage }: Api, path: string): string | undefined {
  if (stage === "$default") return path;
  if (path === `/${stage}`) return "/";
  return path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : undefined;
}

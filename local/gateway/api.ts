import type { JwtRoute } from "./jwt/jwt-authorizer.ts";

/** An API as the local gateway serves it. */
export type Api = RestApi | HttpApi | WebSocketApi;

interface BaseApi {
  /** Logical id in the template. */
  readonly name: string;
  /** Id in ARNs and events: ten letters and digits, derived from the name. */
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
}

/** A REST API: `AWS::Serverless::Api`. */
export interface RestApi extends BaseApi {
  readonly kind: "rest";
  readonly routes: readonly Route[];
  readonly gatewayResponses: Readonly<Record<string, GatewayResponse>>;
  readonly resourcePolicy?: unknown;
  readonly apiKeySource: "HEADER" | "AUTHORIZER";
  readonly cors?: Cors;
}

/** An HTTP API: `AWS::Serverless::HttpApi`. */
export interface HttpApi extends BaseApi {
  readonly kind: "http";
  readonly routes: readonly Route[];
  readonly cors?: Cors;
}

/** A WebSocket API: `AWS::ApiGatewayV2::Api` with the protocol WEBSOCKET. */
export interface WebSocketApi extends BaseApi {
  readonly kind: "websocket";
  /** Route key → logical id of the function. */
  readonly functions: Readonly<Record<string, string>>;
  /** Keys of the routes whose function's answer is sent to the client. */
  readonly twoWay: readonly string[];
  /** Path to the member of a message that names its route: `["action"]` for `$request.body.action`. */
  readonly selection: readonly string[];
  /** Name of the authorizer of `$connect`. */
  readonly authorizer?: string;
}

/** A route of a REST or HTTP API. */
export interface Route {
  /** `GET`, or `ANY` for every method. */
  readonly method: string;
  /** `/users/{id}/{rest+}`. An HTTP API may have `$default`, for requests that match no other route. */
  readonly path: string;
  /** Logical id of the function. */
  readonly function: string;
  /** Name of the Lambda authorizer. */
  readonly authorizer?: string;
  /** The JWT authorizer, on a route that has no Lambda authorizer. */
  readonly jwt?: JwtRoute;
  /** Payload format of an HTTP API's integration. */
  readonly payload?: "1.0" | "2.0";
  readonly apiKeyRequired?: boolean;
}

/** A Lambda authorizer. */
export interface Authorizer {
  readonly type: "TOKEN" | "REQUEST";
  /** Logical id of the function. */
  readonly function: string;
  readonly sources: readonly IdentitySource[];
  /** How long its output is cached, in seconds. 0 turns the cache off. */
  readonly ttl: number;
  /** A TOKEN authorizer's validation expression, which the token must match. */
  readonly validation?: string;
  /** Payload format of an HTTP API's authorizer. */
  readonly payload?: "1.0" | "2.0";
  /** Whether it answers yes or no (`isAuthorized`) instead of a policy. Only of an HTTP API. */
  readonly simple?: boolean;
}

/** A part of a request that belongs to the key of an authorizer's cache. */
export interface IdentitySource {
  readonly in: "header" | "query" | "stageVariable" | "context";
  readonly name: string;
}

/** A gateway response: what a template says about the answers that the gateway itself gives (`GatewayResponses`). */
export interface GatewayResponse {
  readonly status?: number;
  /** Header → static text in quotes, or a mapping expression. */
  readonly headers: Readonly<Record<string, string>>;
  /** The template of the body for `application/json`. */
  readonly template?: string;
}

/** The CORS headers of an API. */
export interface Cors {
  readonly origin: string;
  readonly headers: string;
  readonly methods: string;
}

/** An id in AWS's form. The same name always has the same id. */
export function apiId(name: string): string {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 36 ** 10;
  return hash.toString(36).padStart(10, "a");
}

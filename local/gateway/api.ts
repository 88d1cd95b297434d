/** APIs as the local gateway serves them: what a template says of them, resolved. */
export type Api = RestApi | HttpApi | WebSocketApi;

interface BaseApi {
  /** Logical id in the template. */
  readonly name: string;
  /** Id in ARNs and events: ten letters and digits, made of the name. */
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
}

export interface RestApi extends BaseApi {
  readonly kind: "rest";
  readonly routes: readonly Route[];
  readonly gatewayResponses: Readonly<Record<string, CustomGatewayResponse>>;
  readonly resourcePolicy?: unknown;
  readonly apiKeySource: "HEADER" | "AUTHORIZER";
  readonly cors?: Cors;
}

export interface HttpApi extends BaseApi {
  readonly kind: "http";
  readonly routes: readonly Route[];
  readonly cors?: Cors;
}

export interface WebSocketApi extends BaseApi {
  readonly kind: "websocket";
  /** Route key → logical id of the function. */
  readonly functions: Readonly<Record<string, string>>;
  /** Routes whose answer goes back to the client. */
  readonly twoWay: readonly string[];
  /** `$request.body.action`: path of the member that names the route. */
  readonly selection: readonly string[];
  /** Of `$connect`. */
  readonly authorizer?: string;
}

export interface Route {
  /** `ANY` for all. */
  readonly method: string;
  /** `/users/{id}/{rest+}`; `$default` of an HTTP API takes what no other route does. */
  readonly path: string;
  /** Logical id of the function. */
  readonly function: string;
  readonly authorizer?: string;
  /** Payload format of an HTTP API's integration. */
  readonly payload?: "1.0" | "2.0";
  readonly apiKeyRequired?: boolean;
}

export interface Authorizer {
  readonly type: "TOKEN" | "REQUEST";
  /** Logical id of the function. */
  readonly function: string;
  readonly sources: readonly IdentitySource[];
  /** Seconds; 0 turns the cache off. */
  readonly ttl: number;
  /** Of a TOKEN authorizer. */
  readonly validation?: string;
  /** Payload format of an HTTP API's authorizer. */
  readonly payload?: "1.0" | "2.0";
  readonly simple?: boolean;
}

export interface IdentitySource {
  readonly in: "header" | "query" | "stageVariable" | "context";
  readonly name: string;
}

export interface CustomGatewayResponse {
  readonly status?: number;
  /** Header → static text in quotes, or a mapping expression. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of `application/json`. */
  readonly template?: string;
}

export interface Cors {
  readonly origin: string;
  readonly headers: string;
  readonly methods: string;
}

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";

/** An id like those of AWS: the same for the same name. */
export function apiId(name: string): string {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 36 ** 10;
  return hash.toString(36).padStart(10, "a");
}

/** `arn:aws:execute-api:…/{stage}`. */
export const stageArn = ({ id, stage }: Pick<BaseApi, "id" | "stage">) =>
  `arn:aws:execute-api:${REGION}:${ACCOUNT}:${id}/${stage}`;

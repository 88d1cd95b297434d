import type { RestApi } from "../api.ts";
import { type ClientResponse, type GatewayRequest, valuesOf } from "../request.ts";

/** A request that the gateway itself refuses, with the type of its gateway response. */
export interface Failure {
  readonly type: FailureType;
  readonly message: string | null;
}

interface Kind {
  readonly status: number;
  /** `x-amzn-ErrorType`. */
  readonly error: string;
}

/** The types of gateway responses, with their defaults (API Gateway developer guide, "Gateway response types"). */
const KINDS = {
  ACCESS_DENIED: { status: 403, error: "AccessDeniedException" },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, error: "AuthorizerConfigurationException" },
  AUTHORIZER_FAILURE: { status: 500, error: "AuthorizerFailureException" },
  INTEGRATION_FAILURE: { status: 504, error: "InternalServerErrorException" },
  INVALID_API_KEY: { status: 403, error: "ForbiddenException" },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, error: "MissingAuthenticationTokenException" },
  QUOTA_EXCEEDED: { status: 429, error: "LimitExceededException" },
  REQUEST_TOO_LARGE: { status: 413, error: "RequestTooLargeException" },
  THROTTLED: { status: 429, error: "TooManyRequestsException" },
  UNAUTHORIZED: { status: 401, error: "UnauthorizedException" },
  DEFAULT_5XX: { status: 502, error: "InternalServerErrorException" },
} as const satisfies Record<string, Kind>;

/** A type of gateway response that this gateway gives. */
export type FailureType = keyof typeof KINDS;

/** Variables of `$context` for a gateway response, by their path. */
export type FailureContext = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * The response to a failure: the template's gateway response of its type, or else of `DEFAULT_4XX` or `DEFAULT_5XX`, or
 * else the default. Mapping templates of bodies support only variables.
 */
export function failureResponse(
  { type, message }: Failure,
  api: RestApi,
  request: GatewayRequest,
  context: FailureContext,
): ClientResponse {
  const { status, error } = KINDS[type];
  const own = api.gatewayResponses[type];
  const general = api.gatewayResponses[status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX"];
  const variables: FailureContext = {
    ...context,
    "error.message": message ?? "",
    "error.messageString": JSON.stringify(message),
    "error.responseType": type,
  };
  const template = own?.template ?? general?.template;
  const body = template === undefined ? defaultBody(type, message) : substitute(template, variables, api, request);
  const headers = Object.entries({ ...general?.headers, ...own?.headers });
  return {
    status: own?.status ?? general?.status ?? status,
    headers: [
      ["Content-Type", "application/json"],
      ["x-amzn-RequestId", request.requestId],
      ["x-amz-apigw-id", request.extendedId],
      ["x-amzn-ErrorType", error],
      ...headers.map(([name, value]): [string, string] => [name, mapped(value, variables, api, request)]),
    ],
    body,
  };
}

/**
 * The default body, as API Gateway writes it: ACCESS_DENIED has `Message` with a capital letter, DEFAULT_5XX has a
 * space after the colon.
 */
function defaultBody(type: FailureType, message: string | null): string {
  const name = type === "ACCESS_DENIED" ? "Message" : "message";
  return `{"${name}":${type === "DEFAULT_5XX" ? " " : ""}${JSON.stringify(message)}}`;
}

/** The value of a header: the text in single quotes, or the value of the named variable. */
function mapped(value: string, variables: FailureContext, api: RestApi, request: GatewayRequest): string {
  const [, literal] = /^'(.*)'$/s.exec(value) ?? [];
  if (literal !== undefined) return literal;
  const [, name] = /^context\.(.+)$/.exec(value) ?? [];
  if (name !== undefined) return ownText(variables, name);
  return substitute(`$${value}`, variables, api, request);
}

/** The value of a variable, and nothing for a name that every object has. */
const ownText = (variables: FailureContext, name: string) =>
  Object.hasOwn(variables, name) ? String(variables[name] ?? "") : "";

function substitute(text: string, variables: FailureContext, api: RestApi, request: GatewayRequest): string {
  return text
    .replace(/\$context\.([A-Za-z0-9_.]+)/g, (_, name: string) => ownText(variables, name))
    .replace(/\$stageVariables\.([A-Za-z0-9_]+)/g, (_, name: string) => ownText(api.stageVariables, name))
    .replace(
      /\$?method\.request\.header\.([A-Za-z0-9_-]+)/g,
      (_, name: string) => valuesOf(request.headers, name).at(-1) ?? "",
    );
}

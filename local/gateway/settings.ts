/**
 * Behaviour of API Gateway that is not documented, or that differs between accounts. Each default is the documented
 * behaviour or the one with the best evidence.
 */
export interface GatewaySettings {
  /** Text of a REST API's 403: `current` since 2025, or the shorter `old` one. */
  readonly denialWording: "current" | "old";
  /**
   * Whether a TOKEN authorizer's validation expression must match the whole token (`full`), or any part of it
   * (`search`).
   */
  readonly validationExpression: "full" | "search";
  /** Status of a refusal by an HTTP API's policy. */
  readonly httpApiDenial: 403 | 401;
  /** Which of the two gateway responses a REST API gives for an authorizer's failure. */
  readonly authorizerError: "AUTHORIZER_CONFIGURATION_ERROR" | "AUTHORIZER_FAILURE";
  /** Whether an authorizer may write its error `Unauthorized` in any case of letters. */
  readonly unauthorizedInAnyCase: boolean;
  /**
   * Whether the limit of 8 KB for an authorizer's result holds for REST and HTTP APIs too. It is documented for
   * WebSocket APIs.
   */
  readonly resultLimit: boolean;
  /**
   * The largest total of a request's headers, in bytes. The limit is documented (10,240, or 8,000 for private APIs).
   * The answer to a larger request is not documented; here it is 431.
   */
  readonly headerLimit: number;
  /** Milliseconds in which an issuer's discovery document, and its key set, must answer a JWT authorizer. Reported. */
  readonly jwtKeysTimeout: number;
  /** Status of a request whose token's keys could not be fetched. 401 is reported of HTTP APIs. */
  readonly jwtKeysTrouble: 401 | 500;
  /** Which scopes a backend of an HTTP API gets: all of the token, or those that the route names. */
  readonly jwtScopes: "token" | "matched";
  /** How a list among a token's claims reaches a backend of an HTTP API: `[a b]`, as measured, or as JSON. */
  readonly jwtListClaims: "brackets" | "json";
}

/** The default settings. */
export const DEFAULT_SETTINGS: GatewaySettings = {
  denialWording: "current",
  validationExpression: "full",
  httpApiDenial: 403,
  authorizerError: "AUTHORIZER_CONFIGURATION_ERROR",
  unauthorizedInAnyCase: false,
  resultLimit: true,
  headerLimit: 10_240,
  jwtKeysTimeout: 1500,
  jwtKeysTrouble: 401,
  jwtScopes: "token",
  jwtListClaims: "brackets",
};

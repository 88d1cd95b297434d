/**
 * What API Gateway does and nobody has confirmed, or what differs between accounts: each with the documented, or the best attested, behaviour as its default.
 */
export interface GatewaySettings {
  /** Text of a 403 of a REST API: that of 2025 and later, or the shorter one before. */
  readonly denialWording: "current" | "old";
  /** Whether a TOKEN validation expression must match the whole token, or any part of it. */
  readonly validationExpression: "full" | "search";
  /** Status of a refusal by an HTTP API's policy. */
  readonly httpApiDenial: 403 | 401;
  /** Which of the two gateway responses a REST API gives for an authorizer's failure. */
  readonly authorizerError: "AUTHORIZER_CONFIGURATION_ERROR" | "AUTHORIZER_FAILURE";
  /** Whether `unauthorized` in another case is `Unauthorized` too. */
  readonly unauthorizedInAnyCase: boolean;
  /** Whether the 8 KB limit of an authorizer's result holds for REST and HTTP APIs as it does for WebSockets. */
  readonly resultLimit: boolean;
  /** Bytes of headers that a request may have. The number is documented (10,240, or 8,000 for private APIs), what comes of more is not: here 431. */
  readonly headerLimit: number;
}

export const DEFAULT_SETTINGS: GatewaySettings = {
  denialWording: "current",
  validationExpression: "full",
  httpApiDenial: 403,
  authorizerError: "AUTHORIZER_CONFIGURATION_ERROR",
  unauthorizedInAnyCase: false,
  resultLimit: true,
  headerLimit: 10_240,
};

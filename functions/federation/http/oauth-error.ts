/**
 * Error codes of OAuth 2.0: RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009 section 2.2.1, RFC 8707 section 2, RFC 8693
 * section 2.2.2.
 */
export const OAUTH_ERRORS = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  unsupported_token_type: 400,
  access_denied: 400,
  server_error: 500,
  temporarily_unavailable: 503,
} as const;

export type OAuthErrorCode = keyof typeof OAUTH_ERRORS;

interface OAuthErrorOptions {
  readonly cause?: unknown;
  /** What the log and the event say: the reason of a refused assertion, for example. */
  readonly reason?: string;
}

/** A request is refused, or could not be answered. The text is our own: nothing that a caller wrote. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  readonly reason: string | undefined;

  constructor(code: OAuthErrorCode, description: string, { cause, reason }: OAuthErrorOptions = {}) {
    super(description, { cause });
    this.code = code;
    this.reason = reason;
  }
}

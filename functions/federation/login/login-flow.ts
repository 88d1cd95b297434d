/** One login that a client has begun, from its authorization request to the identity provider's answer. */
export interface LoginFlow {
  /** Named on error pages and in the log. It opens nothing. */
  readonly id: string;
  readonly connection: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state?: string;
  /** PKCE, S256 (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
  readonly scopes?: readonly string[];
  readonly resource: string;
  /** ID of the AuthnRequest, which the answer names in InResponseTo. */
  readonly requestId: string;
  /** SHA-256 of the value of the cookie that binds the login to one browser, base64url. */
  readonly cookieHash: string;
  /** Seconds since the epoch. */
  readonly begunAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

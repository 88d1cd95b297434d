/**
 * Clock tolerance: how far an issuer's clock may be ahead of ours. It applies to the start of a credential (`nbf`,
 * `iat`, NotBefore, IssueInstant, AuthnInstant). It never extends an end, because the cached policy ends at the same
 * instant as the credential.
 */

/**
 * Defaults in seconds. JWT issuers are mostly cloud services with synchronised clocks: 5 seconds are enough. SAML
 * identity providers are often a company's own servers with less exact clocks, and many set NotBefore to the instant
 * of issue in milliseconds. With less than 30 seconds, new assertions would be refused. DPoP proofs have the time of the
 * clients' own clocks.
 */
export const DEFAULT_CLOCK_TOLERANCE = { jwt: 5, saml: 30, dpop: 30 } as const;

/** Maximum in seconds. RFC 7519 section 4.1.5: "usually no more than a few minutes". */
export const MAX_CLOCK_TOLERANCE = 300;

/**
 * Whether a validity period has begun.
 *
 * @param start seconds since the epoch
 * @param now seconds since the epoch
 * @param clockTolerance seconds, 0 to 300
 * @example hasBegun(1_000_004, 1_000_000, 5) === true
 */
export function hasBegun(start: number, now: number, clockTolerance: number): boolean {
  return start <= now + clockTolerance;
}

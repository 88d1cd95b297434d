/**
 * How far an issuer's clock may be ahead of ours. The tolerance is for the instants at which a credential begins (`nbf`, `iat`, NotBefore,
 * IssueInstant, AuthnInstant). It never extends an end: the cached policy ends at the same instant as the credential.
 */

/**
 * Defaults in seconds. JWT issuers are mostly cloud services with synchronised clocks: 5 seconds are enough. SAML identity providers are often
 * servers of the enterprise itself, whose clocks drift, and many write the instant of issue as NotBefore, in milliseconds: with less than
 * 30 seconds, fresh assertions are refused.
 */
export const DEFAULT_CLOCK_TOLERANCE = { jwt: 5, saml: 30 } as const;

/** Seconds. RFC 7519 section 4.1.5: "usually no more than a few minutes". */
export const MAX_CLOCK_TOLERANCE = 300;

/**
 * Whether something that is valid from an instant on is valid now.
 *
 * @param start seconds since the epoch
 * @param now likewise
 * @param clockTolerance seconds, 0 to 300
 * @example hasBegun(1_000_004, 1_000_000, 5) === true
 */
export function hasBegun(start: number, now: number, clockTolerance: number): boolean {
  return start <= now + clockTolerance;
}

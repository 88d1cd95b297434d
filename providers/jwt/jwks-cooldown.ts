/**
 * How often an issuer's key set (JWKS) is fetched at most, in milliseconds. A token with an unknown `kid` may
 * announce a new key, or may be made up by anyone: without a cooldown, a flood of such tokens would become a flood of
 * fetches.
 */
export const JWKS_COOLDOWN = {
  /** Between two fetches for tokens with an unknown `kid`. */
  cooldown: 30_000,
  /** After a failed fetch; it doubles with each further failure, up to `maxRetryDelay`. */
  retryDelay: 10_000,
  maxRetryDelay: 60_000,
} as const;

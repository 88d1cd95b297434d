/** The most that `entitlements.maxCacheAge` may be. */
const LONGEST = 60;

/**
 * Seconds for which authorizers may decide by entitlements that they have read. If nobody says how many, as many as the
 * configuration may have: a flush that comes too early would leave a policy of before in a cache.
 *
 * @throws {Error} for another text
 */
export function rememberedFor(text: string | undefined): number {
  if (text === undefined) return LONGEST;
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= LONGEST) return seconds;
  throw new Error("SALLYPORT_ENTITLEMENTS_MAX_AGE: a whole number of seconds, 0 to 60.");
}

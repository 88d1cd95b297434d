import { elapsedSince, type Instant } from "../shared/infrastructure/remote/elapsed.ts";

/**
 * Milliseconds for which what was read decides. After a change, such as a revocation, decisions that rest on the state
 * before it end within this time, so that none of them is put into a cache that was flushed later than that.
 */
export const MAX_READING_AGE = 1000;

/**
 * Whether too much time has passed since a store was asked.
 *
 * @param cached milliseconds for which the reading may have been remembered, by setting
 */
export const isTooOld = (readAt: Instant, cached = 0): boolean => elapsedSince(readAt) > MAX_READING_AGE + cached;

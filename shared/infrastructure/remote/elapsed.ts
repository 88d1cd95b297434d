/** An instant by both clocks, in milliseconds. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export const instantNow = (): Instant => ({ wall: Date.now(), monotonic: performance.now() });

/**
 * Milliseconds since an instant, by the clock that says more. The wall clock may be set back, and would then stop
 * every pause and every age limit for as long. The monotonic clock may stand still while Lambda freezes the process
 * between invocations. With either clock alone, an old key could be trusted for longer than its age limit.
 */
export const elapsedSince = ({ wall, monotonic }: Instant): number =>
  Math.max(Date.now() - wall, performance.now() - monotonic);

/** A period in seconds since the epoch. It includes the start and excludes the end. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** The union of the intervals, sorted and without overlaps. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { start, end } of intervals.toSorted((left, right) => left.start - right.start)) {
    if (start >= end) continue;
    const last = merged.at(-1);
    if (last && start <= last.end) merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else merged.push({ start, end });
  }
  return merged;
}

/** Whether an instant is in one of the intervals. */
export function isWithin(intervals: readonly Interval[], time: number): boolean {
  return intervals.some(({ start, end }) => start <= time && time < end);
}

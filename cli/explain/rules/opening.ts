import type { RouteRule, TimeWindow } from "../../../shared/domain/config/routes.ts";
import { openIntervals } from "../../../shared/domain/policy/time-window.ts";

/** Whether a rule is open, and when that changes next. */
export interface Opening {
  readonly open: boolean;
  /** Seconds since the epoch. Absent: not within the days that are looked at, or never. */
  readonly opensAt?: number;
  readonly closesAt?: number;
}

/** A recurring window opens within a week, or within two where a clock change skips it. */
const AHEAD = 15 * 86_400;
/** 9999-12-31T23:59:59Z: windows without an end. */
const LATEST = 253_402_300_799;

/** When the windows of a rule are open; undefined if it has none. @param time seconds since the epoch */
export function openingOf({ windows }: RouteRule, time: number): Opening | undefined {
  if (!windows) return undefined;
  const intervals = openIntervals(windows, { start: time, end: horizonOf(windows, time) });
  const [first] = intervals;
  if (!first) return { open: false };
  if (first.start > time) return { open: false, opensAt: first.start };
  const hasEnd = first.end < horizonOf(windows, time);
  return hasEnd ? { open: true, closesAt: first.end } : { open: true };
}

function horizonOf(windows: readonly TimeWindow[], time: number): number {
  return windows.some((window) => "from" in window) ? time + AHEAD : LATEST;
}

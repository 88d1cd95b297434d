import type { RouteRule, TimeWindow } from "../../../shared/domain/config/routes.ts";
import { openIntervals } from "../../../shared/domain/policy/time-window.ts";

/** Whether a rule is open, and when that changes next. */
export interface Opening {
  readonly open: boolean;
  /** Seconds since the epoch. Absent: not within the days that are looked at, or never. */
  readonly opensAt?: number;
  readonly closesAt?: number;
  /** It has ended, because the caller signed in too long ago. */
  readonly ended?: true;
}

/** A recurring window opens within a week, or within two where a clock change skips it. */
const AHEAD = 15 * 86_400;
/** 9999-12-31T23:59:59Z: windows without an end. */
const LATEST = 253_402_300_799;

/**
 * When a rule is open; undefined if it always is.
 *
 * @param time seconds since the epoch
 * @param until when it ends because the caller signed in too long ago, likewise
 */
export function openingOf({ windows }: RouteRule, time: number, until?: number): Opening | undefined {
  const opening = openingByWindows(windows, time);
  if (until === undefined) return opening;
  // Nobody is asked to sign in again by a window: a rule that has ended stays closed.
  if (until <= time) return { open: false, ended: true };
  if (opening?.open === false) return opening;
  return { open: true, closesAt: Math.min(until, opening?.closesAt ?? until) };
}

function openingByWindows(windows: RouteRule["windows"], time: number): Opening | undefined {
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

import { DAYS, type TimeWindow } from "../config/routes.ts";
import { parseInstant } from "../time/instant.ts";
import { type Interval, union } from "../time/interval.ts";
import { offsetSpans } from "../time/zone-offset.ts";

const DAY = 86_400;

/** 1 January 1970 was a Thursday. */
const FIRST_DAY = DAYS.indexOf("thu");

/**
 * When one of the windows is open within a period, as the fewest intervals. A recurring window is open while the
 * clocks of its zone show one of its days and a time from `from` on and before `until`: a time that a clock change
 * skips does not come, and one that is repeated counts both times.
 */
export function openIntervals(windows: readonly TimeWindow[], period: Interval): Interval[] {
  return union(windows.flatMap((window) => ("from" in window ? recurring(window, period) : once(window, period))));
}

type Once = Exclude<TimeWindow, { readonly from: string }>;
type Recurring = Extract<TimeWindow, { readonly from: string }>;

function once({ notBefore, notAfter }: Once, period: Interval): Interval {
  const start = notBefore === undefined ? period.start : secondsOf(notBefore);
  const end = notAfter === undefined ? period.end : secondsOf(notAfter);
  return { start: Math.max(start, period.start), end: Math.min(end, period.end) };
}

/**
 * A checked configuration holds readable instants only. Should one not be, no decision is right, neither of an
 * allowing rule nor of a denying one.
 */
function secondsOf(instant: string): number {
  const seconds = parseInstant(instant);
  if (seconds === undefined) throw new TypeError("an instant of the configuration is not readable");
  return seconds;
}

function recurring({ days, from, until, timeZone }: Recurring, period: Interval): Interval[] {
  const weekdays = days.map((day) => DAYS.indexOf(day));
  const [opens, closes] = [from, until].map(secondsOfDay) as [number, number];
  return offsetSpans(period.start, period.end, timeZone).flatMap(({ start, end, offset }) => {
    const intervals: Interval[] = [];
    // Between clock changes the local time runs evenly: each local date is a whole number of days since the local
    // epoch.
    for (let date = Math.floor((start + offset) / DAY); date * DAY < end + offset; date++) {
      if (!weekdays.includes(weekdayOf(date))) continue;
      const midnight = date * DAY - offset;
      intervals.push({ start: Math.max(midnight + opens, start), end: Math.min(midnight + closes, end) });
    }
    return intervals;
  });
}

const weekdayOf = (date: number) => (((date + FIRST_DAY) % 7) + 7) % 7;

function secondsOfDay(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return hours * 3600 + minutes * 60;
}

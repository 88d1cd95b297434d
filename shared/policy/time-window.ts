import { DAYS, type TimeWindow } from "../config/routes.ts";

/** A stretch of time in seconds since the epoch; a missing bound is open. */
export interface Interval {
  readonly start?: number;
  readonly end?: number;
}

/** Seconds a policy may be cached for at most (authorizerResultTtlInSeconds): a window that opens later need not be in it. */
const HORIZON = 3600;

const DAY = 86_400;

/**
 * When a window is open next: the interval that holds `time`, or else the first one that begins before a policy made at `time`
 * could leave the cache. Undefined if there is none.
 */
export function nextInterval(window: TimeWindow, time: number): Interval | undefined {
  if (!("from" in window)) {
    const start = window.notBefore === undefined ? undefined : toSeconds(window.notBefore);
    const end = window.notAfter === undefined ? undefined : toSeconds(window.notAfter);
    return relevant({ ...(start !== undefined && { start }), ...(end !== undefined && { end }) }, time);
  }
  // The local date may be a day off the UTC date, either way.
  for (const offset of [-1, 0, 1, 2]) {
    const date = localDate(time + offset * DAY, window.timeZone);
    if (!window.days.includes(date.day)) continue;
    const start = toUtc(date, window.from, window.timeZone);
    const end = toUtc(date, window.until, window.timeZone);
    const interval = relevant({ start, end }, time);
    if (interval) return interval;
  }
  return undefined;
}

/** Whether an instant lies in an interval: its start included, its end not. */
export function isWithin({ start, end }: Interval, time: number): boolean {
  return (start === undefined || start <= time) && (end === undefined || time < end);
}

function relevant(interval: Interval, time: number): Interval | undefined {
  const { start = time, end = Number.POSITIVE_INFINITY } = interval;
  return start < end && time < end && start <= time + HORIZON ? interval : undefined;
}

const toSeconds = (instant: string) => Math.floor(Date.parse(instant) / 1000);

interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly day: (typeof DAYS)[number];
}

function localDate(time: number, timeZone: string): LocalDate {
  const shifted = new Date((time + offsetAt(time, timeZone)) * 1000);
  const day = DAYS[shifted.getUTCDay()] ?? "sun";
  return { year: shifted.getUTCFullYear(), month: shifted.getUTCMonth(), date: shifted.getUTCDate(), day };
}

/** The instant of a wall-clock time. Where a clock change skips it, the instant as far after the change as it lies after the skip's start. */
function toUtc({ year, month, date }: LocalDate, clock: string, timeZone: string): number {
  const [hours, minutes] = clock.split(":").map(Number);
  const wall = Date.UTC(year, month, date, hours, minutes) / 1000;
  const guess = wall - offsetAt(wall, timeZone);
  return wall - offsetAt(guess, timeZone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Seconds by which the zone's clocks are ahead of UTC at an instant. */
function offsetAt(time: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(time * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes, secs = "0"] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
  if (!sign) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(secs));
}

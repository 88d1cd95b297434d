import { BoundedMap } from "../bounded-map.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

/** Seconds for which an offset is kept: no zone has ever changed its clocks twice within them. */
const STRETCH = 900;

/** Offsets by zone and stretch of time, where the clocks are not changed in it. */
const known = new BoundedMap<string, number>(256);

/**
 * Seconds by which the clocks of an IANA time zone are ahead of UTC at an instant. @param time seconds since the
 * epoch
 */
export function zoneOffset(time: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const start = Math.floor(time / STRETCH) * STRETCH;
  const key = `${timeZone} ${start}`;
  const kept = known.get(key);
  if (kept !== undefined) return kept;
  const offset = offsetAt(start, timeZone);
  if (offsetAt(start + STRETCH, timeZone) !== offset) return offsetAt(time, timeZone);
  known.set(key, offset);
  return offset;
}

function offsetAt(time: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(time * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes, seconds = "0"] = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name) ?? [];
  if (!sign) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** A period in which the offset of a time zone does not change, in seconds since the epoch. */
export interface OffsetSpan {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** Seconds between two samples. No time zone has ever had two clock changes within an hour. */
const STEP = 3600;

/** Splits a period at clock changes into spans with one offset each. */
export function offsetSpans(start: number, end: number, timeZone: string): OffsetSpan[] {
  const spans: OffsetSpan[] = [];
  let from = start;
  let offset = zoneOffset(start, timeZone);
  for (let at = start; at < end; ) {
    const next = Math.min(at + STEP, end);
    const changed = zoneOffset(next, timeZone);
    if (changed !== offset) {
      const change = findChange(at, next, timeZone, offset);
      if (change > from) spans.push({ start: from, end: change, offset });
      from = change;
      offset = changed;
    }
    at = next;
  }
  if (from < end) spans.push({ start: from, end, offset });
  return spans;
}

/** The first instant in (low, high] with another offset. Binary search. */
function findChange(low: number, high: number, timeZone: string, offset: number): number {
  let [before, after] = [low, high];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zoneOffset(middle, timeZone) === offset) before = middle;
    else after = middle;
  }
  return after;
}

import { clockAt } from "./clock.ts";
import type { RecurringWindow, Window } from "./types.ts";

/**
 * Whether one of the windows is open at an instant, in whole seconds since the epoch. Without windows it is always
 * open.
 */
export function isOpenAt(windows: readonly Window[] | undefined, time: number): boolean {
  return windows === undefined || windows.some((window) => isWindowOpen(window, time));
}

function isWindowOpen(window: Window, time: number): boolean {
  if ("from" in window) return isRecurringOpen(window, time);
  const { notBefore, notAfter } = window;
  return (
    (notBefore === undefined || time >= instantOf(notBefore)) && (notAfter === undefined || time < instantOf(notAfter))
  );
}

function isRecurringOpen({ days, from, until, timeZone = "UTC" }: RecurringWindow, time: number): boolean {
  const { day, clock } = clockAt(timeZone, time);
  // Times of day have leading zeros, so they compare as texts; nothing is later than 24:00.
  return (days === undefined || days.includes(day)) && clock >= from && clock < until;
}

const instants = new Map<string, number>();

/** Seconds since the epoch of an ISO 8601 instant with offset. */
export function instantOf(text: string): number {
  let instant = instants.get(text);
  if (instant === undefined) {
    instant = Date.parse(text) / 1000;
    if (instants.size > 20_000) instants.clear();
    instants.set(text, instant);
  }
  return instant;
}

/** Instants after `start` and until `end` at which a window opens or closes. */
export function boundaries(windows: readonly Window[], start: number, end: number): number[] {
  const found = new Set<number>();
  for (const window of windows) {
    // Clocks change their minutes at whole minutes only; the other form says its instants itself.
    const candidates =
      "from" in window
        ? wholeMinutes(start, end)
        : [window.notBefore, window.notAfter].flatMap((text) => (text === undefined ? [] : instantOf(text)));
    for (const time of candidates) {
      if (time > start && time <= end && isWindowOpen(window, time) !== isWindowOpen(window, time - 1)) found.add(time);
    }
  }
  return [...found].sort((left, right) => left - right);
}

function wholeMinutes(start: number, end: number): number[] {
  const first = Math.ceil(start / 60) * 60;
  return Array.from({ length: Math.max(0, Math.floor((end - first) / 60) + 1) }, (_, index) => first + index * 60);
}

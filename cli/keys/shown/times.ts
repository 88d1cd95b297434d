import { shownDuration, shownTime } from "../../explain/shown-time.ts";
import { safeText } from "./safe-text.ts";

/** When something happened, by whom and why. */
export function eventText(time: number, by?: string, reason?: string): string {
  return `${shownTime(time)}${by === undefined ? "" : ` by ${safeText(by)}`}${reason === undefined ? "" : `: ${safeText(reason)}`}`;
}

/** An instant and how far it is from now. */
export function shownEnd(time: number, now: number): string {
  const distance = shownDuration(rounded(Math.abs(time - now)));
  return `${shownTime(time)} (${time > now ? `in ${distance}` : `${distance} ago`})`;
}

/** To the unit in which it is shown: a key of 90 days does not end in 89 days a second later. */
function rounded(seconds: number): number {
  const unit = seconds < 120 ? 1 : seconds < 7200 ? 60 : seconds < 172_800 ? 3600 : 86_400;
  return Math.round(seconds / unit) * unit;
}

/** An instant to the minute, as in a table: `2026-11-21 22:30`. */
export const shownMinute = (time: number): string => new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ");

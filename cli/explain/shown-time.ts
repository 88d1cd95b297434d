/** An instant for people. @param time seconds since the epoch, perhaps with a fraction */
export function shownTime(time: number): string {
  const date = new Date(Math.floor(time) * 1000);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().replace(".000Z", "Z");
}

/** An instant, and how far it is from another. */
export function shownTimeFrom(time: number, from: number): string {
  const seconds = Math.floor(time) - from;
  if (seconds === 0) return `${shownTime(time)}, the same second`;
  return `${shownTime(time)}, ${shownDuration(Math.abs(seconds))} ${seconds < 0 ? "earlier" : "later"}`;
}

/** @example shownDuration(600) === "10 min" */
export function shownDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

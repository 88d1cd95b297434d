import * as v from "valibot";

/** An instant as ISO 8601 in UTC, to the second: `2026-11-21T22:34:08Z`. */
export const instant = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "an instant in UTC"));

/** The instant of a number of seconds since the epoch. */
export const instantOf = (seconds: number): string =>
  new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");

/** What every event has. */
export const common = v.object({
  /** The same for each delivery of this event. Two events with one id are one event. */
  id: v.pipe(v.string(), v.minLength(1)),
  /** Version of the members. It stays the same when members are added: consumers ignore those that they do not know. */
  schemaVersion: v.literal(1),
  /** When it happened. */
  time: instant,
});

import * as v from "valibot";

/** Seconds since the epoch. */
const time = v.pipe(v.number(), v.integer(), v.minValue(0));

/** How far the schedule has come. It is in the table of activity, between two runs. */
const watchState = v.object({
  /** When the schedule ran for the first time. Uses of before are not known. */
  since: time,
  /** Until when keys that end have been announced: all notices that were due before it. */
  endsUntil: time,
  /** Where the look at all keys that end soon goes on. No cursor: it begins anew. */
  windows: v.optional(v.object({ cursor: v.optional(v.string()) }), {}),
  /** Until when keys whose last use is long ago have been announced. */
  unusedUntil: time,
  /** When certificates were looked at. */
  certificatesAt: v.optional(time),
  /** The ends of fetched metadata, and since when they have been the same, by the hash of the issuer. */
  metadata: v.optional(v.record(v.string(), v.object({ validUntil: time, since: time })), {}),
  /** The walk over all keys. */
  walk: v.optional(
    v.object({
      startedAt: time,
      /** Absent: it is over. */
      next: v.optional(v.object({ cursor: v.optional(v.string()) })),
      /** Peppers that a key needs, by their ids. */
      peppers: v.array(v.string()),
      /** Records that could not be read. */
      damaged: v.pipe(v.number(), v.integer()),
    }),
  ),
});

export type WatchState = v.InferOutput<typeof watchState>;

/**
 * The state before the first run: what has ended before it is not announced. No last use is older than the table.
 */
export const firstState = (now: number): WatchState => ({
  ...{ since: now, endsUntil: now, windows: {}, unusedUntil: now, metadata: {} },
});

/**
 * Reads the state from its text.
 *
 * @throws {v.ValiError} if it is not one
 */
export const readState = (text: string): WatchState => v.parse(watchState, JSON.parse(text));

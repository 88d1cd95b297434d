import * as v from "valibot";

const message = v.object({ after: v.pipe(v.number(), v.integer(), v.minValue(0)) });

/** Milliseconds by which a message may ask for a flush in the future: the longest delay of a queue. */
const LONGEST_DELAY = 900_000;

/**
 * The instant from which a message asks for a flush, in milliseconds since the epoch; undefined if the message cannot be
 * read.
 */
export function afterOf(body: string, now: number): number | undefined {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), message), body);
  return result.success && result.output.after <= now + LONGEST_DELAY ? result.output.after : undefined;
}

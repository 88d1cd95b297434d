import { isDeepStrictEqual } from "node:util";

/**
 * Whether two answers to one event say the same, where the second was decided some time after the first. A policy may
 * end a fixed time after its decision, so that each `aws:CurrentTime` of the second may be later by that time at
 * most. Everything else must be equal.
 *
 * @param between seconds from before the first decision to after the second
 */
export function isSameAnswer(first: unknown, second: unknown, between: number): boolean {
  const tolerance = Math.ceil(between);
  const times: [earlier: unknown[], later: unknown[]] = [[], []];
  const [one, other] = [withoutTimes(first, times[0]), withoutTimes(second, times[1])];
  return isDeepStrictEqual(one, other) && times[0].every((time, index) => isWithin(time, times[1][index], tolerance));
}

const KEY = "aws:CurrentTime";

/** A copy in which no `aws:CurrentTime` has a value; the values, in order. */
function withoutTimes(value: unknown, times: unknown[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutTimes(item, times));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name !== KEY) return [name, withoutTimes(inner, times)];
      times.push(inner);
      return [name, KEY];
    }),
  );
}

function isWithin(earlier: unknown, later: unknown, tolerance: number): boolean {
  const seconds = secondsOf(later) - secondsOf(earlier);
  return isDeepStrictEqual(earlier, later) || (seconds >= 0 && seconds <= tolerance);
}

/** NaN for what is no instant: it is within no tolerance. */
const secondsOf = (time: unknown): number => (typeof time === "string" ? Date.parse(time) / 1000 : Number.NaN);

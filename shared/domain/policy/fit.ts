import { TroubleError } from "../reasons/errors.ts";
import { type Bounds, compilePolicy } from "./compile.ts";
import type { RouteRequest } from "./covers-request.ts";
import type { PolicyDocument } from "./document.ts";
import type { Grant } from "./grant.ts";

/**
 * The policy with the latest end that fits into the room there is: a shorter life has fewer openings and closings of
 * windows in it. A policy that does not fit without any of them is returned as it is: the response refuses it.
 *
 * @param room bytes
 * @throws {TroubleError} `policy_too_large` if a resource exceeds 512 characters
 */
export function fitPolicy(
  request: RouteRequest,
  grants: readonly Grant[],
  bounds: Bounds,
  room: () => number,
): PolicyDocument {
  const ends = changesOf(grants).filter((time) => time > request.time && time < bounds.end);
  if (ends.length === 0) return compilePolicy(request, grants, bounds);
  const largest = room();
  const until = (end: number) => compileWithin(request, grants, { ...bounds, end }, largest);
  const whole = until(bounds.end);
  if (whole) return whole;
  // The longest life that fits, by halves: `ends` is in order.
  let [low, high] = [0, ends.length];
  let best: PolicyDocument | undefined;
  while (low < high) {
    const middle = (low + high) >> 1;
    const shorter = until(ends[middle] ?? bounds.end);
    if (shorter) [best, low] = [shorter, middle + 1];
    else high = middle;
  }
  return best ?? compilePolicy(request, grants, { ...bounds, end: ends[0] ?? bounds.end });
}

/** Every instant at which a window of the grants opens or closes, in order. */
function changesOf(grants: readonly Grant[]): number[] {
  const changes = grants.flatMap(({ intervals = [] }) => intervals.flatMap(({ start, end }) => [start, end]));
  return [...new Set(changes)].sort((left, right) => left - right);
}

function compileWithin(request: RouteRequest, grants: readonly Grant[], bounds: Bounds, room: number) {
  try {
    const policy = compilePolicy(request, grants, bounds);
    return Buffer.byteLength(JSON.stringify(policy)) <= room ? policy : undefined;
  } catch (error) {
    if (error instanceof TroubleError) return undefined;
    throw error;
  }
}

import type { Caller } from "../caller/caller.ts";
import type { PolicyConfig } from "../config/schema.ts";

/** Longest that API Gateway caches an answer, in seconds (`authorizerResultTtlInSeconds`). */
const MAX_TTL = 3600;

/** Seconds that an answer may take into the cache, and by which clocks may differ: without them a policy would end just before it is forgotten. */
const MARGIN = 60;

/**
 * The instant from which a policy allows nothing: the end of the first credential, or `policy.maxLifetime` where none has an end, and in any
 * case when the cache has forgotten it.
 *
 * @param ttl seconds for which API Gateway caches the answer; undefined if nobody says
 * @returns seconds since the epoch
 */
export function policyEnd(
  { expiresAt }: Pick<Caller, "expiresAt">,
  time: number,
  { maxLifetime }: Pick<PolicyConfig, "maxLifetime">,
  ttl: number | undefined,
): number {
  const horizon = ttl === undefined ? MAX_TTL : ttl + MARGIN;
  return Math.min(expiresAt ?? time + maxLifetime, time + horizon);
}

import type { Caller } from "../caller/caller.ts";
import type { PolicyConfig } from "../config/schema.ts";
import type { AuthorizationRequest } from "../request/authorization-request.ts";

/** Longest that API Gateway caches an answer, in seconds (`authorizerResultTtlInSeconds`). */
const MAX_TTL = 3600;

/**
 * Seconds that an answer may take into the cache, and by which clocks may differ: without them a policy would end
 * just before it is forgotten.
 */
const MARGIN = 60;

/**
 * The instant from which a policy allows nothing: the end of the first credential, where one that has no end of its
 * own holds for `policy.maxLifetime`; and in any case when the cache has forgotten the policy.
 *
 * @returns seconds since the epoch
 */
export function policyEnd(
  { principals }: Pick<Caller, "principals">,
  { time, cache }: Pick<AuthorizationRequest, "time" | "cache">,
  { maxLifetime }: Pick<PolicyConfig, "maxLifetime">,
): number {
  const ends = principals.map(({ expiresAt = time + maxLifetime }) => expiresAt);
  return Math.min(...ends, time + horizonOf(cache));
}

/** Seconds for which an answer may be served. */
function horizonOf(cache: AuthorizationRequest["cache"]): number {
  if (cache && cache.ttl === undefined) return MAX_TTL;
  return (cache?.ttl ?? 0) + MARGIN;
}

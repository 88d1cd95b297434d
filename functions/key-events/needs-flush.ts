import { isDeepStrictEqual } from "node:util";
import type { KeyRecord } from "../../providers/api-key/record.ts";

/** Seconds for which an answer is cached at most, and a minute for clocks that differ. */
const LONGEST_CACHE = 3660;

/**
 * Whether a cached policy of before a change may allow what a decision after it would not. An opening of the key needs no
 * flush: who was refused is asked about again.
 *
 * @param time of the change, in seconds since the epoch
 */
export function needsFlush(before: KeyRecord, after: KeyRecord, time: number): boolean {
  if (after.status === "revoked") return before.status !== "revoked";
  // What a suspension leaves in the caches was flushed when it began.
  if (before.status !== "active") return false;
  return (
    after.status !== "active" ||
    losesSecret(before, after, time) ||
    endsEarlier(before.expiresAt, after.expiresAt, time) ||
    losesAddresses(before, after) ||
    provesOtherwise(before, after)
  );
}

/** Whether the record is deleted while the key could still be used. */
export function deletionNeedsFlush({ status, expiresAt }: KeyRecord, time: number): boolean {
  return status === "active" && (expiresAt === undefined || expiresAt > time);
}

/** Whether a secret is refused before the policies end that were made with it. */
function losesSecret(before: KeyRecord, after: KeyRecord, time: number): boolean {
  const { hash, pepper, previousHash, previousPepper, previousUntil = 0 } = before;
  // A secret whose grace is over has no policies.
  const isPreviousInUse = previousHash !== undefined && previousUntil > time;
  return (
    endsEarlier(undefined, endOfSecret(after, [hash, pepper]), time) ||
    (isPreviousInUse && endsEarlier(previousUntil, endOfSecret(after, [previousHash, previousPepper]), time))
  );
}

/** The second from which a secret is refused; undefined: it is the current one. With another pepper nothing fits its hash. */
function endOfSecret(record: KeyRecord, secret: readonly [Uint8Array, string | undefined]): number | undefined {
  const { hash, pepper, previousHash, previousPepper, previousUntil = 0 } = record;
  if (isDeepStrictEqual([hash, pepper], secret)) return undefined;
  return isDeepStrictEqual([previousHash, previousPepper], secret) ? previousUntil : 0;
}

/** Whether an end moves to an earlier time, at which policies of before the change may still be cached. */
function endsEarlier(before = Number.POSITIVE_INFINITY, after = Number.POSITIVE_INFINITY, time: number): boolean {
  return after < before && after < time + LONGEST_CACHE;
}

function losesAddresses({ addresses: before }: KeyRecord, { addresses: after }: KeyRecord): boolean {
  if (after === undefined) return false;
  return before === undefined || before.some((address) => !after.includes(address));
}

/**
 * Any change counts, not only a loss: a rule may deny by a scope, a role or a tenant, and backends read the others from
 * the cached context.
 */
function provesOtherwise(before: KeyRecord, after: KeyRecord): boolean {
  const proven = ({ subject, tenant, scopes, roles, attributes, usageIdentifierKey, environment }: KeyRecord) => ({
    ...{ subject, tenant, attributes, usageIdentifierKey, environment },
    ...{ scopes: scopes.toSorted(), roles: roles.toSorted() },
  });
  return !isDeepStrictEqual(proven(before), proven(after));
}

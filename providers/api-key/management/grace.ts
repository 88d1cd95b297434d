import type { KeyRecord } from "../record.ts";

/**
 * Until when the secret before the last rotation is accepted: until its grace or the key ends. Seconds since the epoch.
 * Undefined: there is none, or it is accepted no longer. A key that is disabled accepts it when it is enabled.
 */
export function graceEnd(record: KeyRecord, now: number): number | undefined {
  const { status, previousUntil = 0, expiresAt = Number.POSITIVE_INFINITY } = record;
  const end = Math.min(previousUntil, expiresAt);
  return status !== "revoked" && end > now ? end : undefined;
}

import { eventKeyOf } from "../../providers/api-key/management/event-key.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { readKeys } from "./read-keys.ts";
import { DAY, daysOf, type Part } from "./watcher.ts";

/** Days without a use after which a key is announced. */
export const UNUSED_DAYS = 90;

/**
 * Announces active keys whose last use was 90 days ago: by the index of last uses, from where the last run stopped. Keys
 * that were never used are not in it; the walk finds them.
 */
export const unusedKeys: Part = async ({ state, table, keys, now, announce, isLate }) => {
  for (const { from, until } of daysOf(state.unusedUntil - UNUSED_DAYS * DAY, now - UNUSED_DAYS * DAY)) {
    for await (const uses of table.lastUses(from, until)) {
      if (isLate()) return { unusedUntil: from + UNUSED_DAYS * DAY };
      const ids = uses.map(({ keyId }) => keyId);
      const events = (await readKeys(keys, ids)).flatMap((record, index) =>
        record && isLive(record, now) ? [keyUnused(record, uses[index]?.hour, now)] : [],
      );
      await announce(events);
    }
  }
  return { unusedUntil: now };
};

/** A key that can be used, if somebody wanted to. */
export const isLive = ({ status, expiresAt = Number.POSITIVE_INFINITY }: KeyRecord, now: number): boolean =>
  status === "active" && expiresAt > now;

/** The event of an unused key. @param hour of its last use, in seconds since the epoch; absent: it was never used */
export function keyUnused(record: KeyRecord, hour: number | undefined, now: number): SallyportEvent {
  return {
    name: "KeyUnused",
    detail: {
      id: `${record.id}:${instantOf(hour ?? record.createdAt)}:KeyUnused`,
      ...{ schemaVersion: 1, time: instantOf(now), key: eventKeyOf(record) },
      ...(hour !== undefined && { lastUsedAt: instantOf(hour) }),
      unusedDays: UNUSED_DAYS,
    },
  };
}

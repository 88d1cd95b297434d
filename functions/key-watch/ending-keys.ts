import { eventKeyOf } from "../../providers/api-key/management/event-key.ts";
import { isDamaged } from "../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { NOTICE_DAYS } from "../../shared/domain/events/watch-events.ts";
import { dayBuckets } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { readKeys } from "./read-keys.ts";
import { DAY, daysOf, type Part, type Watcher } from "./watcher.ts";

/** The notices by their days before the end; 0 is the end itself. */
const NOTICES = [...NOTICE_DAYS, 0] as const;
type Notice = (typeof NOTICES)[number];

/** Seconds that are looked at again, since an index lags behind its table. */
const OVERLAP = 900;

/**
 * Announces keys that end within 30, 14 or 3 days, and those that have ended: by the index of ends, from where the last
 * run stopped until now, however long ago it was. If a run was missed for days, only the tightest notice is sent.
 */
export const endingKeys: Part = async (watcher) => {
  const { state, now } = watcher;
  for (const notice of NOTICES) {
    for (const day of daysOf(state.endsUntil - OVERLAP + notice * DAY, now + notice * DAY)) {
      for (const expiryBucket of dayBuckets(day.from)) {
        // What is announced so far is noted: the next run passes over it.
        if (watcher.isLate()) return {};
        await announceBucket(watcher, { expiryBucket, ...day }, notice);
      }
    }
  }
  return { endsUntil: now };
};

async function announceBucket(
  { keys, announce, now }: Watcher,
  query: { readonly expiryBucket: string; readonly from: number; readonly until: number },
  notice: Notice,
): Promise<void> {
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const page = await keys.page(query, cursor === undefined ? {} : { cursor });
    const listed = page.keys.flatMap((key) => (!isDamaged(key) && isDue(key, notice, now) ? [key] : []));
    // The index may be of before a revocation, or before the end was moved.
    const current = await readKeys(
      keys,
      listed.map(({ id }) => id),
    );
    const due = current.flatMap((record) => (record && isDue(record, notice, now) ? [record] : []));
    await announce(due.map((record) => eventOf(record, notice, now)));
    cursor = page.cursor;
  }
}

function isDue({ status, createdAt, expiresAt = Number.POSITIVE_INFINITY }: KeyRecord, notice: Notice, now: number) {
  if (status === "revoked" || expiresAt > now + notice * DAY) return false;
  if (notice === 0) return true;
  const next = NOTICES[NOTICES.indexOf(notice) + 1] ?? 0;
  // Who issues a key for 30 days knows that it ends in 30 days.
  const isNews = createdAt < expiresAt - (notice + 1) * DAY;
  return isNews && expiresAt > now + next * DAY;
}

function eventOf(record: KeyRecord, notice: Notice, now: number): SallyportEvent {
  const subject = `${record.id}:${instantOf(record.expiresAt ?? 0)}`;
  const common = { schemaVersion: 1, time: instantOf(now), key: eventKeyOf(record) } as const;
  return notice === 0
    ? { name: "KeyExpired", detail: { id: `${subject}:KeyExpired`, ...common } }
    : {
        name: "KeyExpiringSoon",
        detail: { id: `${subject}:KeyExpiringSoon:${notice}`, ...common, withinDays: notice },
      };
}

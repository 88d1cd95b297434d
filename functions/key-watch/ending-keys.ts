import { isDamaged } from "../../providers/api-key/management/key-table.ts";
import { dayBuckets } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { eventOf, isDue, NOTICES, type Notice } from "./notices.ts";
import { readKeys } from "./read-keys.ts";
import { DAY, daysOf, type Part, type Watcher } from "./watcher.ts";

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

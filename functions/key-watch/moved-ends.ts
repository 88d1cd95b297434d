import { expiringPage } from "../../providers/api-key/management/expiring.ts";
import { isDamaged, type KeyPage } from "../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { NOTICE_DAYS } from "../../shared/domain/events/watch-events.ts";
import { CursorError } from "../../shared/infrastructure/dynamodb/cursor.ts";
import { concurrently } from "./concurrently.ts";
import { eventOf, isDue } from "./notices.ts";
import { readKeys } from "./read-keys.ts";
import { DAY, type Part, type Watcher } from "./watcher.ts";

/** Keys of one run at most. Of each the run asks whether its notice was sent: a read of the table of activity. */
export const KEYS_OF_A_RUN = 20_000;

/** Keys that are read before any of them is announced. */
const PAGE = 500;

/**
 * Announces keys that have come into a window of a notice otherwise than by time: whose end was moved, which were
 * imported, or which were there before the schedule. It goes over all keys that end within the longest notice, the
 * soonest first, and passes over those whose notice was sent. What is left comes with the next run.
 */
export const movedEnds: Part = async (watcher) => {
  const { keys, now, state, keysOfARun, isLate } = watcher;
  const span = { from: now, until: now + Math.max(...NOTICE_DAYS) * DAY };
  let { cursor } = state.windows;
  for (let left = keysOfARun; left > 0 && !isLate(); ) {
    const limit = Math.min(PAGE, left);
    const page = await pageAt(cursor, (at) => expiringPage(keys, span, { limit, ...at }));
    await announceUnsent(
      page.keys.flatMap((key) => (isDamaged(key) ? [] : [key])),
      watcher,
    );
    left -= page.keys.length;
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return { windows: cursor === undefined ? {} : { cursor } };
};

/** A cursor of an earlier version may be none any more: then it begins anew. */
async function pageAt(cursor: string | undefined, read: (at: { readonly cursor?: string }) => Promise<KeyPage>) {
  if (cursor === undefined) return read({});
  try {
    return await read({ cursor });
  } catch (error) {
    if (!(error instanceof CursorError)) throw error;
    return read({});
  }
}

async function announceUnsent(listed: readonly KeyRecord[], { keys, table, announce, now }: Watcher): Promise<void> {
  const due = listed.flatMap((record) => eventsOf(record, now).map(({ detail }) => ({ record, event: detail.id })));
  const sent = await concurrently(due, ({ event }) => table.wasSent(event));
  const unsent = due.filter((_, index) => !sent[index]).map(({ record }) => record.id);
  // The index may be of before a revocation, or before the end was moved again.
  const current = await readKeys(keys, unsent);
  await announce(current.flatMap((record) => (record ? eventsOf(record, now) : [])));
}

/** The event of the tightest notice that is due; none if the key has ended. */
const eventsOf = (record: KeyRecord, now: number): SallyportEvent[] =>
  NOTICE_DAYS.filter((notice) => isDue(record, notice, now)).map((notice) => eventOf(record, notice, now));

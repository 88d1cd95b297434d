import { isDamaged, type KeyTable } from "../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import { concurrently } from "./concurrently.ts";
import { isLive, keyUnused, UNUSED_DAYS } from "./unused-keys.ts";
import type { WatchState } from "./watch-state.ts";
import { DAY, type Part, type Watcher } from "./watcher.ts";

/** Seconds from the start of one walk to that of the next. */
export const WALK_EVERY = 7 * DAY;

/** Pages of one run at most. What is left comes with the next run: a walk never takes the table from the authorizers. */
export const PAGES_OF_A_RUN = 2000;

type Walk = NonNullable<WatchState["walk"]>;

/**
 * Walks over all keys once a week, in parts: no index knows which keys were never used, and which pepper a key needs.
 * When the walk is over, it announces the peppers that no key needs.
 */
export const walkOverKeys: Part = async (watcher) => {
  const { state, now, keys, announce, isLate } = watcher;
  const isOver = state.walk?.next === undefined;
  if (state.walk && isOver && now < state.walk.startedAt + WALK_EVERY) return {};
  let walk: Walk = state.walk && !isOver ? state.walk : { startedAt: now, next: {}, peppers: [], damaged: 0 };
  for (let pages = 0; pages < PAGES_OF_A_RUN && walk.next && !isLate(); pages++) {
    const { cursor } = walk.next;
    const page: Awaited<ReturnType<KeyTable["page"]>> = await keys.page(
      { all: true },
      cursor === undefined ? {} : { cursor },
    );
    const records = page.keys.flatMap((key) => (isDamaged(key) ? [] : [key]));
    await announce(await neverUsed(records, watcher));
    walk = {
      ...walk,
      peppers: [...new Set([...walk.peppers, ...records.flatMap((record) => peppersOf(record, now))])],
      damaged: walk.damaged + page.keys.length - records.length,
      next: page.cursor === undefined ? undefined : { cursor: page.cursor },
    };
  }
  if (!walk.next) await announceUnusedPeppers(walk, watcher);
  return { walk };
};

/** Of before the schedule ran for the first time, uses may be unknown. */
async function neverUsed(records: readonly KeyRecord[], { state, table, now }: Watcher): Promise<SallyportEvent[]> {
  const old = records.filter(
    (record) => isLive(record, now) && Math.max(record.createdAt, state.since) + UNUSED_DAYS * DAY <= now,
  );
  const used = await concurrently(old, ({ id }) => table.wasEverUsed(id));
  return old.filter((_, index) => !used[index]).map((record) => keyUnused(record, undefined, now));
}

/** The peppers that a key needs: disabled keys can be enabled, and expired ones prolonged, until they are deleted. */
function peppersOf({ status, pepper, previousPepper, previousUntil = 0 }: KeyRecord, now: number): string[] {
  if (status === "revoked") return [];
  return previousPepper !== undefined && previousUntil > now ? [pepper, previousPepper] : [pepper];
}

/**
 * Announces the peppers that no key needs, each once. The first pepper is for new keys. With a damaged record in the
 * table nobody knows what it needs.
 */
async function announceUnusedPeppers(
  { peppers, damaged, startedAt }: Walk,
  { config, table, now, announce }: Watcher,
): Promise<void> {
  if (damaged > 0) return;
  for (const [position, { id }] of (config.apiKeys?.peppers ?? []).entries()) {
    // The event says its place and not its id, and another pepper may have the place later.
    const notice = `pepper:${id}`;
    if (position === 0 || peppers.includes(id) || (await table.wasSent(notice))) continue;
    const eventId = `pepper:${position}:${instantOf(startedAt).slice(0, 10)}:PepperUnused`;
    const detail = { id: eventId, schemaVersion: 1, time: instantOf(now), position } as const;
    await announce([{ name: "PepperUnused", detail }]);
    await table.noteSent(notice, now);
  }
}

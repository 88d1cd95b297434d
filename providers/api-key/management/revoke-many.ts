import type { Change } from "./change.ts";
import { isDamaged, type KeyQuery, type KeyTable, VersionConflict } from "./key-table.ts";
import { type Revoked, revokeKey } from "./status.ts";
import { allPages } from "./whole-page.ts";

/** Keys that are revoked at the same time. */
const CONCURRENCY = 8;

/** Keys of a page. A page is read when those of the page before are revoked. */
const PAGE = 200;

/** What became of one key. */
export type RevokedOrNot =
  | { readonly id: string; readonly result: "revoked"; readonly revoked: Revoked }
  /** Somebody else was first, or it is deleted. */
  | { readonly id: string; readonly result: "already" }
  | { readonly id: string; readonly result: "failed"; readonly error: unknown };

/**
 * Revokes all keys of an owner or a tenant, page by page. A key that cannot be revoked does not stop the others. The index
 * lags behind the table, so the keys are listed again until a list has nothing new: a key that is issued meanwhile is
 * found, if the index has it by then.
 */
export async function* revokeMany(
  table: KeyTable,
  query: Exclude<KeyQuery, { readonly all: true } | { readonly expiryBucket: string }>,
  change: Change,
): AsyncGenerator<RevokedOrNot> {
  const seen = new Set<string>();
  for (let isNew = true; isNew; ) {
    isNew = false;
    for await (const { keys } of allPages(table, query, { limit: PAGE })) {
      const ids = keys.filter((key) => isDamaged(key) || key.status !== "revoked").map(({ id }) => id);
      const left = ids.filter((id) => !seen.has(id));
      for (const id of left) seen.add(id);
      isNew ||= left.length > 0;
      for (let start = 0; start < left.length; start += CONCURRENCY) {
        yield* await Promise.all(left.slice(start, start + CONCURRENCY).map((id) => revokeOne(table, id, change)));
      }
    }
  }
}

async function revokeOne(table: KeyTable, id: string, change: Change): Promise<RevokedOrNot> {
  try {
    const revoked = await revokeKey(table, id, change);
    if ("isChanged" in revoked && !revoked.isChanged) return { id, result: "already" };
    return { id, result: "revoked", revoked };
  } catch (error) {
    if (error instanceof VersionConflict && !error.current) return { id, result: "already" };
    return { id, result: "failed", error };
  }
}

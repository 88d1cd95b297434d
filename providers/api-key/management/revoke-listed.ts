import type { KeyRecord } from "../record.ts";
import type { Change } from "./change.ts";
import { isDamaged, type KeyTable, type ListedKey, VersionConflict } from "./key-table.ts";
import { revokeKey } from "./status.ts";

/** Keys that are revoked at the same time. */
const AT_ONCE = 10;

/** What became of listed keys. */
export interface RevokedKeys {
  readonly revoked: readonly string[];
  /** Keys that could not be revoked, and the error of each. */
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/**
 * Revokes listed keys. Each is read again before, since an index lags behind the table: a key that has moved to another
 * owner is left alone. A key that fails does not stop the others. Keys that are gone or revoked count as done.
 *
 * @param only whether a key is still meant
 */
export async function revokeListed(
  table: KeyTable,
  keys: readonly ListedKey[],
  change: Change,
  only: (record: KeyRecord) => boolean,
): Promise<RevokedKeys> {
  const live = keys.filter((key) => isDamaged(key) || (key.status !== "revoked" && only(key)));
  const revoked: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  for (let start = 0; start < live.length; start += AT_ONCE) {
    const several = live.slice(start, start + AT_ONCE);
    const results = await Promise.allSettled(several.map(({ id }) => revokeKey(table, id, change, { only })));
    for (const [index, result] of results.entries()) {
      const { id } = several[index] as ListedKey;
      if (result.status === "rejected") {
        if (!isGone(result.reason)) failed.push({ id, error: result.reason });
      } else if ("damaged" in result.value || result.value.isChanged) revoked.push(id);
    }
  }
  return { revoked, failed };
}

const isGone = (error: unknown) => error instanceof VersionConflict && error.current === undefined;

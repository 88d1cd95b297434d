import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { concurrently } from "./concurrently.ts";

const { signal: NEVER } = new AbortController();

/**
 * Reads the records of keys, each from the table itself. A key that is gone has none; nor has one whose record is
 * damaged, which must not hold up the others.
 */
export function readKeys(keys: KeyTable, ids: readonly string[]): Promise<(KeyRecord | undefined)[]> {
  return concurrently(ids, async (id) => {
    try {
      return (await keys.get(id, NEVER)).record;
    } catch (error) {
      if (error instanceof TroubleError && error.reason === "key_record_invalid") return undefined;
      throw error;
    }
  });
}

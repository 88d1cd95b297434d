import { isDeepStrictEqual } from "node:util";
import { type KeyTable, VersionConflict } from "../../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";

/** What became of a record. */
export type Taken =
  | { readonly result: "added" | "same" }
  /** The table has another record with this ID, which is left as it is. */
  | { readonly result: "different"; readonly id: string; readonly fields: readonly string[] };

/**
 * Adds a record to a table, unless it has one with this ID. What the table has is read first: the repetition of an
 * interrupted import then writes only what is missing, and a write that is refused costs more than a read.
 */
export async function takeRecord(record: KeyRecord, table: KeyTable, isDry: boolean): Promise<Taken> {
  const { id } = record;
  const current = await currentOf(id, table);
  if (current === "damaged") return { result: "different", id, fields: ["record, a damaged one"] };
  if (current) return compared(record, current);
  if (isDry) return { result: "added" };
  try {
    await table.add(record);
    return { result: "added" };
  } catch (error) {
    if (error instanceof VersionConflict && error.current) return compared(record, error.current);
    throw error;
  }
}

async function currentOf(id: string, table: KeyTable): Promise<KeyRecord | "damaged" | undefined> {
  try {
    return (await table.get(id, new AbortController().signal)).record;
  } catch (error) {
    if (error instanceof TroubleError && error.reason === "key_record_invalid") return "damaged";
    throw error;
  }
}

function compared(record: KeyRecord, current: KeyRecord): Taken {
  const [one, other]: Readonly<Record<string, unknown>>[] = [record, current];
  const names = [...new Set([...Object.keys(record), ...Object.keys(current)])];
  const fields = names.filter((name) => !isDeepStrictEqual(one?.[name], other?.[name])).toSorted();
  return fields.length === 0 ? { result: "same" } : { result: "different", id: record.id, fields };
}

import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Change, changedRecord } from "../../../providers/api-key/management/change.ts";
import { type KeyTable, VersionConflict } from "../../../providers/api-key/management/key-table.ts";
import { isTombstone, type Tombstone } from "../../../providers/api-key/management/tombstone.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";

/** What became of a record. */
export type Taken =
  | { readonly result: "added" | "same" }
  /** The table has another record with this ID, which is left as it is. */
  | { readonly result: "different"; readonly id: string; readonly fields: readonly string[] }
  /** The key was deleted from the table. */
  | { readonly result: "deleted"; readonly id: string; readonly tombstone: Tombstone };

/** How records are taken. */
export interface Taking {
  readonly isDry: boolean;
  /** Who restores deleted keys, and when. Absent: they stay deleted. */
  readonly restoring?: Change;
}

/**
 * Adds a record to a table, unless it has one with this ID, or has deleted it. What the table has is read first: the
 * repetition of an interrupted import then writes only what is missing, and a write that is refused costs more than a
 * read.
 */
export async function takeRecord(record: KeyRecord | Tombstone, table: KeyTable, taking: Taking): Promise<Taken> {
  const { id } = record;
  const current = await currentOf(id, table);
  if (current === "damaged") return { result: "different", id, fields: ["record, a damaged one"] };
  if (current) return compared(record, current);
  if (isTombstone(record)) return bury(record, table, taking);
  if (taking.isDry) return (await deletedOrRestored(record, table, taking)) ?? { result: "added" };
  try {
    // Two tables have changes in common, and the events of each its own.
    await table.add({ ...record, changeId: randomUUID() });
    return { result: "added" };
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    if (error.current) return compared(record, error.current);
    const taken = await deletedOrRestored(record, table, taking);
    if (!taken) throw error;
    return taken;
  }
}

/** @returns undefined if the key was not deleted */
async function deletedOrRestored(record: KeyRecord, table: KeyTable, taking: Taking): Promise<Taken | undefined> {
  const { isDry, restoring } = taking;
  const tombstone = await table.deletionOf(record.id);
  if (!tombstone) return undefined;
  if (!restoring) return { result: "deleted", id: record.id, tombstone };
  // The versions go on: whoever orders events by them takes none for an old one.
  const version = Math.max(versionOf(record), tombstone.version);
  if (!isDry) await table.restore(changedRecord({ ...record, version }, {}, restoring), tombstone);
  return { result: "added" };
}

async function bury(tombstone: Tombstone, table: KeyTable, { isDry }: Taking): Promise<Taken> {
  if (await table.deletionOf(tombstone.id)) return { result: "same" };
  if (!isDry) await table.bury(tombstone);
  return { result: "added" };
}

async function currentOf(id: string, table: KeyTable): Promise<KeyRecord | "damaged" | undefined> {
  try {
    return (await table.get(id, new AbortController().signal)).record;
  } catch (error) {
    if (error instanceof TroubleError && error.reason === "key_record_invalid") return "damaged";
    throw error;
  }
}

function compared(record: KeyRecord | Tombstone, current: KeyRecord): Taken {
  if (isTombstone(record)) {
    return { result: "different", id: record.id, fields: ["state: it was deleted where the file was made"] };
  }
  // Each table has marks of its own.
  const [one, other]: Readonly<Record<string, unknown>>[] = [record, current];
  const names = [...new Set([...Object.keys(record), ...Object.keys(current)])].filter((name) => name !== "changeId");
  const fields = names.filter((name) => !isDeepStrictEqual(one?.[name], other?.[name])).toSorted();
  return fields.length === 0 ? { result: "same" } : { result: "different", id: record.id, fields };
}

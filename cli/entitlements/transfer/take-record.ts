import { isDeepStrictEqual } from "node:util";
import {
  type EntitlementTable,
  VersionConflict,
} from "../../../providers/entitlements/management/entitlement-table.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";

/** What became of a record. */
export type Taken =
  | { readonly result: "added" | "same" | "ended" }
  /** The table has another record of these names, which is left as it is. */
  | { readonly result: "different"; readonly fields: readonly string[]; readonly newer: "file" | "table" };

/**
 * Adds a record to a table, unless it has one of these names: a file of yesterday ends no lockout of today. What the
 * table has is read first: the repetition of an interrupted import then writes only what is missing.
 *
 * @param time seconds since the epoch
 */
export async function takeRecord(
  record: EntitlementRecord,
  table: EntitlementTable,
  { isDry, time }: { readonly isDry: boolean; readonly time: number },
): Promise<Taken> {
  const current = await currentOf(record, table);
  if (current === "damaged") return { result: "different", fields: ["record, a damaged one"], newer: "table" };
  if (current) return compared(record, current);
  // The table would delete it at once, and each repetition add it again.
  if (record.kind === "token" && record.expiresAt !== undefined && record.expiresAt + DAY <= time) {
    return { result: "ended" };
  }
  if (isDry) return { result: "added" };
  try {
    await table.put(record, undefined);
    return { result: "added" };
  } catch (error) {
    if (!(error instanceof VersionConflict) || !error.current) throw error;
    return compared(record, error.current);
  }
}

const DAY = 86_400;

async function currentOf(record: EntitlementRecord, table: EntitlementTable) {
  try {
    return await table.get(record);
  } catch (error) {
    if (error instanceof TroubleError && error.reason === "entitlement_record_invalid") return "damaged";
    throw error;
  }
}

function compared(record: EntitlementRecord, current: EntitlementRecord): Taken {
  const [one, other]: Readonly<Record<string, unknown>>[] = [record, current];
  // Each table has marks of its own.
  const names = [...new Set([...Object.keys(record), ...Object.keys(current)])].filter((name) => name !== "changeId");
  const fields = names.filter((name) => !isDeepStrictEqual(one?.[name], other?.[name])).toSorted();
  if (fields.length === 0) return { result: "same" };
  return { result: "different", fields, newer: record.changedAt > current.changedAt ? "file" : "table" };
}

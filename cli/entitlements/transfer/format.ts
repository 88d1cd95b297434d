import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { itemOf, recordOf } from "../../../providers/entitlements/item.ts";
import { type EntitlementRecord, entitlementRecord } from "../../../providers/entitlements/record.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import { isObject } from "../../../shared/domain/object/unknown-object.ts";
import { foundText } from "../../keys/option-values.ts";
import { jsonOf, LineError, lineErrorOf, lineOf } from "../../transfer/line-error.ts";

/*
 * A file of entitlements: JSON lines, the header first, then one record in each line, with its names. Any other table of
 * entitlements can take it.
 */

/** Version of the format. A reader refuses a later one. */
const VERSION = 1;

const header = v.object({ format: v.literal("sallyport-entitlements"), version: v.literal(VERSION) });

/** The first line of a file of entitlements. */
export const HEADER = lineOf({ format: "sallyport-entitlements", version: VERSION });

/** A record as a line. The mark of its last change stays in its table. */
export const recordLine = ({ changeId: _, ...record }: EntitlementRecord): string => lineOf(record);

/** @throws {LineError} if the line is not the header of a file of entitlements that this version can read */
export function demandHeader(line: string): void {
  const value = jsonOf(line);
  const { version } = Object(value) as { version?: unknown };
  if (typeof version === "number" && version > VERSION) {
    throw new LineError("version", String(version), `${VERSION}: a later Sallyport made the file`);
  }
  if (v.is(header, value)) return;
  const allowed = 'the first line of `entitlements export`, with "format":"sallyport-entitlements"';
  throw new LineError("the header", "something else", allowed);
}

/**
 * A record, with a mark of its own: two tables have changes in common, and the events of each its own.
 *
 * @throws {LineError} if the line is not a record that the table could hold
 */
export function readRecord(line: string): EntitlementRecord {
  const value = jsonOf(line);
  if (!isObject(value)) throw new LineError("the line", foundText(value), "a record as a JSON object");
  const result = v.safeParse(entitlementRecord, { ...value, changeId: randomUUID() });
  if (!result.success) throw lineErrorOf(result.issues[0]);
  try {
    return recordOf(recordKey(result.output), itemOf(result.output));
  } catch {
    throw new LineError("the record", "values that do not fit together", "a record as `entitlements export` writes it");
  }
}

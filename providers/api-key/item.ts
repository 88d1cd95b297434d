import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { attributeOf, plainValue } from "./attribute-value.ts";
import { type KeyRecord, keyRecord } from "./record.ts";

export type Item = Record<string, AttributeValue>;

/** Seconds for which an expired key still answers `key_expired` before the table forgets it. */
const RETENTION = 30 * 86_400;

/** The table's one key attribute. Other kinds of item may come to stand beside keys. */
export const partitionKey = (id: string): Item => ({ pk: { S: `KEY#${id}` } });

/** A record as DynamoDB keeps it. */
export function itemOf({ id, ...record }: KeyRecord): Item {
  return {
    ...partitionKey(id),
    ...Object.fromEntries(
      Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, attributeOf(value)]])),
    ),
    // Time to live deletes some time after this instant, never before; whether a key is valid is read from expiresAt.
    ...(record.expiresAt !== undefined && { ttl: { N: String(record.expiresAt + RETENTION) } }),
  };
}

/**
 * A record read back from the table.
 *
 * @throws {TroubleError} `key_record_invalid` if it is not one: a damaged record is no reason to refuse its holder
 */
export function recordOf(id: string, { pk: _, ttl, ...item }: Item): KeyRecord {
  const values = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  const result = v.safeParse(keyRecord, { ...values, id });
  if (!result.success || !areTimesSound(result.output, ttl && plainValue(ttl))) {
    throw new TroubleError("key_record_invalid");
  }
  return result.output;
}

/** A key has both an end and a time to live, or neither: one without the other has lost a limit. */
function areTimesSound({ createdAt, expiresAt }: KeyRecord, ttl: unknown): boolean {
  if (expiresAt === undefined) return ttl === undefined;
  return createdAt <= expiresAt && typeof ttl === "number" && ttl >= expiresAt;
}

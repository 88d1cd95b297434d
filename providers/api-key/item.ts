import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { TroubleError } from "../../shared/reasons/errors.ts";
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
export function recordOf(id: string, { pk: _, ttl: __, ...item }: Item): KeyRecord {
  const values = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  const result = v.safeParse(keyRecord, { ...values, id });
  if (!result.success) throw new TroubleError("key_record_invalid");
  return result.output;
}

type Plain =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly string[]
  | Readonly<Record<string, string | number | boolean>>;

function attributeOf(value: Plain): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner)])) };
}

function plainValue(attribute: AttributeValue): unknown {
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.L) return attribute.L.map(plainValue);
  if (attribute.M)
    return Object.fromEntries(Object.entries(attribute.M).map(([name, inner]) => [name, plainValue(inner)]));
  return attribute.S ?? attribute.BOOL ?? attribute.B ?? attribute.SS;
}

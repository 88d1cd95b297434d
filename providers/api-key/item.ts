import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { attributeOf, DamagedAttribute, plainValue } from "../../shared/infrastructure/dynamodb/attribute-value.ts";
import { dayBucket } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { type KeyRecord, keyRecord } from "./record.ts";

export type Item = Record<string, AttributeValue>;

/** Seconds from expiry until the table deletes the record. Until then the reason is `key_expired`. */
const RETENTION = 30 * 86_400;

/** Partition key of a record. The prefix leaves room for other kinds of items. */
export const partitionKey = (id: string) => ({ pk: { S: `KEY#${id}` } }) satisfies Item;

/**
 * Whether an item is what stays of a deleted key: it has no secret, and no key can be verified with it. An item with both
 * is damaged.
 */
export const isTombstone = ({ deletedAt, hash }: Item): boolean => deletedAt !== undefined && hash === undefined;

/** Converts a record to a DynamoDB item. */
export function itemOf({ id, ...record }: KeyRecord): Item {
  return {
    ...partitionKey(id),
    ...Object.fromEntries(
      Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, attributeOf(value)]])),
    ),
    ...(record.expiresAt !== undefined && { expiryBucket: { S: dayBucket(id, record.expiresAt) } }),
    // DynamoDB deletes the item some time after this instant. The validity of a key depends on expiresAt only. The table
    // does not forget by itself that a key was revoked: an export of before could bring the key back.
    ...(record.expiresAt !== undefined &&
      record.status !== "revoked" && { ttl: { N: String(record.expiresAt + RETENTION) } }),
  };
}

/**
 * Converts a DynamoDB item to a record.
 *
 * @throws {TroubleError} `key_record_invalid` if the item is damaged: the holder of the key is not at fault
 */
export function recordOf(id: string, { pk: _, ...item }: Item): KeyRecord {
  const { ttl: end, expiryBucket: bucket, ...fields } = plainValues(item);
  const result = v.safeParse(keyRecord, { ...fields, id });
  if (!result.success || !areTimesSound(result.output, end) || !isIndexed(result.output, bucket)) {
    throw new TroubleError("key_record_invalid");
  }
  return result.output;
}

/** @throws {TroubleError} `key_record_invalid` */
export function plainValues(item: Item): Record<string, unknown> {
  try {
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  } catch (error) {
    throw error instanceof DamagedAttribute ? new TroubleError("key_record_invalid") : error;
  }
}

/** A record of before there were indexes has no partition; one of another end was changed by hand. */
function isIndexed({ id, expiresAt }: KeyRecord, bucket: unknown): boolean {
  return bucket === undefined || (expiresAt !== undefined && bucket === dayBucket(id, expiresAt));
}

/** A key has both an end and a time to live, or neither: one without the other has lost a limit. A revoked key has none. */
function areTimesSound({ status, createdAt, expiresAt }: KeyRecord, ttl: unknown): boolean {
  if (expiresAt === undefined) return ttl === undefined;
  if (status === "revoked" && ttl === undefined) return createdAt <= expiresAt;
  return createdAt <= expiresAt && typeof ttl === "number" && ttl >= expiresAt;
}

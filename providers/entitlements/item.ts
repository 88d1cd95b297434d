import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import {
  attributeOf,
  DamagedAttribute,
  type Plain,
  plainValue,
} from "../../shared/infrastructure/dynamodb/attribute-value.ts";
import { TTL_ATTRIBUTE } from "../../shared/infrastructure/dynamodb/table.ts";
import { type EntitlementRecord, entitlementRecord } from "./record.ts";
import { issuerKey, recordKey } from "./record-key.ts";

export type Item = Record<string, AttributeValue>;

/** Seconds for which the revocation of a token outlives the token: for clocks that differ. */
const RETENTION = 86_400;

/** Partition key of an item. */
export const partitionKey = (key: string) => ({ pk: { S: key } }) satisfies Item;

/** Converts a record to a DynamoDB item. */
export function itemOf(record: EntitlementRecord): Item {
  const fields = Object.entries(record).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, attributeOf(value as Plain)]],
  );
  const [partition, end] = [partitionOf(record), endOf(record)];
  return {
    ...partitionKey(recordKey(record)),
    ...Object.fromEntries(fields),
    ...(partition !== undefined && { issuerKey: { S: partition } }),
    ...(end !== undefined && { [TTL_ATTRIBUTE]: { N: String(end) } }),
  };
}

/**
 * Converts the item with a key to a record.
 *
 * @throws {TroubleError} `entitlement_record_invalid` if the item is damaged, or a copy of the item of another key
 */
export function recordOf(key: string, { pk, ...item }: Item): EntitlementRecord {
  const { issuerKey: partition, [TTL_ATTRIBUTE]: ttl, ...fields } = plainValues(item);
  const result = v.safeParse(entitlementRecord, fields);
  const isSound =
    result.success &&
    pk?.S === key &&
    recordKey(result.output) === key &&
    partition === partitionOf(result.output) &&
    ttl === endOf(result.output);
  if (!isSound) throw new TroubleError("entitlement_record_invalid");
  return result.output;
}

/** The partition of the index by issuers. A tenant has no issuer. */
const partitionOf = (record: EntitlementRecord): string | undefined =>
  record.kind === "tenant" ? undefined : issuerKey(record.kind, record.issuer);

/** When the table deletes a record, in seconds since the epoch. One that locks out for good has no such time. */
function endOf(record: EntitlementRecord): number | undefined {
  return record.kind === "token" && record.expiresAt !== undefined ? record.expiresAt + RETENTION : undefined;
}

function plainValues(item: Item): Record<string, unknown> {
  try {
    return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValue(value)]));
  } catch (error) {
    throw error instanceof DamagedAttribute ? new TroubleError("entitlement_record_invalid") : error;
  }
}

import * as v from "valibot";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { attributeOf } from "../../../shared/infrastructure/dynamodb/attribute-value.ts";
import { type Item, partitionKey, plainValues } from "../item.ts";
import { type KeyRecord, name, time, version, versionOf } from "../record.ts";
import { redacted, withoutKeys } from "./key-in-text.ts";

/**
 * What stays of a deleted key, in its place and for ever: that there was one, and no secret. It keeps an export of before
 * the deletion from bringing the key back, and the versions of the key from beginning anew.
 */
export const tombstone = v.strictObject({
  id: name,
  /** The version of the deletion: one more than that of the record. */
  version,
  changeId: v.optional(name),
  /** Seconds since the epoch. */
  deletedAt: time,
  deletedBy: v.optional(name),
  deleteReason: v.optional(name),
});

export type Tombstone = v.InferOutput<typeof tombstone>;

export const isTombstone = (entry: object): entry is Tombstone => "deletedAt" in entry;

/** Who deletes a key, why and when. A `Change` is one. */
interface Deletion {
  readonly by: string;
  readonly reason?: string | undefined;
  readonly time: number;
  readonly id?: string | undefined;
}

/** What stays of a record after its deletion. */
export const tombstoneOf = (record: KeyRecord, { by, reason, time: deletedAt, id: changeId }: Deletion): Tombstone =>
  v.parse(
    tombstone,
    withoutUndefined({
      ...{ id: record.id, version: Math.min(versionOf(record) + 1, Number.MAX_SAFE_INTEGER), changeId, deletedAt },
      ...{ deletedBy: withoutKeys(by), deleteReason: reason && redacted(reason) },
    }),
  );

/** Converts a tombstone to a DynamoDB item. It has no time to live, and is in no index. */
export const tombstoneItem = ({ id, ...members }: Tombstone): Item => ({
  ...partitionKey(id),
  ...Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, attributeOf(value)]])),
  ),
});

/** Converts a DynamoDB item to a tombstone. @throws {TroubleError} `key_record_invalid` */
export function readTombstone(id: string, { pk: _, ...item }: Item): Tombstone {
  const result = v.safeParse(tombstone, { ...plainValues(item), id });
  if (!result.success) throw new TroubleError("key_record_invalid");
  return result.output;
}

import type { AttributeValue as StreamValue } from "aws-lambda";
import { type Item, isTombstone, recordOf } from "../../providers/api-key/item.ts";
import { readTombstone, type Tombstone } from "../../providers/api-key/management/tombstone.ts";
import { type KeyRecord, STATUSES } from "../../providers/api-key/record.ts";
import type { EventKey } from "../../shared/domain/events/event-key.ts";

/** A record of the stream holds an item as JSON: bytes are base64. */
export type StreamItem = Readonly<Record<string, StreamValue>>;

/** The item of a key before or after a change. */
export interface Image {
  readonly item: Item;
  /** Absent: the item is damaged, or what stays of a deleted key. */
  readonly record?: KeyRecord;
  /** What stays of a deleted key. */
  readonly tombstone?: Tombstone;
}

/** Reads an item of the stream. */
export function imageOf(id: string, streamItem: StreamItem): Image {
  const item = Object.fromEntries(Object.entries(streamItem).map(([name, value]) => [name, withBytes(value)]));
  try {
    return isTombstone(item) ? { item, tombstone: readTombstone(id, item) } : { item, record: recordOf(id, item) };
  } catch {
    return { item };
  }
}

/** The same value with bytes in the place of base64. */
function withBytes(value: StreamValue): Item[string] {
  if (typeof value !== "object" || value === null) return value;
  const [[type, inner] = ["", undefined], ...others] = Object.entries(value) as [string, unknown][];
  if (others.length > 0) return value as Item[string];
  if (type === "B") return { B: bytesOf(inner) };
  if (type === "BS" && Array.isArray(inner)) return { BS: inner.map(bytesOf) };
  if (type === "L" && Array.isArray(inner)) return { L: inner.map(withBytes) };
  if (type !== "M") return value as Item[string];
  return {
    M: Object.fromEntries(Object.entries(Object(inner)).map(([name, each]) => [name, withBytes(each as StreamValue)])),
  };
}

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(Buffer.from(String(value), "base64"));

/** The status of an item, which a damaged one may have too. */
export function statusOf({ item }: Image): EventKey["status"] | undefined {
  return STATUSES.find((status) => item.status?.S === status);
}

/** The version of an item. One that cannot be read counts as the first. */
export function versionOf({ item }: Image): number {
  const version = Number(item.version?.N ?? 1);
  return Number.isSafeInteger(version) && version >= 1 ? version : 1;
}

import { isDeepStrictEqual } from "node:util";
import type { Item } from "../../providers/api-key/item.ts";
import type { Image } from "./image.ts";

/** What a change writes about itself, and what serves the table. Alone it makes no event. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  ...["pk", "ttl", "expiryBucket", "version"],
  ...["changeId", "changedAt", "changedBy", "changeReason"],
  ...["rotatedAt", "revokedAt", "revokedBy", "revokeReason"],
]);

/** What a new secret replaces. */
const SECRET: ReadonlySet<string> = new Set(["hash", "pepper", "previousHash", "previousPepper", "previousUntil"]);

/** What a change did to a key, by the attributes of its item. */
export interface ChangedFields {
  readonly status: boolean;
  /** The key has another secret. */
  readonly secret: boolean;
  /** Names of all other fields that changed, in alphabetical order. */
  readonly fields: readonly string[];
}

/** Compares the items of a key before and after a change, whether they are damaged or not. */
export function changedFields({ item: before }: Image, { item: after }: Image): ChangedFields {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(attributeAt(before, name), attributeAt(after, name)));
  const secret = changed.includes("hash");
  const isField = (name: string) => name !== "status" && !BOOKKEEPING.has(name) && !(secret && SECRET.has(name));
  return { status: changed.includes("status"), secret, fields: changed.filter(isField).sort() };
}

/** An empty list and an empty map are as good as none. */
function attributeAt(item: Item, name: string): Item[string] | undefined {
  const value = Object.hasOwn(item, name) ? item[name] : undefined;
  const isEmpty = value?.L?.length === 0 || (value?.M !== undefined && Object.keys(value.M).length === 0);
  return isEmpty ? undefined : value;
}

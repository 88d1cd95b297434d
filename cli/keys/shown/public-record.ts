import { type DamagedKey, isDamaged, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";

/** A record without what is for the table alone: hashes, and the mark of its last change. */
export type PublicRecord = Omit<KeyRecord, "hash" | "previousHash" | "changeId">;

export function publicRecord(record: KeyRecord): PublicRecord {
  const { hash: _, previousHash: __, changeId: ___, ...shown } = record;
  return { ...shown, version: versionOf(record) };
}

export const publicKey = (key: ListedKey): PublicRecord | DamagedKey => (isDamaged(key) ? key : publicRecord(key));

/** The state of a key for people: one that has expired is not active. */
export function stateOf(key: ListedKey, now: number): "active" | "expired" | "disabled" | "revoked" | "damaged" {
  if (isDamaged(key)) return "damaged";
  const { status, expiresAt = Number.POSITIVE_INFINITY } = key;
  return status === "active" && expiresAt <= now ? "expired" : status;
}

type State = ReturnType<typeof stateOf>;

/** The colour of a state on a terminal. */
export const STATE_COLOURS = {
  active: "green",
  expired: "yellow",
  disabled: "yellow",
  revoked: "red",
  damaged: "red",
} as const satisfies Readonly<Record<State, string>>;

import { type Key, keyOf } from "../../../functions/api-keys/schema/key.ts";
import { type DamagedKey, isDamaged, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";

/** A key as `--json` prints it: as the admin API shows it to operators, and the id of its pepper. */
export type PublicRecord = Key & { readonly pepper: string };

export const publicRecord = (record: KeyRecord, now: number): PublicRecord => ({
  ...keyOf(record, OPERATOR, now),
  pepper: record.pepper,
});

/** A key with its secret: the whole key, as the admin API answers with it. */
export const withSecret = (record: KeyRecord, secret: string, now: number) => ({
  ...publicRecord(record, now),
  secret,
});

export const publicKey = (key: ListedKey, now: number): PublicRecord | DamagedKey =>
  isDamaged(key) ? key : publicRecord(key, now);

/** Whoever may read the table sees everything. */
const OPERATOR = { by: "", identity: [] };

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

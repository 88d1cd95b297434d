import { randomUUID } from "node:crypto";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { type KeyRecord, versionOf } from "../record.ts";
import { type Change, type Changed, changedRecord, changeKey, readKey, type VersionOptions } from "./change.ts";
import { redacted, withoutKeys } from "./key-in-text.ts";
import { ChangeRefused, type KeyTable, VersionConflict } from "./key-table.ts";
import { tombstoneOf } from "./tombstone.ts";

/** Suspends a key. Without an expected version it is repeated if somebody else changes the key at the same time. */
export const disableKey = (table: KeyTable, id: string, change: Change, options: VersionOptions = {}) =>
  changeKey(table, id, { isRepeated: true, ...options }, (before) => {
    demandNotRevoked(before);
    return before.status === "disabled" ? undefined : changedRecord(before, { status: "disabled" }, change);
  });

/** Ends the suspension of a key. */
export const enableKey = (table: KeyTable, id: string, change: Change, options: VersionOptions = {}) =>
  changeKey(table, id, options, (before) => {
    demandNotRevoked(before);
    return before.status === "active" ? undefined : changedRecord(before, { status: "active" }, change);
  });

/** What a revocation did. A damaged record is revoked as it is, and cannot be shown. */
export type Revoked = Changed | { readonly damaged: string };

export interface RevokeOptions extends VersionOptions {
  /** Revokes the key only if this is true of what the table holds. A damaged record is not asked. */
  readonly only?: (record: KeyRecord) => boolean;
  /** The environment of the key. A damaged record of another one is left alone. Default: any. */
  readonly environment?: string;
}

/**
 * Ends a key for good. Without an expected version nothing stands in its way: neither somebody else's change at the same
 * time nor a damaged record.
 *
 * @throws {VersionConflict} if there is no such key, or not the expected version
 */
export async function revokeKey(
  table: KeyTable,
  id: string,
  change: Change,
  { only = () => true, environment, ...options }: RevokeOptions = {},
): Promise<Revoked> {
  try {
    return await changeKey(table, id, { isRepeated: true, ...options }, (before) =>
      only(before) ? revokedRecord(before, change) : undefined,
    );
  } catch (error) {
    const isDamaged = error instanceof TroubleError && error.reason === "key_record_invalid";
    if (!isDamaged || options.expected !== undefined || !(await table.revokeDamaged(id, environment))) throw error;
    return { damaged: id };
  }
}

function revokedRecord(before: KeyRecord, change: Change): KeyRecord | undefined {
  if (before.status === "revoked") return undefined;
  const { time: revokedAt, by: revokedBy, reason } = change;
  const fields = { revokedAt, revokedBy: withoutKeys(revokedBy), revokeReason: reason && redacted(reason) };
  return changedRecord(before, { status: "revoked", ...fields }, change);
}

/**
 * Deletes the record of a revoked key. That there was one stays in its place.
 *
 * @returns the record
 * @throws {ChangeRefused} if the key is not revoked
 * @throws {VersionConflict}
 */
export async function deleteKey(
  table: KeyTable,
  id: string,
  change: Change,
  { expected }: Pick<VersionOptions, "expected"> = {},
): Promise<KeyRecord> {
  const record = await readKey(table, id);
  if (expected !== undefined && versionOf(record) !== expected) throw new VersionConflict(id, record);
  if (record.status !== "revoked") {
    throw new ChangeRefused(`The key ${id} is ${record.status}: only a revoked key can be deleted.`, record);
  }
  await table.remove(record, tombstoneOf(record, { id: randomUUID(), ...change }));
  return record;
}

/** @throws {ChangeRefused} */
export function demandNotRevoked(record: KeyRecord): void {
  if (record.status !== "revoked") return;
  throw new ChangeRefused(`The key ${record.id} is revoked for good.`, record);
}

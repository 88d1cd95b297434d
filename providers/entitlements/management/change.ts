import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { redacted, withoutKeys } from "../../api-key/management/key-in-text.ts";
import { type EntitlementRecord, entitlementRecord } from "../record.ts";
import type { RecordRef } from "../record-key.ts";
import { type EntitlementTable, VersionConflict } from "./entitlement-table.ts";

/** Who changes a record, why and when. It becomes part of the record, and of the event. */
export interface Change {
  /** The operator or the system, 1 to 256 characters. */
  readonly by: string;
  /** 1 to 256 characters. What looks like a key or a token in it is left out. */
  readonly reason?: string | undefined;
  /** Seconds since the epoch. */
  readonly time: number;
  /** Random text that becomes the record's `changeId`. Default: a new UUID. */
  readonly id?: string | undefined;
}

/** What a change did. */
export interface Changed<Kind extends EntitlementRecord = EntitlementRecord> {
  readonly record: Kind;
  /** Absent: there was no record. */
  readonly before?: Kind;
  /** `false`: the record was already as it should be, and nothing was written. */
  readonly isChanged: boolean;
}

/** How a change treats the versions of a record. */
export interface VersionOptions {
  /** The version that the change was made for; 0: there is no record. Absent: whichever the table holds. */
  readonly expected?: number | undefined;
  /**
   * Says whether the change was made for what the table holds. A record that was made anew after a deletion may have a
   * version of before. Default: whatever it holds.
   */
  readonly isExpected?: ((before: EntitlementRecord | undefined) => boolean) | undefined;
  /** Whether the change is made again from the new version if somebody else was first. */
  readonly isRepeated?: boolean;
}

export type RecordOf<Ref extends RecordRef> = Extract<EntitlementRecord, { readonly kind: Ref["kind"] }>;
type Fields<Kind> = { readonly [Name in keyof Kind]?: Kind[Name] | undefined };

/** Attempts of a change that must not fail because somebody else changed the record: a lockout. */
const MAX_ATTEMPTS = 5;

/**
 * Reads a record, and writes it with other fields, or a new one. If `fieldsOf` returns undefined, or what the record has
 * already, nothing is written.
 *
 * @throws {VersionConflict} if the record is not of the expected version, or somebody else was first
 * @throws {v.ValiError} if the record could not be read back
 */
export async function changeRecord<Ref extends RecordRef>(
  table: EntitlementTable,
  ref: Ref,
  { isRepeated = false, ...expectation }: VersionOptions,
  change: Change,
  fieldsOf: (before: RecordOf<Ref> | undefined) => Fields<RecordOf<Ref>> | undefined,
): Promise<Changed<RecordOf<Ref>>> {
  for (let attempt = 1; ; attempt++) {
    const before = (await table.get(ref)) as RecordOf<Ref> | undefined;
    demandExpected(before, expectation);
    const fields = fieldsOf(before);
    if (!fields || (before && isSame(before, fields))) {
      if (!before) throw new VersionConflict(undefined);
      return { record: before, before, isChanged: false };
    }
    const record = changedRecord(ref, before, fields, change) as RecordOf<Ref>;
    try {
      await table.put(record, before);
      return { record, ...(before && { before }), isChanged: true };
    } catch (error) {
      if (!isRepeated || attempt === MAX_ATTEMPTS || !(error instanceof VersionConflict)) throw error;
    }
  }
}

/**
 * Deletes a record: what it gave and what it locked out counts no more. A record of a subject or a tenant is emptied
 * first, since the event of a mere deletion could not tell who made it. A revoked token's record has nothing to empty.
 *
 * @returns the record as it was
 * @throws {VersionConflict} if there is no such record, or another one than was expected
 */
export async function removeRecord(
  table: EntitlementTable,
  ref: RecordRef,
  change: Change,
  expectation: Omit<VersionOptions, "isRepeated"> = {},
): Promise<EntitlementRecord> {
  const record = await table.get(ref);
  if (!record) throw new VersionConflict(undefined);
  demandExpected(record, expectation);
  const isExpected = (before: EntitlementRecord | undefined) => before?.changeId === record.changeId;
  const emptied = await changeRecord(table, ref, { isExpected }, change, () => EMPTY[record.kind]);
  await table.remove(emptied.record);
  return record;
}

const NO_LOCKOUT = { disabledSince: undefined, revokedBefore: undefined } as const;

/** The fields of a record that says nothing. */
const EMPTY = {
  subject: { roles: [], scopes: [], tenant: undefined, ...NO_LOCKOUT },
  tenant: NO_LOCKOUT,
  token: {},
} as const;

/** @throws {VersionConflict} */
function demandExpected(
  before: EntitlementRecord | undefined,
  { expected, isExpected = () => true }: VersionOptions,
): void {
  const isOther = expected !== undefined && (before?.version ?? 0) !== expected;
  if (isOther || !isExpected(before)) throw new VersionConflict(before);
}

function changedRecord(
  ref: RecordRef,
  before: EntitlementRecord | undefined,
  fields: Fields<EntitlementRecord>,
  { by, reason, time, id = randomUUID() }: Change,
): EntitlementRecord {
  const { createdAt = time, version = 0 } = before ?? {};
  const changes = { changeId: id, createdAt, changedAt: time, changedBy: withoutKeys(by) };
  return v.parse(
    entitlementRecord,
    withoutUndefined({
      ...{ ...before, ...ref, ...fields, ...changes, changeReason: reason && redacted(reason) },
      version: Math.min(version + 1, Number.MAX_SAFE_INTEGER),
    }),
  );
}

function isSame(before: EntitlementRecord, fields: Fields<EntitlementRecord>): boolean {
  const old: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(fields).every(([name, value]) => JSON.stringify(old[name]) === JSON.stringify(value));
}

import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { type KeyRecord, keyRecord, versionOf } from "../record.ts";
import { redacted, withoutKeys } from "./key-in-text.ts";
import { type KeyTable, VersionConflict } from "./key-table.ts";

/** Who changes a key, why and when. It becomes part of the record, and of the event. */
export interface Change {
  /** The operator or the system, 1 to 256 characters. A key in it is left out. */
  readonly by: string;
  /** 1 to 256 characters. A key in it is left out: a reason comes to everybody who learns of the change. */
  readonly reason?: string | undefined;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The record's `changeId`, by which whoever made the change finds it later. Each attempt needs its own. */
  readonly id?: string | undefined;
}

/** What a change did. */
export interface Changed {
  readonly record: KeyRecord;
  readonly before: KeyRecord;
  /** `false`: the key was already as it should be, and nothing was written. */
  readonly isChanged: boolean;
}

/** Attempts of a change that must not fail because somebody else changed the key: a revocation. */
const MAX_ATTEMPTS = 5;

/**
 * The record after a change. An undefined field is removed.
 *
 * @throws {v.ValiError} if the record could not be read back
 */
export function changedRecord(
  before: KeyRecord,
  fields: { readonly [Name in keyof KeyRecord]?: KeyRecord[Name] | undefined },
  { by, reason, time, id = randomUUID() }: Change,
): KeyRecord {
  const changes = {
    changeId: id,
    changedAt: time,
    changedBy: withoutKeys(by),
    changeReason: reason && redacted(reason),
  };
  // Nobody makes so many changes. A record that was written with the last version can be revoked all the same.
  const version = Math.min(versionOf(before) + 1, Number.MAX_SAFE_INTEGER);
  return v.parse(keyRecord, withoutUndefined({ ...before, ...fields, ...changes, version }));
}

/** How a change treats the versions of a key. */
export interface VersionOptions {
  /** The version that the change was made for. Absent: whichever the table holds. */
  readonly expected?: number | undefined;
  /** Whether the change is made again from the new version if somebody else was first. */
  readonly isRepeated?: boolean;
}

/**
 * Reads a key, and puts what `change` makes of it in its place. If `change` returns undefined, nothing is written.
 *
 * @throws {VersionConflict} if the key does not exist, is not of the expected version, or somebody else was first
 */
export async function changeKey(
  table: KeyTable,
  id: string,
  { expected, isRepeated = false }: VersionOptions,
  change: (before: KeyRecord) => KeyRecord | undefined,
): Promise<Changed> {
  for (let attempt = 1; ; attempt++) {
    const before = await readKey(table, id);
    if (expected !== undefined && versionOf(before) !== expected) throw new VersionConflict(id, before);
    const record = change(before);
    if (!record) return { record: before, before, isChanged: false };
    try {
      await table.replace(record, before);
      return { record, before, isChanged: true };
    } catch (error) {
      const isFinal = !isRepeated || attempt === MAX_ATTEMPTS || !(error instanceof VersionConflict) || !error.current;
      if (isFinal) throw error;
    }
  }
}

/** @throws {VersionConflict} if there is no such key */
export async function readKey(table: KeyTable, id: string): Promise<KeyRecord> {
  const { record } = await table.get(id, new AbortController().signal);
  if (!record) throw new VersionConflict(id, undefined, await table.deletionOf(id));
  return record;
}

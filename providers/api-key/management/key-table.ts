import { instantOf } from "../../../shared/domain/events/common.ts";
import type { KeyRecord } from "../record.ts";
import type { KeyStore } from "../store.ts";
import type { Tombstone } from "./tombstone.ts";

/** The table of keys, for those who change it. The authorizer uses only `get`. */
export interface KeyTable extends KeyStore {
  /**
   * Adds a record. May be repeated.
   *
   * @throws {VersionConflict} if there is another record with this ID
   */
  add(record: KeyRecord): Promise<void>;
  /**
   * Puts a record in the place of the one that it was made from. May be repeated.
   *
   * @throws {VersionConflict} if the table no longer holds the version that was read
   */
  replace(record: KeyRecord, before: KeyRecord): Promise<void>;
  /**
   * Puts a tombstone in the place of a record. May be repeated.
   *
   * @throws {VersionConflict} if the table no longer holds the version that was read
   */
  remove(before: KeyRecord, tombstone: Tombstone): Promise<void>;
  /** What stays of a deleted key. Undefined: there is a record, or nothing. @throws {TroubleError} `key_record_invalid` */
  deletionOf(id: string): Promise<Tombstone | undefined>;
  /**
   * Adds what stays of a key that was deleted in another table. May be repeated.
   *
   * @throws {VersionConflict} if there is a record with this ID
   */
  bury(tombstone: Tombstone): Promise<void>;
  /**
   * Puts a record in the place of what stayed of it. May be repeated.
   *
   * @throws {VersionConflict} if the table no longer holds that
   */
  restore(record: KeyRecord, tombstone: Tombstone): Promise<void>;
  /**
   * Revokes a key whose record is damaged and cannot be replaced. Resolves with false if there is no such key, or its
   * record says that it is of another environment.
   *
   * @param environment absent: any
   */
  revokeDamaged(id: string, environment?: string): Promise<boolean>;
  /**
   * Gives a record the API Gateway key of its usage plan, or takes it away, without a new version: nobody's change of the
   * key is refused for it.
   *
   * @throws {VersionConflict} if the table no longer holds the version that was read, or the key is revoked
   */
  assignUsage(id: string, version: number, usageIdentifierKey: string | undefined): Promise<void>;
  /** Reads one page of keys, and continues where another page ended. */
  page(query: KeyQuery, options?: PageOptions): Promise<KeyPage>;
}

/** Which keys: those of an owner or a tenant, the newest first; those that end in a span, by their end; or all. */
export type KeyQuery =
  | { readonly owner: string }
  | { readonly tenant: string }
  /** One partition of `dayBuckets`. Seconds since the epoch, both inclusive. */
  | { readonly expiryBucket: string; readonly from: number; readonly until: number }
  /** Every key, in no order. Reads the whole table in the end: for exports. */
  | { readonly all: true };

export interface PageOptions {
  /** Keys of a page, 1 to 1000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended: its `cursor`. */
  readonly cursor?: string;
}

/** A page may hold fewer keys than its limit, and even none, and still have a cursor. */
export interface KeyPage {
  readonly keys: readonly ListedKey[];
  /** Only of a page of all keys: the keys and what stays of deleted ones, in the order of the table. */
  readonly entries?: readonly (ListedKey | Tombstone)[];
  /** Opaque. Absent: this is the last page. */
  readonly cursor?: string;
}

/** A record; or the ID of one that is damaged. */
export type ListedKey = KeyRecord | DamagedKey;

export interface DamagedKey {
  readonly id: string;
  readonly status: "damaged";
}

export const isDamaged = (key: ListedKey): key is DamagedKey => key.status === "damaged";

/** The table holds another version than the one that was to be changed. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  /** What the table holds. Absent: no such key. */
  readonly current: KeyRecord | undefined;
  /** What the table holds instead, where somebody else deleted the key in the meantime. */
  readonly deletion: Tombstone | undefined;
  constructor(id: string, current: KeyRecord | undefined, deletion?: Tombstone) {
    super(current ? `The key ${id} was changed in the meantime.` : `The key ${id} does not exist.`);
    this.current = current;
    this.deletion = deletion;
  }
}

/** A change that the state of a key does not allow. The message is for people. */
export class ChangeRefused extends Error {
  override readonly name = "ChangeRefused";
  readonly current: KeyRecord;
  constructor(message: string, current: KeyRecord) {
    super(message);
    this.current = current;
  }
}

/** A rotation that would end a secret from before the last rotation without a word. */
export class EarlierGrace extends ChangeRefused {
  constructor(record: KeyRecord) {
    const end = instantOf(record.previousUntil ?? 0);
    super(`The key ${record.id} was rotated, and its previous secret is accepted until ${end}.`, record);
  }
}

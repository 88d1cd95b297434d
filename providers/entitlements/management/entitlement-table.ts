import type { EntitlementRecord } from "../record.ts";
import type { RecordRef } from "../record-key.ts";

/** The table of entitlements, for those who change it. */
export interface EntitlementTable {
  /**
   * Reads a record.
   *
   * @throws {TroubleError} `entitlements_unavailable`, or `entitlement_record_invalid` if it is damaged
   */
  get(ref: RecordRef): Promise<EntitlementRecord | undefined>;
  /**
   * Writes a record in the place of the one that it was made from, or a new one. May be repeated.
   *
   * @throws {VersionConflict} if the table does not hold what was read
   */
  put(record: EntitlementRecord, before: EntitlementRecord | undefined): Promise<void>;
  /**
   * Deletes a record. May be repeated.
   *
   * @throws {VersionConflict} if the table no longer holds the version that was read
   */
  remove(before: EntitlementRecord): Promise<void>;
  /** Deletes a record that is damaged and cannot be replaced. Resolves with false if there is none. */
  removeDamaged(ref: RecordRef): Promise<boolean>;
  /** Reads one page of records, and continues where another page ended. */
  page(query: EntitlementQuery, options?: PageOptions): Promise<EntitlementPage>;
}

/** Which records: the subjects or the revoked tokens of an issuer, those with a tenant, the newest first; or all. */
export type EntitlementQuery =
  | { readonly issuer: string; readonly kind: "subject" | "token" }
  | { readonly tenant: string }
  /** Every record, in no order. Reads the whole table in the end: for exports. */
  | { readonly all: true };

export interface PageOptions {
  /** Records of a page, 1 to 1000. Default: 100. */
  readonly limit?: number;
  /** Where the last page ended: its `cursor`. */
  readonly cursor?: string;
}

/** A page may hold fewer records than its limit, and even none, and still have a cursor. */
export interface EntitlementPage {
  readonly records: readonly ListedRecord[];
  /** Opaque. Absent: this is the last page. */
  readonly cursor?: string;
}

/** A record; or the partition key of one that is damaged. */
export type ListedRecord = EntitlementRecord | { readonly kind: "damaged"; readonly key: string };

/** The table holds another version than the one that was to be changed. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  /** What the table holds. Absent: no such record. */
  readonly current: EntitlementRecord | undefined;
  constructor(current: EntitlementRecord | undefined) {
    super(current ? "The record was changed in the meantime." : "There is no such record.");
    this.current = current;
  }
}

/** A change that makes no sense. The message is for people. */
export class ChangeRefused extends Error {
  override readonly name = "ChangeRefused";
}

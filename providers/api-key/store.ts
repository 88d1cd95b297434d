import type { KeyRecord, KeyStatus } from "./record.ts";

/** A store of key records. */
export interface KeyStore {
  /**
   * Reads a record. Resolves with undefined if there is no key with this ID.
   *
   * @throws {TroubleError} `key_store_unavailable`, or `key_record_invalid` if the record is damaged
   */
  get(id: string, signal: AbortSignal): Promise<KeyRecord | undefined>;
  /**
   * Adds a record.
   *
   * @throws if there is a record with this ID
   */
  add(record: KeyRecord): Promise<void>;
  /**
   * Changes the status of a key. Resolves with false if there is no such key, or if a revoked one would be changed. A
   * revocation is final, and may be repeated.
   */
  setStatus(id: string, status: KeyStatus): Promise<boolean>;
}

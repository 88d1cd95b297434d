import type { KeyRecord, KeyStatus } from "./record.ts";

/** Where key records are kept. */
export interface KeyStore {
  /**
   * @throws {TroubleError} `key_store_unavailable`, or `key_record_invalid` for a record that is damaged
   */
  get(id: string, signal: AbortSignal): Promise<KeyRecord | undefined>;
  /** Adds a record. @throws if there is one of this id */
  add(record: KeyRecord): Promise<void>;
  /** Changes the status of a key. Resolves with false if there is no such key, or if it was revoked, which is for good. */
  setStatus(id: string, status: KeyStatus): Promise<boolean>;
}

import type { KeyRecord } from "./record.ts";

/** A store of key records, as a verification reads it. */
export interface KeyStore {
  /**
   * Reads a record. Resolves with undefined if there is no key with this ID.
   *
   * @throws {TroubleError} `key_store_unavailable`, or `key_record_invalid` if the record is damaged
   */
  get(id: string, signal: AbortSignal): Promise<KeyRecord | undefined>;
}

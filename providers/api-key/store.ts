import type { Instant } from "../../shared/infrastructure/remote/elapsed.ts";
import type { KeyRecord } from "./record.ts";

/** What a store says about one id. */
export interface KeyReading {
  /** Absent if there is no key with this ID. */
  readonly record?: KeyRecord;
  /** When the store was asked. The record is not older. */
  readonly readAt: Instant;
}

/** A store of key records, as a verification reads it. */
export interface KeyStore {
  /**
   * Reads a record.
   *
   * @throws {TroubleError} `key_store_unavailable`, or `key_record_invalid` if the record is damaged
   */
  get(id: string, signal: AbortSignal): Promise<KeyReading>;
}

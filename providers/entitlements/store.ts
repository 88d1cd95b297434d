import type { Instant } from "../../shared/infrastructure/remote/elapsed.ts";
import type { EntitlementRecord } from "./record.ts";

/** What the table has for a key: a record, one that is damaged, or nothing. */
export type Stored = EntitlementRecord | "damaged" | undefined;

/** What a store says about some keys. */
export interface StoreReading {
  /** Every key that was asked for. */
  readonly stored: ReadonlyMap<string, Stored>;
  /** When the store was asked. What it says is not older. */
  readonly readAt: Instant;
}

/** The records of entitlements, as a decision reads them. */
export interface EntitlementStore {
  /**
   * Reads all keys at once.
   *
   * @throws {TroubleError} `entitlements_unavailable`
   */
  read(keys: readonly string[], signal: AbortSignal): Promise<StoreReading>;
}

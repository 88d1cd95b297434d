import type { Instant } from "../../shared/infrastructure/remote/elapsed.ts";

/** What the table of entitlements said of a principal. */
export interface Entitled {
  /** When the table was asked, for the oldest of the records. */
  readonly readAt: Instant;
  /** The version of the subject's record. Absent: it has none. */
  readonly version?: number;
  /** What the principal has by the record, and not by its credential. */
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly tenant?: string;
}

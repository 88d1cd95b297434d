import type { SallyportEvent } from "../../shared/domain/events/events.ts";

/** What follows from one record of the stream. */
export interface Consequences {
  /** What the record is about: the key's id, or the key of an entitlement. Absent: neither. */
  readonly keyId?: string;
  readonly events: readonly SallyportEvent[];
  /** Whether cached policies may allow what is not allowed any more. */
  readonly needsFlush: boolean;
  /** The record cannot be read, and says less than it should. */
  readonly isUnreadable: boolean;
  /** Whether authorizers may remember what the record was before, for as long as they are set to. */
  readonly isRemembered?: boolean;
}

import type { EntitlementRecord } from "../record.ts";

/** What a record does to credentials. */
export const STATES = ["active", "disabled", "revoked"] as const;

/** The state of a record, in one word: a lockout outweighs a revocation. */
export function stateOf(record: EntitlementRecord): (typeof STATES)[number] {
  if (record.kind === "token") return "revoked";
  if (record.disabledSince !== undefined) return "disabled";
  return record.revokedBefore === undefined ? "active" : "revoked";
}

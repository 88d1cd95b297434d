import { createHash } from "node:crypto";
import type { UsedOnceStore } from "../used-once.ts";

/** Identity of an assertion. The ID is unique for its issuer (SAML core 1.3.4). */
export interface UsedAssertion {
  readonly issuer: string;
  readonly id: string;
  /**
   * Seconds since the epoch. From then on the assertion is refused as expired, by every instance and whatever
   * metadata and certificates there are, so that the record is no longer needed.
   */
  readonly expiresAt: number;
}

/** A store of used assertions. */
export interface ReplayStore {
  /**
   * Records a use. Resolves with false if the assertion was used before.
   *
   * @throws {TroubleError} `replay_store_unavailable`
   */
  record(assertion: UsedAssertion, signal: AbortSignal): Promise<boolean>;
}

/** Used assertions in a store of whatever may be used once. */
export const replayStoreOf = (store: UsedOnceStore): ReplayStore => ({
  record: ({ issuer, id, expiresAt }, signal) => store.record({ key: keyOf(issuer, id), expiresAt }, signal),
});

/** A digest, because IDs and issuers can be longer than a partition key and need not be readable in the table. */
const keyOf = (issuer: string, id: string) =>
  `assertion#${createHash("sha256").update(`${issuer.length} ${issuer} ${id}`).digest("base64url")}`;

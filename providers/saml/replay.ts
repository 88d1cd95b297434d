import { createHash } from "node:crypto";
import { type ExchangeLimits, REQUEST_LIMITS } from "../../shared/infrastructure/dynamodb/exchange.ts";
import { dynamoDbUsedOnceStore } from "../used-once.ts";

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

/** Used assertions in a DynamoDB table. */
export function dynamoDbReplayStore(table: string, limits: ExchangeLimits = REQUEST_LIMITS): ReplayStore {
  const store = dynamoDbUsedOnceStore(table, limits);
  return { record: ({ issuer, id, expiresAt }, signal) => store.record({ key: keyOf(issuer, id), expiresAt }, signal) };
}

/** A digest, because IDs and issuers can be longer than a partition key and need not be readable in the table. */
const keyOf = (issuer: string, id: string) =>
  `assertion#${createHash("sha256").update(`${issuer.length} ${issuer} ${id}`).digest("base64url")}`;

import { createHash, randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { type ExchangeLimits, REQUEST_LIMITS, tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";
import { TTL_ATTRIBUTE } from "../../shared/infrastructure/dynamodb/table.ts";

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

/** Seconds for which a record outlives its assertion: for instances whose clocks are behind that of DynamoDB. */
const RETENTION = 86_400;

/** Undecided uses that an instance remembers. */
const MAX_UNDECIDED = 1000;

/**
 * Used assertions in a DynamoDB table. A use is one conditional PutItem, so only one of two concurrent requests
 * succeeds.
 *
 * Each use has an ID, which shows whose record there is. If no answer comes, the use is undecided: the request is
 * refused as trouble, and the record may or may not be there. The next request with the assertion on this instance takes
 * the ID over, so that the caller may send the assertion again. Only one request has an ID at a time, and an accepted
 * one keeps it, so that no assertion is accepted twice.
 */
export function dynamoDbReplayStore(table: string, limits: ExchangeLimits = REQUEST_LIMITS): ReplayStore {
  const { input, exchange } = tableClient(table, limits);
  const undecided = new Map<string, string>();
  return {
    async record({ issuer, id, expiresAt }, signal) {
      const key = keyOf(issuer, id);
      const use = undecided.get(key) ?? randomUUID();
      undecided.delete(key);
      const command = new PutItemCommand({
        ...input,
        Item: { pk: { S: key }, use: { S: use }, [TTL_ATTRIBUTE]: { N: String(expiresAt + RETENTION) } },
        // If the response is lost, the client retries.
        ConditionExpression: "attribute_not_exists(pk) OR #use = :use",
        ExpressionAttributeNames: { "#use": "use" },
        ExpressionAttributeValues: { ":use": { S: use } },
      });
      try {
        await exchange((client, options) => client.send(command, options), signal);
        // The request was refused meanwhile, because its time was over.
        signal.throwIfAborted();
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        if (undecided.size >= MAX_UNDECIDED) undecided.clear();
        undecided.set(key, use);
        throw new TroubleError("replay_store_unavailable", error);
      }
    },
  };
}

/** A digest, because IDs and issuers can be longer than a partition key and need not be readable in the table. */
const keyOf = (issuer: string, id: string) =>
  `assertion#${createHash("sha256").update(`${issuer.length} ${issuer} ${id}`).digest("base64url")}`;

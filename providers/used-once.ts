import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../shared/domain/reasons/errors.ts";
import { type ExchangeLimits, REQUEST_LIMITS, tableClient } from "../shared/infrastructure/dynamodb/exchange.ts";
import { TTL_ATTRIBUTE } from "../shared/infrastructure/dynamodb/table.ts";

/** The use of something that may be used once. */
export interface Use {
  /** The partition key of its record. It has a prefix for its kind, so that kinds may share a table. */
  readonly key: string;
  /**
   * Seconds since the epoch. From then on it is refused as expired, by every instance, so that the record is no longer
   * needed.
   */
  readonly expiresAt: number;
}

/** A store of what was used and may be used once. */
export interface UsedOnceStore {
  /**
   * Records a use. Resolves with false if it was used before.
   *
   * @throws {TroubleError} `replay_store_unavailable`
   */
  record(use: Use, signal: AbortSignal): Promise<boolean>;
}

/** Seconds for which a record outlives what it is about: for instances whose clocks are behind that of DynamoDB. */
const RETENTION = 86_400;

/** Undecided uses that an instance remembers. */
const MAX_UNDECIDED = 1000;

/**
 * Uses in a DynamoDB table. A use is one conditional PutItem, so only one of two concurrent requests succeeds.
 *
 * Each use has an ID, which shows whose record there is. If no answer comes, the use is undecided: the request is
 * refused as trouble, and the record may or may not be there. The next request with the same key on this instance takes
 * the ID over, so that the caller may send it again. Only one request has an ID at a time, and an accepted one keeps it,
 * so that nothing is accepted twice.
 */
export function dynamoDbUsedOnceStore(table: string, limits: ExchangeLimits = REQUEST_LIMITS): UsedOnceStore {
  const { input, exchange } = tableClient(table, limits);
  const undecided = new Map<string, string>();
  return {
    async record({ key, expiresAt }, signal) {
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

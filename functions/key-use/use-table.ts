import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { BoundedMap } from "../../shared/domain/bounded-map.ts";
import { dayBucket } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { type ExchangeLimits, tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";
import type { UsedHours } from "./read-uses.ts";

/** The last uses of API keys. */
export interface UseTable {
  /**
   * Records the uses of a key, unless the table has a later one. May be repeated, in any order.
   *
   * @throws the error of the SDK
   */
  record(keyId: string, hours: UsedHours): Promise<void>;
}

/** Nobody waits for the answer. */
const LIMITS: ExchangeLimits = { whole: 10_000, attempt: 3000 };

/** Keys of which an instance remembers the last use in the table. */
const MAX_ENTRIES = 50_000;

/** Seconds for which the last use of a key is kept. */
const RETENTION = 400 * 86_400;

/** Partition key of the last use of a key in the table of activity. */
export const useKey = (keyId: string) => ({ pk: { S: `USE#${keyId}` } });

/**
 * Last uses in the table of activity: one item for each key, with the hour of its last use. An hour is written once, as
 * far as this instance knows, and never after a later one.
 *
 * @throws {Error} without a name of the table
 */
export function useTable(table: string, limits = LIMITS): UseTable {
  if (table === "") throw new Error("SALLYPORT_ACTIVITY_TABLE names no table.");
  const { input, exchange } = tableClient(table, limits);
  const written = new BoundedMap<string, number>(MAX_ENTRIES);

  return {
    async record(keyId, { first, last }) {
      if ((written.get(keyId) ?? -1) >= last) return;
      const command = new UpdateItemCommand({
        ...input,
        Key: useKey(keyId),
        UpdateExpression:
          "SET #hour = :last, #bucket = :bucket, #ttl = :ttl, #firstSeen = if_not_exists(#firstSeen, :first)",
        ConditionExpression: "attribute_not_exists(#hour) OR #hour < :last",
        ExpressionAttributeNames: { "#hour": "hour", "#bucket": "useBucket", "#ttl": "ttl", "#firstSeen": "firstSeen" },
        ExpressionAttributeValues: {
          ":first": { N: String(first) },
          ":last": { N: String(last) },
          ":bucket": { S: dayBucket(keyId, last) },
          ":ttl": { N: String(last + RETENTION) },
        },
      });
      try {
        await exchange((client, options) => client.send(command, options));
      } catch (error) {
        // The table has this hour, or a later one.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
      written.set(keyId, last);
    },
  };
}

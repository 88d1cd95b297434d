import { BatchGetItemCommand, type BatchGetItemCommandOutput } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import {
  type ExchangeLimits,
  REQUEST_LIMITS,
  tableClient,
  UnprovenAnswer,
} from "../../shared/infrastructure/dynamodb/exchange.ts";
import { sentAt } from "../../shared/infrastructure/dynamodb/sending-time.ts";
import { type Item, partitionKey, recordOf } from "./item.ts";
import type { EntitlementStore, Stored } from "./store.ts";

/** DynamoDB has left out a part of the answer, for example because it is throttled. */
class PartialAnswer extends Error {
  override readonly name = "PartialAnswer";
  readonly code = "PARTIAL_ANSWER";
}

/**
 * Records in a DynamoDB table. A decision is one consistent read of everything that it needs, so that a lockout counts
 * from the next decision on.
 */
export function dynamoDbEntitlements(table: string, limits: ExchangeLimits = REQUEST_LIMITS): EntitlementStore {
  const { input, exchange } = tableClient(table, limits);

  return {
    async read(keys, signal) {
      const command = new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: keys.map(partitionKey), ConsistentRead: true } },
        ReturnConsumedCapacity: input.ReturnConsumedCapacity,
      });
      try {
        const answer = await exchange((client, options) => client.send(command, options), signal);
        const readAt = sentAt(answer);
        if (!readAt) throw new UnprovenAnswer();
        return { stored: storedIn(answer, keys), readAt };
      } catch (error) {
        throw new TroubleError("entitlements_unavailable", error);
      }
    },
  };
}

/**
 * What an answer says about each key. A key without an item has no record; that is only so if the answer is whole.
 *
 * @throws {PartialAnswer}
 * @throws {UnprovenAnswer} if the table has no answer, or one with an item twice or that was not asked for
 */
function storedIn({ Responses, UnprocessedKeys }: BatchGetItemCommandOutput, keys: readonly string[]) {
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new PartialAnswer();
  const stored = new Map<string, Stored>(keys.map((key) => [key, undefined]));
  const [items, ...others] = Object.values(Responses ?? {});
  if (!items || others.length > 0) throw new UnprovenAnswer();
  for (const item of items) {
    const key = item.pk?.S ?? "";
    if (!stored.has(key) || stored.get(key) !== undefined) throw new UnprovenAnswer();
    stored.set(key, readItem(key, item));
  }
  return stored;
}

function readItem(key: string, item: Item): Stored {
  try {
    return recordOf(key, item);
  } catch {
    return "damaged";
  }
}

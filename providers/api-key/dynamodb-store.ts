import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import {
  type ExchangeLimits,
  REQUEST_LIMITS,
  tableClient,
  UnprovenAnswer,
} from "../../shared/infrastructure/dynamodb/exchange.ts";
import { sentAt } from "../../shared/infrastructure/dynamodb/sending-time.ts";
import { type Item, isTombstone, partitionKey, recordOf } from "./item.ts";
import type { KeyStore } from "./store.ts";

/**
 * Keys in a DynamoDB table. A verification is one consistent read, so a revocation is effective from the next
 * request.
 */
export function dynamoDbStore(table: string, limits: ExchangeLimits = REQUEST_LIMITS): KeyStore {
  const { input, exchange } = tableClient(table, limits);

  return {
    async get(id, signal) {
      const command = new GetItemCommand({ ...input, Key: partitionKey(id), ConsistentRead: true });
      try {
        const answer = await exchange((client, options) => client.send(command, options), signal);
        const readAt = sentAt(answer);
        if (!readAt) throw new UnprovenAnswer();
        if (!answer.Item) return { readAt };
        demandItemOf(id, answer.Item);
        if (isTombstone(answer.Item)) return { readAt };
        return { record: recordOf(id, answer.Item), readAt };
      } catch (error) {
        throw error instanceof TroubleError ? error : new TroubleError("key_store_unavailable", error);
      }
    },
  };
}

/** An item of another key says nothing about this one. @throws {UnprovenAnswer} */
function demandItemOf(id: string, item: Item): void {
  if (item.pk?.S !== partitionKey(id).pk.S) throw new UnprovenAnswer();
}

import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import {
  type ExchangeLimits,
  REQUEST_LIMITS,
  tableClient,
  UnprovenAnswer,
} from "../../shared/infrastructure/dynamodb/exchange.ts";
import { type Item, partitionKey, recordOf } from "./item.ts";
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
        const { Item } = await exchange((client, options) => client.send(command, options), signal);
        if (Item) demandItemOf(id, Item);
        return Item && recordOf(id, Item);
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

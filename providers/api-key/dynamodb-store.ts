import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import {
  type ExchangeLimits,
  REQUEST_LIMITS,
  tableClient,
  UnprovenAnswer,
} from "../../shared/infrastructure/dynamodb/exchange.ts";
import { type Item, itemOf, partitionKey, recordOf } from "./item.ts";
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

    async add(record) {
      const Item = itemOf(record);
      const command = new PutItemCommand({
        ...input,
        Item,
        // If the response is lost, the client retries. The hash of the new key shows that the record is its own.
        ConditionExpression: "attribute_not_exists(pk) OR #hash = :hash",
        ExpressionAttributeNames: { "#hash": "hash" },
        ExpressionAttributeValues: { ":hash": { B: record.hash } },
      });
      await exchange((client, options) => client.send(command, options));
    },

    async setStatus(id, status) {
      // A revocation is final, and may be repeated: the client retries one whose response is lost.
      const isRevocation = status === "revoked";
      const command = new UpdateItemCommand({
        ...input,
        Key: partitionKey(id),
        UpdateExpression: "SET #status = :status",
        ConditionExpression: `attribute_exists(pk)${isRevocation ? "" : " AND #status <> :revoked"}`,
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":status": { S: status }, ...(!isRevocation && { ":revoked": { S: "revoked" } }) },
        ReturnValues: "ALL_NEW",
      });
      try {
        const { Attributes } = await exchange((client, options) => client.send(command, options));
        demandItemOf(id, Attributes ?? {});
        if (Attributes?.status?.S !== status) throw new UnprovenAnswer();
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}

/** An item of another key says nothing about this one. @throws {UnprovenAnswer} */
function demandItemOf(id: string, item: Item): void {
  if (item.pk?.S !== partitionKey(id).pk.S) throw new UnprovenAnswer();
}

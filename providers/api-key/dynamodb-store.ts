import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { dynamoDbClient } from "../../shared/infrastructure/dynamodb/table.ts";
import { itemOf, partitionKey, recordOf } from "./item.ts";
import type { KeyStore } from "./store.ts";

/**
 * Keys in a DynamoDB table. A verification is one consistent read, so a revocation is effective from the next
 * request.
 */
export function dynamoDbStore(table: string): KeyStore {
  const client = dynamoDbClient();

  return {
    async get(id, abortSignal) {
      const command = new GetItemCommand({ TableName: table, Key: partitionKey(id), ConsistentRead: true });
      const { Item } = await client.send(command, { abortSignal }).catch((error: unknown) => {
        throw new TroubleError("key_store_unavailable", error);
      });
      return Item && recordOf(id, Item);
    },

    async add(record) {
      await client.send(
        new PutItemCommand({ TableName: table, Item: itemOf(record), ConditionExpression: "attribute_not_exists(pk)" }),
      );
    },

    async setStatus(id, status) {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: partitionKey(id),
        UpdateExpression: "SET #status = :status",
        ConditionExpression: "attribute_exists(pk) AND #status <> :revoked",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":status": { S: status }, ":revoked": { S: "revoked" } },
      });
      try {
        await client.send(command);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}

import {
  ConditionalCheckFailedException,
  type CreateTableCommandInput,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/reasons/errors.ts";
import { itemOf, partitionKey, recordOf } from "./item.ts";
import type { KeyStore } from "./store.ts";

/** Milliseconds for one attempt to read a key, the connection included. */
const TIMEOUT = 1000;

/** The table of API keys; `template.yaml` has the same. */
export const keyTable = (name: string) =>
  ({
    TableName: name,
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    BillingMode: "PAY_PER_REQUEST",
  }) as const satisfies CreateTableCommandInput;

/** Attribute by which the table forgets keys that expired long ago. */
export const TTL_ATTRIBUTE = "ttl";

/** Keys in a DynamoDB table: one consistent GetItem for a verification, so that a revocation counts from the next request on. */
export function dynamoDbStore(table: string): KeyStore {
  const client = new DynamoDBClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
  });

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

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { table } from "./configured.ts";

const TIMEOUT = 1000;
const client = new DynamoDBClient({
  maxAttempts: 2,
  requestHandler: { connectionTimeout: TIMEOUT, requestTimeout: TIMEOUT, throwOnRequestTimeout: true },
});

/** One consistent GetItem with the AWS SDK: the time of the database and its client. */
export async function verify(id: string) {
  const command = new GetItemCommand({ TableName: table(), Key: { pk: { S: `KEY#${id}` } }, ConsistentRead: true });
  const { Item } = await client.send(command);
  if (!Item) throw new Error("no item");
  return Item;
}

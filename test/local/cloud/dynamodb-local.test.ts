import { randomUUID } from "node:crypto";
import {
  BatchWriteItemCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, onTestFinished, test } from "vitest";
import { itemName } from "../../../local/cloud/change-feed/record.ts";
import type { TableResource } from "../../../local/cloud/resources.ts";
import { createTable, type DynamoDb, startDynamoDb, useDynamoDb } from "../../../local/stage/database.ts";

/** The change feed of the embedded database beside DynamoDB Local's own streams. */

const ENDPOINT = process.env.AWS_ENDPOINT_URL_DYNAMODB;

const definition = (name: string): CreateTableCommandInput => ({
  TableName: name,
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
});

const Item = {
  pk: { S: "a" },
  bytes: { B: Buffer.from([1, 2, 255]) },
  ...{ none: { M: {} }, nothing: { L: [] }, empty: { S: "" } },
  parts: { L: [{ N: "1.5" }, { NULL: true as const }, { M: { deep: { BS: [Buffer.from([3])] }, none: { M: {} } } }] },
};

/** Writes of every kind: some change nothing, and some are refused. */
async function write(client: DynamoDBClient, TableName: string): Promise<void> {
  const Key = { pk: { S: "a" } };
  await client.send(new PutItemCommand({ TableName, Item }));
  await client.send(new PutItemCommand({ TableName, Item }));
  const change = { UpdateExpression: "SET n = :n", ExpressionAttributeValues: { ":n": { N: "7" } } };
  await client.send(new UpdateItemCommand({ TableName, Key, ...change }));
  await client.send(new UpdateItemCommand({ TableName, Key, ...change }));
  await client.send(new UpdateItemCommand({ TableName, Key: { pk: { S: "made" } }, ...change }));
  const refused = { TableName, Item, ConditionExpression: "attribute_not_exists(pk)" };
  await client.send(new PutItemCommand(refused)).catch(() => {});
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "none" } } }));
  const batch = [{ DeleteRequest: { Key } }, { PutRequest: { Item: { pk: { S: "b" } } } }];
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: batch } }));
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: "last" } } }));
}

/** The records of these writes, by item, without what differs from one write to the next. */
async function recordsOf({ endpoint, changes }: DynamoDb): Promise<object> {
  const name = `table-${randomUUID()}`;
  const table: TableResource = { name, definition: definition(name), view: "NEW_AND_OLD_IMAGES" };
  await createTable(endpoint, table.definition);
  const records: DynamoDBRecord[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = await changes.watch(table, (record) => {
    records.push(record);
    if (record.dynamodb?.Keys?.pk?.S === "last") resolve();
  });
  onTestFinished(stop);
  const client = new DynamoDBClient({ endpoint });
  onTestFinished(() => client.destroy());
  await write(client, name);
  await promise;
  const shown = records.map(({ eventID, eventSourceARN, dynamodb = {}, ...rest }) => {
    expect(eventID).toMatch(/^[0-9a-f]{32}$/);
    expect(eventSourceARN).toContain(`:table/${name}/stream/`);
    const { ApproximateCreationDateTime, SequenceNumber, SizeBytes, ...images } = dynamodb;
    expect([ApproximateCreationDateTime, SizeBytes]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(SequenceNumber).toMatch(/^\d{21,}$/);
    return { ...rest, dynamodb: images };
  });
  return Object.groupBy(shown, ({ dynamodb }) => itemName(dynamodb.Keys));
}

test.skipIf(!ENDPOINT)("both write the same records for the same writes", async () => {
  const embedded = await startDynamoDb();
  onTestFinished(embedded.close);
  const [own, real] = [await recordsOf(embedded), await recordsOf(await useDynamoDb())];
  expect(Object.keys(own)).toHaveLength(4);
  expect(own).toEqual(real);
});

test.skipIf(!ENDPOINT)("a table that was made without a stream gets one", async () => {
  const { endpoint, changes } = await useDynamoDb();
  const name = `table-${randomUUID()}`;
  const { StreamSpecification, ...without } = definition(name);
  await createTable(endpoint, without);
  const { promise, resolve } = Promise.withResolvers<DynamoDBRecord>();
  onTestFinished(await changes.watch({ name, definition: without, view: "NEW_IMAGE" }, resolve));
  const client = new DynamoDBClient({ endpoint });
  onTestFinished(() => client.destroy());
  await client.send(new PutItemCommand({ TableName: name, Item }));
  expect((await promise).dynamodb).toMatchObject({ StreamViewType: "NEW_IMAGE", Keys: { pk: { S: "a" } } });
});

import { randomUUID } from "node:crypto";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import { keysTableDefinition, tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";

test("a table that was made from an older definition gets the indexes that it lacks, unless the database cannot add any", async () => {
  const { endpoint, close } = await useDynamoDb();
  onTestFinished(close);
  const client = new DynamoDBClient({ endpoint });
  onTestFinished(() => client.destroy());
  const name = `table-${randomUUID()}`;
  const indexes = async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort();
  };
  await createTable(endpoint, tableDefinition(name));
  expect(await indexes()).toBeUndefined();
  if (!process.env.AWS_ENDPOINT_URL_DYNAMODB) {
    await expect(createTable(endpoint, keysTableDefinition(name))).rejects.toThrow(
      "by-owner now: start the stack again",
    );
    return;
  }
  await createTable(endpoint, keysTableDefinition(name));
  expect(await indexes()).toEqual(["by-expiry", "by-owner", "by-tenant"]);
  await createTable(endpoint, tableDefinition(name));
  expect(await indexes()).toHaveLength(3);
});

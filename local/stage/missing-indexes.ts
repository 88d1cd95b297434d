import {
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  type GlobalSecondaryIndex,
  UpdateTableCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { StackError } from "../gateway/stack-error.ts";

/** How long a table may take to change, in seconds, and how often it is looked at. */
export const PATIENCE = { maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 };

/**
 * Adds the global indexes that a table lacks, which was made from an older definition. One at a time, as DynamoDB
 * demands.
 *
 * @throws {StackError} for an embedded database, which cannot add any
 */
export async function addMissingIndexes(client: DynamoDBClient, definition: CreateTableCommandInput): Promise<void> {
  const { TableName, GlobalSecondaryIndexes = [], AttributeDefinitions } = definition;
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const known = new Set(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  for (const index of GlobalSecondaryIndexes.filter(({ IndexName }) => !known.has(IndexName))) {
    const update = { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [{ Create: createdBy(index) }] };
    await client.send(new UpdateTableCommand(update)).catch((error: Error) => {
      if (error.name !== "ValidationException") throw error;
      throw new StackError(
        `The table ${TableName} cannot get the index ${index.IndexName} now: start the stack again.`,
      );
    });
    await waitUntilTableExists({ client, ...PATIENCE }, { TableName });
  }
}

const createdBy = ({ IndexName, KeySchema, Projection }: GlobalSecondaryIndex) => ({
  IndexName,
  KeySchema,
  Projection,
});

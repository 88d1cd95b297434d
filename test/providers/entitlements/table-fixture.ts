import { randomUUID } from "node:crypto";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import { dynamoDbEntitlementTable } from "../../../providers/entitlements/management/dynamodb-entitlement-table.ts";
import type { EntitlementTable } from "../../../providers/entitlements/management/entitlement-table.ts";
import { entitlementsTableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";

/** A new table of entitlements in the test DynamoDB. */
export interface EntitlementTableFixture {
  readonly name: string;
  readonly endpoint: string;
  readonly table: EntitlementTable;
  close(): Promise<void>;
}

/** Creates the table. `AWS_ENDPOINT_URL_DYNAMODB` chooses a DynamoDB; without it one is started. */
export async function createEntitlementTableFixture(): Promise<EntitlementTableFixture> {
  const name = `entitlements-${randomUUID()}`;
  const { endpoint, close } = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  await createTable(endpoint, entitlementsTableDefinition(name));
  return { name, endpoint, table: dynamoDbEntitlementTable(name), close };
}

import { randomBytes, randomUUID } from "node:crypto";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import { dynamoDbKeyTable } from "../../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey, type KeyOptions } from "../../../providers/api-key/management/issue.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import type { ApiKeysConfig } from "../../../shared/domain/config/api-keys.ts";
import { keysTableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { configOf, NOW } from "../../fixtures.ts";

/** Creates a new table in the test DynamoDB and a configuration that uses it. */
export interface KeyTableFixture {
  readonly config: ApiKeysConfig;
  readonly endpoint: string;
  readonly store: KeyTable;
  issue(options?: Partial<KeyOptions>): ReturnType<typeof issueApiKey>;
  close(): Promise<void>;
}

/**
 * Creates the table, and two peppers in the environment. `AWS_ENDPOINT_URL_DYNAMODB` chooses a DynamoDB; without it
 * one is started.
 */
export async function createKeyTableFixture(definition = keysTableDefinition): Promise<KeyTableFixture> {
  const table = `keys-${randomUUID()}`;
  const { endpoint, close } = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  process.env.TEST_PEPPER_NEW = randomBytes(32).toString("hex");
  process.env.TEST_PEPPER_OLD = randomBytes(32).toString("hex");
  await createTable(endpoint, definition(table));
  const { apiKeys: config } = configOf({
    apiKeys: {
      table,
      peppers: [
        { id: "new", secret: { environment: "TEST_PEPPER_NEW" } },
        { id: "old", secret: { environment: "TEST_PEPPER_OLD" } },
      ],
    },
  });
  if (!config) throw new Error("no section");
  const store = dynamoDbKeyTable(table);
  return {
    config,
    endpoint,
    store,
    close,
    issue: (options) => issueApiKey({ name: "Partner", ...options }, config, store, { by: "test", time: NOW }),
  };
}

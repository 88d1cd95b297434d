import { randomBytes } from "node:crypto";
import { BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTable } from "../../local/stage/database.ts";
import { itemOf } from "../../providers/api-key/item.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { tableDefinition } from "../../shared/infrastructure/dynamodb/table.ts";
import { eventFrame, writeCase } from "./cases.ts";
import { issueKey } from "./credentials.ts";
import { type Subject, startSubject } from "./measured.ts";
import { cell, type Table } from "./report.ts";
import { interleave, type Row } from "./rounds.ts";
import { median, spread } from "./statistics.ts";
import type { Options } from "./warm-rows.ts";
import type { World } from "./world.ts";
import { bundleOf } from "./yardsticks.ts";

/** DynamoDB's limit of items in one batch request. */
const BATCH = 25;
const LANES = 8;

/**
 * Measures a decision about an API key against the number of keys in the table, in the DynamoDB at
 * AWS_ENDPOINT_URL_DYNAMODB. Without it, returns the reason why this is not measured.
 */
export async function keysTable(world: World, options: Options): Promise<Table | string> {
  if (!world.isDatabaseGiven) return "Keys in the table: not measured, AWS_ENDPOINT_URL_DYNAMODB names no DynamoDB.";
  const sizes = [100, 1000, 10_000, 100_000, 1_000_000].filter((size) => size <= (options.quick ? 100 : options.keys));
  const subjects: Subject[] = [];
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      const table = `bench-keys-${size}`;
      await createTable(world.database, tableDefinition(table));
      await fill(world.database, table, size - 1);
      const { key } = await issueKey(world, dynamoDbKeyTable(table));
      const { apiKeys } = world.config;
      if (!apiKeys) throw new Error("no section");
      const configured = await world.configured(table, { ...world.config, apiKeys: { ...apiKeys, table } });
      const environment = { ...world.environment, ...configured, AWS_ENDPOINT_URL_DYNAMODB: world.database };
      const subject = await startSubject(bundleOf("sallyport"), environment);
      subjects.push(subject);
      const frame = eventFrame("ApiKey", world.time);
      const file = await writeCase(world, table, { frame, credentials: [key], fresh: false });
      rows.push({ name: String(size), subject, file, count: options.quick ? 2 : 50 });
    }
    const rounds = [...(await interleave(rows, options))];
    const base = median(rounds[0]?.[1].map(({ wall }) => wall) ?? []);
    return {
      title: "By keys in the table",
      columns: ["keys", "wall", "spread", "×", "CPU"],
      rows: rounds.map(([name, measured]) => {
        const wall = measured.map((each) => each.wall);
        const cpu = median(measured.map((each) => each.cpu));
        return [
          name,
          cell(median(wall), "µs"),
          cell(spread(wall), "±"),
          cell(median(wall) / base, "×"),
          cell(cpu, "µs"),
        ];
      }),
    };
  } finally {
    for (const subject of subjects) subject.close();
  }
}

/** Writes records of other, unused keys into a table. */
async function fill(endpoint: string, table: string, count: number): Promise<void> {
  const client = new DynamoDBClient({ endpoint });
  let left = count;
  const lane = async () => {
    while (left > 0) {
      const requests = Array.from({ length: Math.min(BATCH, left) }, () => ({ PutRequest: { Item: strangersItem() } }));
      left -= requests.length;
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      left += UnprocessedItems?.[table]?.length ?? 0;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  client.destroy();
}

const strangersItem = () =>
  itemOf({
    ...{ id: randomBytes(12).toString("base64url"), hash: new Uint8Array(randomBytes(32)), pepper: "bench" },
    ...{ environment: "live", status: "active", name: "Stranger", tenant: "acme", createdAt: 1_700_000_000 },
    ...{ scopes: ["orders:read"], roles: [], attributes: {} },
  });

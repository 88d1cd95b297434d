import { createTable } from "../../local/stage/database.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { keysTableDefinition } from "../../shared/infrastructure/dynamodb/table.ts";
import { eventFrame, writeCase } from "./cases.ts";
import { issueKey } from "./credentials.ts";
import { fillTable } from "./fill-table.ts";
import { listsTable } from "./growth-lists.ts";
import { type Subject, startSubject } from "./measured.ts";
import { cell, type Table } from "./report.ts";
import { interleave, type Row } from "./rounds.ts";
import { median, spread } from "./statistics.ts";
import type { Options } from "./warm-rows.ts";
import type { World } from "./world.ts";
import { bundleOf } from "./yardsticks.ts";

/**
 * Measures a decision about an API key, and pages of keys, against the number of keys in the table, in the DynamoDB at
 * AWS_ENDPOINT_URL_DYNAMODB. Without it, returns the reason why this is not measured.
 */
export async function keysTable(world: World, options: Options): Promise<readonly Table[] | string> {
  if (!world.isDatabaseGiven) return "Keys in the table: not measured, AWS_ENDPOINT_URL_DYNAMODB names no DynamoDB.";
  const sizes = [100, 1000, 10_000, 100_000, 1_000_000].filter((size) => size <= (options.quick ? 100 : options.keys));
  const subjects: Subject[] = [];
  const rows: Row[] = [];
  const tables = sizes.map((size) => [`bench-keys-${size}`, size] as const);
  try {
    for (const [table, size] of tables) {
      await createTable(world.database, keysTableDefinition(table));
      await fillTable(world.database, table, size - 1);
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
    const decisions = {
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
    return [decisions, await listsTable(tables, options)];
  } finally {
    for (const subject of subjects) subject.close();
  }
}

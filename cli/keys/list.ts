import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import { recordOf } from "../../providers/api-key/item.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { COMMAND_LIMITS, tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";
import type { CommandIo } from "../command-io.ts";
import { inTable } from "./table.ts";

/** Partition keys of key records. */
const PREFIX = "KEY#";

/** A record without its hash; or its id alone, if it is damaged. */
type Listed = Omit<KeyRecord, "hash"> | { readonly id: string; readonly status: "damaged" };

/** Prints all keys of the table, the newest first, without their hashes. */
export async function listKeys({ json }: { readonly json?: boolean }, io: CommandIo): Promise<void> {
  const records = await inTable(io, (_, { table }) => scan(table));
  records.sort((one, other) => createdAt(other) - createdAt(one));
  if (json) io.stdout.write(`${JSON.stringify(records)}\n`);
  else if (records.length === 0) io.stderr.write("The table has no keys.\n");
  else io.stdout.write(tableOf(records));
}

/** Reads a whole table, page by page. */
async function scan(table: string): Promise<Listed[]> {
  const { input, exchange } = tableClient(table, COMMAND_LIMITS);
  const records: Listed[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const command = new ScanCommand({
      ...{ ...input, ExclusiveStartKey, ConsistentRead: true },
      FilterExpression: "begins_with(pk, :prefix)",
      ExpressionAttributeValues: { ":prefix": { S: PREFIX } },
    });
    const page = await exchange((client, options) => client.send(command, options));
    records.push(...(page.Items ?? []).map(listed));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return records;
}

function listed(item: Record<string, AttributeValue>): Listed {
  const id = item.pk?.S?.slice(PREFIX.length) ?? "";
  try {
    const { hash: _, ...record } = recordOf(id, item);
    return record;
  } catch {
    return { id, status: "damaged" };
  }
}

const createdAt = (record: Listed) => ("createdAt" in record ? record.createdAt : 0);

/** Lines in columns; no value is cut. */
function tableOf(records: readonly Listed[]): string {
  const rows = [["ID", "STATUS", "EXPIRES", "TENANT", "NAME", "SCOPES"], ...records.map(rowOf)];
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, at) => Math.max(cell.length, all[at] ?? 0)), []);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function rowOf(record: Listed): string[] {
  if (!("name" in record)) return [record.id, record.status, "", "", "", ""];
  const { id, status, expiresAt, tenant = "-", name, scopes } = record;
  const isOver = expiresAt !== undefined && expiresAt * 1000 <= Date.now();
  const end =
    expiresAt === undefined ? "never" : new Date(expiresAt * 1000).toISOString().slice(0, 16).replace("T", " ");
  return [id, isOver && status === "active" ? "expired" : status, end, tenant, name, scopes.join(" ")];
}

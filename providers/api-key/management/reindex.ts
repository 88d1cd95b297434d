import { ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { conditionHeld } from "../../../shared/infrastructure/dynamodb/condition.ts";
import { dayBucket } from "../../../shared/infrastructure/dynamodb/day-buckets.ts";
import { COMMAND_LIMITS, type TableClient, tableClient } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { type Item, partitionKey } from "../item.ts";

/** Items that a page of the scan reads. */
const PAGE = 500;

/** Records that are written at the same time. */
const AT_ONCE = 16;

/** How far it is: records that were read, and those of them that were not in the index. */
export interface Reindexed {
  readonly read: number;
  readonly written: number;
}

/**
 * Puts records of before there were indexes into the index `by-expiry`. Only records without a partition are written,
 * and only their partition, under the condition that they have none: it may run beside all changes, and be repeated.
 * Neither version nor last change of a record is touched.
 *
 * @yields the counts of each page
 */
export async function* reindex(table: string, isDry: boolean): AsyncGenerator<Reindexed> {
  const client = tableClient(table, COMMAND_LIMITS);
  let start: Item | undefined;
  do {
    const command = new ScanCommand({
      ...{ ...client.input, Limit: PAGE, ConsistentRead: true, ExclusiveStartKey: start },
      FilterExpression:
        "begins_with(pk, :prefix) AND attribute_exists(expiresAt) AND attribute_not_exists(expiryBucket)",
      ExpressionAttributeValues: { ":prefix": partitionKey("").pk },
      ProjectionExpression: "pk, expiresAt",
    });
    const {
      Items = [],
      ScannedCount = 0,
      LastEvaluatedKey,
    } = await client.exchange((dynamoDb, sent) => dynamoDb.send(command, sent));
    yield { read: ScannedCount, written: isDry ? Items.length : await writeAll(client, Items) };
    start = LastEvaluatedKey;
  } while (start);
}

async function writeAll(client: TableClient, items: readonly Item[]): Promise<number> {
  let written = 0;
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const results = await Promise.all(items.slice(at, at + AT_ONCE).map((item) => write(client, item)));
    written += results.filter(Boolean).length;
  }
  return written;
}

/** @returns false if the record is damaged, or was changed meanwhile, which puts it into the index */
async function write({ input, exchange }: TableClient, { pk, expiresAt }: Item): Promise<boolean> {
  const end = Number(expiresAt?.N);
  const id = pk?.S?.slice(partitionKey("").pk.S.length) ?? "";
  if (id === "" || !Number.isSafeInteger(end) || Number.isNaN(new Date(end * 1000).getTime())) return false;
  const command = new UpdateItemCommand({
    ...{ ...input, Key: partitionKey(id) },
    UpdateExpression: "SET expiryBucket = :bucket",
    ConditionExpression: "attribute_not_exists(expiryBucket) AND expiresAt = :end",
    ExpressionAttributeValues: { ":bucket": { S: dayBucket(id, end) }, ":end": { N: String(end) } },
  });
  return conditionHeld(exchange((dynamoDb, options) => dynamoDb.send(command, options)));
}

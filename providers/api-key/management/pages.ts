import { type AttributeValue, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { AnswerTooLong } from "../../../shared/infrastructure/dynamodb/checked-body.ts";
import { CursorError, cursorOf, type Position, positionOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { TableClient } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { type Item, isTombstone as isTombstoneItem, partitionKey, recordOf } from "../item.ts";
import type { KeyPage, KeyQuery, ListedKey, PageOptions } from "./key-table.ts";
import { isTombstone, readTombstone, type Tombstone } from "./tombstone.ts";

/** Keys of a page if nothing is said. */
const DEFAULT_LIMIT = 100;

/** Partition keys of key records. */
const PREFIX = partitionKey("").pk.S;

/** An index of the table, the partition in it, and its sort key. */
interface Partition {
  readonly index: string;
  readonly attribute: string;
  readonly value: string;
  readonly sort: string;
}

/** One page of a query, by an index; or of all keys, by a scan. It has fewer keys than its limit if they are large. */
export async function pageOf(client: TableClient, query: KeyQuery, options: PageOptions = {}): Promise<KeyPage> {
  for (let limit = options.limit ?? DEFAULT_LIMIT; ; limit = Math.floor(limit / 2)) {
    try {
      return await readPage(client, query, { ...options, limit });
    } catch (error) {
      if (!(error instanceof AnswerTooLong) || limit === 1) throw error;
    }
  }
}

async function readPage(client: TableClient, query: KeyQuery, options: PageOptions): Promise<KeyPage> {
  const { input, exchange } = client;
  const { limit: Limit } = options;
  const at = options.cursor === undefined ? undefined : positionOf(options.cursor);
  if ("all" in query) {
    const command = new ScanCommand({
      ...{ ...input, Limit, ConsistentRead: true },
      ...(at && { ExclusiveStartKey: partitionKey(at[0]) }),
    });
    const { Items = [], LastEvaluatedKey: last } = await exchange((dynamoDb, sent) => dynamoDb.send(command, sent));
    const entries = Items.filter(({ pk }) => pk?.S?.startsWith(PREFIX)).map(
      (item) => tombstoneIn(item) ?? listed(item),
    );
    const keys = entries.flatMap((entry) => (isTombstone(entry) ? [] : [entry]));
    return { keys, entries, ...(last && { cursor: cursorOf(idOf(last), undefined) }) };
  }
  const partition = partitionOf(query);
  const command = new QueryCommand({
    ...{ ...input, Limit, IndexName: partition.index },
    // Owners and tenants: the newest first. Ends: the next first.
    ScanIndexForward: "expiryBucket" in query,
    ...conditionOf(query, partition),
    ...(at && { ExclusiveStartKey: startOf(partition, at) }),
  });
  const { Items = [], LastEvaluatedKey: last } = await exchange((dynamoDb, sent) => dynamoDb.send(command, sent));
  return {
    keys: Items.map(listed),
    ...(last && { cursor: cursorOf(idOf(last), Number(last[partition.sort]?.N)) }),
  };
}

function partitionOf(query: Exclude<KeyQuery, { readonly all: true }>): Partition {
  if ("owner" in query) return { index: "by-owner", attribute: "owner", value: query.owner, sort: "createdAt" };
  if ("tenant" in query) return { index: "by-tenant", attribute: "tenant", value: query.tenant, sort: "createdAt" };
  return { index: "by-expiry", attribute: "expiryBucket", value: query.expiryBucket, sort: "expiresAt" };
}

function conditionOf(query: KeyQuery, { attribute, value, sort }: Partition) {
  const isSpan = "expiryBucket" in query;
  return {
    KeyConditionExpression: `#partition = :partition${isSpan ? " AND #sort BETWEEN :from AND :until" : ""}`,
    ExpressionAttributeNames: { "#partition": attribute, ...(isSpan && { "#sort": sort }) },
    ExpressionAttributeValues: {
      ":partition": { S: value },
      ...(isSpan && { ":from": { N: String(query.from) }, ":until": { N: String(query.until) } }),
    } satisfies Record<string, AttributeValue>,
  };
}

/** @throws {CursorError} for the cursor of all keys, which has no sort key */
function startOf({ attribute, value, sort }: Partition, [id, sorted]: Position): Item {
  if (typeof sorted !== "number") throw new CursorError("The cursor is of another list.");
  return { ...partitionKey(id), [attribute]: { S: value }, [sort]: { N: String(sorted) } };
}

const idOf = ({ pk }: Item) => pk?.S?.slice(PREFIX.length) ?? "";

/** What stays of a deleted key. If it is damaged it counts as a damaged key. */
function tombstoneIn(item: Item): Tombstone | undefined {
  if (!isTombstoneItem(item)) return undefined;
  try {
    return readTombstone(idOf(item), item);
  } catch {
    return undefined;
  }
}

function listed(item: Item): ListedKey {
  const id = idOf(item);
  try {
    return recordOf(id, item);
  } catch {
    return { id, status: "damaged" };
  }
}

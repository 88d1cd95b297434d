import { QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { AnswerTooLong } from "../../../shared/infrastructure/dynamodb/checked-body.ts";
import { CursorError, cursorOf, positionOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import type { TableClient } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { type Item, partitionKey, recordOf } from "../item.ts";
import { issuerKey, kindOfKey } from "../record-key.ts";
import type { EntitlementPage, EntitlementQuery, ListedRecord, PageOptions } from "./entitlement-table.ts";

/** Records of a page if nothing is said. */
const DEFAULT_LIMIT = 100;

/** One page of a query, by an index; or of all records, by a scan. It has fewer than its limit if they are large. */
export async function pageOf(
  client: TableClient,
  query: EntitlementQuery,
  options: PageOptions = {},
): Promise<EntitlementPage> {
  for (let limit = options.limit ?? DEFAULT_LIMIT; ; limit = Math.floor(limit / 2)) {
    try {
      return await readPage(client, query, { ...options, limit });
    } catch (error) {
      if (!(error instanceof AnswerTooLong) || limit === 1) throw error;
    }
  }
}

async function readPage(
  { input, exchange }: TableClient,
  query: EntitlementQuery,
  options: PageOptions,
): Promise<EntitlementPage> {
  const { limit: Limit } = options;
  const at = options.cursor === undefined ? undefined : positionOf(options.cursor);
  if ("all" in query) {
    const command = new ScanCommand({
      ...{ ...input, Limit, ConsistentRead: true },
      ...(at && { ExclusiveStartKey: partitionKey(at[0]) }),
    });
    const { Items = [], LastEvaluatedKey: last } = await exchange((dynamoDb, sent) => dynamoDb.send(command, sent));
    return { records: Items.flatMap(listed), ...(last && { cursor: cursorOf(keyOf(last), undefined) }) };
  }
  const { index, attribute, value } = partitionOf(query);
  // The cursor of all records has no sort key.
  if (at && typeof at[1] !== "number") throw new CursorError("The cursor is of another list.");
  const command = new QueryCommand({
    ...{ ...input, Limit, IndexName: index, ScanIndexForward: false },
    KeyConditionExpression: "#partition = :partition",
    ExpressionAttributeNames: { "#partition": attribute },
    ExpressionAttributeValues: { ":partition": { S: value } },
    ...(at && {
      ExclusiveStartKey: { ...partitionKey(at[0]), [attribute]: { S: value }, createdAt: { N: String(at[1]) } },
    }),
  });
  const { Items = [], LastEvaluatedKey: last } = await exchange((dynamoDb, sent) => dynamoDb.send(command, sent));
  return {
    records: Items.flatMap(listed),
    ...(last && { cursor: cursorOf(keyOf(last), Number(last.createdAt?.N)) }),
  };
}

function partitionOf(query: Exclude<EntitlementQuery, { readonly all: true }>) {
  return "tenant" in query
    ? { index: "by-tenant", attribute: "tenant", value: query.tenant }
    : { index: "by-issuer", attribute: "issuerKey", value: issuerKey(query.kind, query.issuer) };
}

const keyOf = ({ pk }: Item): string => pk?.S ?? "";

function listed(item: Item): ListedRecord[] {
  const key = keyOf(item);
  if (!kindOfKey(key)) return [];
  try {
    return [recordOf(key, item)];
  } catch {
    return [{ kind: "damaged", key }];
  }
}

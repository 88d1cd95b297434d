import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import * as v from "valibot";
import { conditionHeld } from "../../../shared/infrastructure/dynamodb/condition.ts";
import { REQUEST_LIMITS, tableClient, UnprovenAnswer } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import type { BegunRequest, RequestTable } from "./request-table.ts";

const text = v.pipe(v.string(), v.minLength(1));
const seconds = v.pipe(v.number(), v.safeInteger());
const begunRequest = v.object({
  fingerprint: text,
  pepper: text,
  keyId: text,
  changeId: text,
  startedAt: seconds,
  ttl: seconds,
  version: v.optional(seconds),
});

/** Partition key of a request, in the table that has other kinds of items too. */
const keyOf = (id: string) => ({ pk: { S: `REQUEST#${id}` } });

/** Requests in a DynamoDB table. */
export function dynamoDbRequestTable(table: string): RequestTable {
  const { input, exchange } = tableClient(table, REQUEST_LIMITS);

  async function read(id: string): Promise<BegunRequest | undefined> {
    const command = new GetItemCommand({ ...input, Key: keyOf(id), ConsistentRead: true });
    const { Item } = await exchange((client, options) => client.send(command, options));
    return Item && requestOf(id, Item);
  }

  return {
    async begin(request, now) {
      const command = new PutItemCommand({
        ...input,
        Item: itemOf(request),
        // The table deletes what has ended days late.
        ConditionExpression: "attribute_not_exists(pk) OR #ttl <= :now",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: { ":now": { N: String(now) } },
      });
      if (await conditionHeld(exchange((client, options) => client.send(command, options)))) return undefined;
      const there = await read(request.id);
      // Deleted in between. The client repeats what was not answered.
      if (!there) throw new UnprovenAnswer();
      // The client of DynamoDB repeats a call whose answer is lost, and finds its own item.
      return there.changeId === request.changeId ? undefined : there;
    },

    takeOver: ({ id, changeId, startedAt: before }, startedAt) => {
      const command = new UpdateItemCommand({
        ...{ ...input, Key: keyOf(id), UpdateExpression: "SET startedAt = :now" },
        ConditionExpression: "changeId = :changeId AND startedAt = :before AND attribute_not_exists(version)",
        ExpressionAttributeValues: {
          ":now": { N: String(startedAt) },
          ":before": { N: String(before) },
          ":changeId": { S: changeId },
        },
      });
      return conditionHeld(exchange((client, options) => client.send(command, options)));
    },

    async finish({ id, changeId }, version) {
      const command = new UpdateItemCommand({
        ...{ ...input, Key: keyOf(id), UpdateExpression: "SET version = :version" },
        ConditionExpression: "changeId = :changeId",
        ExpressionAttributeValues: { ":version": { N: String(version) }, ":changeId": { S: changeId } },
      });
      await conditionHeld(exchange((client, options) => client.send(command, options)));
    },

    async forget({ id, changeId }) {
      const command = new DeleteItemCommand({
        ...{ ...input, Key: keyOf(id), ConditionExpression: "changeId = :changeId AND attribute_not_exists(version)" },
        ExpressionAttributeValues: { ":changeId": { S: changeId } },
      });
      await conditionHeld(exchange((client, options) => client.send(command, options)));
    },
  };
}

function itemOf({ id, ...request }: BegunRequest): Record<string, AttributeValue> {
  const members = Object.entries(request).flatMap(([name, value]): [string, AttributeValue][] => {
    if (value === undefined) return [];
    return [[name, typeof value === "number" ? { N: String(value) } : { S: value }]];
  });
  return { ...keyOf(id), ...Object.fromEntries(members) };
}

/** @throws {UnprovenAnswer} for an item of another id, or one that is damaged */
function requestOf(id: string, { pk, ...item }: Record<string, AttributeValue>): BegunRequest {
  const values = Object.entries(item).map(([name, { S, N }]) => [name, N === undefined ? S : Number(N)]);
  const result = v.safeParse(begunRequest, Object.fromEntries(values));
  if (pk?.S !== keyOf(id).pk.S || !result.success) throw new UnprovenAnswer();
  const { version, ...request } = result.output;
  return { id, ...request, ...(version !== undefined && { version }) };
}

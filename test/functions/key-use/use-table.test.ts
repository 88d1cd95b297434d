import { randomUUID } from "node:crypto";
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useKey, useTable } from "../../../functions/key-use/use-table.ts";
import { createTable, useDynamoDb } from "../../../local/stage/database.ts";
import { dayBuckets } from "../../../shared/infrastructure/dynamodb/day-buckets.ts";
import { activityTableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { NOW } from "../../fixtures.ts";

/** The last use of each key in the table of activity. */

const HOUR = NOW - (NOW % 3600);
const idOf = () => randomUUID().replaceAll("-", "").slice(0, 16);
const at = (hour: number) => ({ first: hour, last: hour });

const name = `activity-${randomUUID()}`;
let database: Awaited<ReturnType<typeof useDynamoDb>>;
let client: DynamoDBClient;
beforeAll(async () => {
  database = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
  await createTable(database.endpoint, activityTableDefinition(name));
  client = new DynamoDBClient({ endpoint: database.endpoint });
});
afterAll(async () => {
  client.destroy();
  await database.close();
});

async function lastUse(keyId: string) {
  const { Item } = await client.send(new GetItemCommand({ TableName: name, Key: useKey(keyId), ConsistentRead: true }));
  return Item && { hour: Number(Item.hour?.N), firstSeen: Number(Item.firstSeen?.N) };
}

test("the first and the last hour of a key are written, with its partition of the day and its end", async () => {
  const keyId = "8J2kQp0vXnYd3RtL";
  await useTable(name).record(keyId, { first: HOUR - 3600, last: HOUR });
  const { Item } = await client.send(new GetItemCommand({ TableName: name, Key: useKey(keyId), ConsistentRead: true }));
  expect(Item).toEqual({
    pk: { S: `USE#${keyId}` },
    hour: { N: String(HOUR) },
    firstSeen: { N: String(HOUR - 3600) },
    useBucket: { S: expect.stringMatching(/^\d{4}-\d\d-\d\d#[0-7]$/) },
    ttl: { N: String(HOUR + 400 * 86_400) },
  });
  expect(dayBuckets(HOUR)).toContain(Item?.useBucket?.S);
});

test("keys are found by the day of their last use, and no longer by a day before", async () => {
  const keys = Array.from({ length: 20 }, idOf);
  const day = HOUR - 40 * 86_400;
  const foundOn = async (time: number) => {
    const found: string[] = [];
    for (const bucket of dayBuckets(time)) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: name,
          IndexName: "by-last-use",
          KeyConditionExpression: "useBucket = :bucket",
          ExpressionAttributeValues: { ":bucket": { S: bucket } },
        }),
      );
      found.push(...Items.map(({ pk }) => pk?.S?.slice(4) ?? ""));
    }
    return found.sort();
  };
  const table = useTable(name);
  for (const keyId of keys) await table.record(keyId, at(day));
  expect(await foundOn(day)).toEqual(keys.toSorted());
  for (const keyId of keys.slice(5)) await table.record(keyId, at(day + 86_400));
  expect(await foundOn(day)).toEqual(keys.slice(0, 5).sort());
  expect(await foundOn(day + 86_400)).toEqual(keys.slice(5).sort());
});

test("the last use never goes back, by whichever instance, in whichever order, however often", async () => {
  const hours = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(hours, fc.boolean()), { minLength: 1, maxLength: 5 }), async (events) => {
      const keyId = idOf();
      let table = useTable(name);
      let latest = 0;
      for (const [ago, isNewInstance] of events) {
        if (isNewInstance) table = useTable(name);
        const used = ago.map((each) => HOUR - each * 3600);
        await table.record(keyId, { first: Math.min(...used), last: Math.max(...used) });
        latest = Math.max(latest, ...used);
        expect((await lastUse(keyId))?.hour).toBe(latest);
      }
    }),
    { numRuns: 25 },
  );
});

test("an item that was damaged by hand is mended by the next use", async () => {
  const keyId = idOf();
  await client.send(new PutItemCommand({ TableName: name, Item: useKey(keyId) }));
  await useTable(name).record(keyId, at(HOUR));
  expect(await lastUse(keyId)).toEqual({ hour: HOUR, firstSeen: HOUR });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FlushTimes, flushTimes } from "../../../functions/cache-flush/flush-times.ts";
import { createTable, type DynamoDb, useDynamoDb } from "../../../local/stage/database.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { HTTP, REST, T } from "./fake-tools.ts";

let database: DynamoDb;
let times: FlushTimes;
beforeAll(async () => {
  database = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
});
afterAll(() => database.close());

/** The times in a table of its own. */
async function fresh(): Promise<void> {
  const table = `activity-${randomUUID()}`;
  await createTable(database.endpoint, tableDefinition(table));
  times = flushTimes(table);
}

test("a stage that was never flushed has no times", async () => {
  await fresh();
  expect(await times.read(REST)).toEqual({ attempted: 0, lastStart: 0 });
});

test("an attempt keeps others out for the interval, and other stages may go on", async () => {
  await fresh();
  expect(await times.claim(REST, T, 1000)).toBe(true);
  expect(await times.claim(REST, T, 1000)).toBe(false);
  expect(await times.claim(REST, T + 999, 1000)).toBe(false);
  expect(await times.claim(HTTP, T, 1000)).toBe(true);
  expect(await times.claim(REST, T + 1000, 1000)).toBe(true);
  expect(await times.read(REST)).toEqual({ attempted: T + 1000, lastStart: 0 });
});

test("of two attempts at once one gets the turn", async () => {
  await fresh();
  const turns = await Promise.all([1, 2, 3, 4].map(() => times.claim(REST, T, 1000)));
  expect(turns.filter((turn) => turn)).toHaveLength(1);
});

test("an earlier flush that ends later does not go back in time", async () => {
  await fresh();
  await times.succeed(REST, T + 1000);
  await times.succeed(REST, T);
  expect(await times.read(REST)).toEqual({ attempted: 0, lastStart: T + 1000 });
});

test("a time far ahead, of a wrong clock, is written over", async () => {
  await fresh();
  await times.claim(REST, T + 9_000_000, 1000);
  await times.succeed(REST, T + 9_000_000);
  expect(await times.claim(REST, T, 1000)).toBe(true);
  await times.succeed(REST, T);
  expect(await times.read(REST)).toEqual({ attempted: T, lastStart: T });
});

import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, test, vi } from "vitest";
import {
  COMMAND_LIMITS,
  type ExchangeLimits,
  REQUEST_LIMITS,
  tableClient,
} from "../../../../shared/infrastructure/dynamodb/exchange.ts";
import { answer, CONSUMED, FAULTS, startFaultyDatabase, startSleepingDatabase } from "./faulty-database.ts";

/** Longer than a test may take: a limit that does not end the exchange. */
const NEVER = 600_000;

async function read(limits: ExchangeLimits, signal?: AbortSignal, table = "table") {
  const { input, exchange } = tableClient(table, limits);
  const command = new GetItemCommand({ ...input, Key: { pk: { S: "a" } } });
  return exchange((client, options) => client.send(command, options), signal);
}

test("a request waits a second and a half for the table, and a command 20 seconds", () => {
  expect(REQUEST_LIMITS.whole).toBe(1500);
  expect(REQUEST_LIMITS.attempt).toBeLessThan(REQUEST_LIMITS.whole);
  expect(COMMAND_LIMITS.whole).toBe(20_000);
});

describe.each(["never answers", "sends headers and then nothing", "drips bytes without an end"])(
  "with a database that %s, an exchange ends",
  (name) => {
    const fault = FAULTS[name] ?? (() => {});

    test("at the limit of the whole, and closes the connection", async () => {
      const database = await startFaultyDatabase(fault);
      await expect(read({ whole: 100, attempt: NEVER })).rejects.toMatchObject({ name: "TimeoutError" });
      await database.idle();
    });

    test("at the limits of its attempts, and closes the connections", async () => {
      const database = await startFaultyDatabase(fault);
      await expect(read({ whole: NEVER, attempt: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
      expect(database.inputs).toHaveLength(2);
      await database.idle();
    });

    test("with the signal of its request", async () => {
      const database = await startFaultyDatabase(fault);
      const request = new AbortController();
      const reading = read({ whole: NEVER, attempt: NEVER }, request.signal);
      await vi.waitUntil(() => database?.inputs.length === 1, { timeout: 10_000 });
      request.abort();
      await expect(reading).rejects.toMatchObject({ name: "TimeoutError" });
      await database.idle();
    });

    test("well, if the second attempt is answered", async () => {
      await startFaultyDatabase(fault, answer(CONSUMED));
      expect(await read({ whole: NEVER, attempt: 500 })).toMatchObject(CONSUMED);
    });
  },
);

test("an exchange with a database that accepts no connection ends at its limits", async () => {
  await startSleepingDatabase();
  await expect(read({ whole: 100, attempt: NEVER })).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(read({ whole: NEVER, attempt: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
});

test.each(Object.keys(FAULTS))("an exchange fails with a database that %s", async (name) => {
  await startFaultyDatabase(FAULTS[name] ?? (() => {}));
  await expect(read({ whole: 2000, attempt: 100 })).rejects.toThrow();
});

test("an answer without an end is not read to its end", async () => {
  const database = await startFaultyDatabase(FAULTS["answers without an end"] ?? (() => {}));
  await expect(read({ whole: NEVER, attempt: NEVER })).rejects.toMatchObject({ name: "AnswerTooLong" });
  await database.idle();
});

test("a request whose time is over sends nothing", async () => {
  const database = await startFaultyDatabase(answer(CONSUMED));
  await expect(read(REQUEST_LIMITS, AbortSignal.abort())).rejects.toThrow();
  expect(database.inputs).toEqual([]);
});

test.each(["answers with another checksum", "answers with an empty body", "ends the body early"])(
  "a damaged answer is asked for again: one that %s",
  async (name) => {
    await startFaultyDatabase(FAULTS[name] ?? (() => {}), answer(CONSUMED));
    expect(await read({ whole: NEVER, attempt: NEVER })).toMatchObject(CONSUMED);
  },
);

test("an answer without a checksum counts if it says what it consumed, by the name or the ARN of the table", async () => {
  const arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/table";
  await startFaultyDatabase(
    answer(CONSUMED, { checksum: false }),
    answer({ ConsumedCapacity: { TableName: arn } }),
    answer(CONSUMED),
  );
  expect(await read({ whole: NEVER, attempt: NEVER })).toMatchObject(CONSUMED);
  for (const _ of ["ARN", "name"]) expect(await read({ whole: NEVER, attempt: NEVER }, undefined, arn)).toBeDefined();
});

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/key-use/create-handler.ts";
import { type UseTable, useTable } from "../../../functions/key-use/use-table.ts";
import { logger, metrics } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { NOW } from "../../fixtures.ts";
import {
  answer,
  CONSUMED,
  FAULTS,
  SHORT,
  startFaultyDatabase,
} from "../../shared/infrastructure/dynamodb/faulty-database.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";
import { lineOf, logEvent } from "./log-event.ts";

/** What the function does with an event, and what it does when the table fails. */

const HOUR = NOW - (NOW % 3600);
const idOf = () => randomUUID().replaceAll("-", "").slice(0, 16);
const context = lambdaContext();
const send = (table: UseTable, ...lines: object[]) => createHandler(table)(logEvent(lines), context);

const error = vi.spyOn(logger, "error").mockImplementation(() => {});
const counted = vi.spyOn(metrics, "addMetric");
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  vi.spyOn(metrics, "publishStoredMetrics").mockImplementation(() => {
    metrics.clearMetrics();
    return metrics;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.clearAllMocks();
});

describe("an instance", () => {
  test("writes a key once in an hour, and never an hour that it has written a later one of", async () => {
    const database = await startFaultyDatabase(answer(CONSUMED));
    const table = useTable("table");
    const keyId = idOf();
    for (const hour of [HOUR - 3600, HOUR - 3600, HOUR, HOUR - 7200, HOUR]) await send(table, lineOf({ keyId, hour }));
    expect(database.inputs).toHaveLength(2);
  });

  test("does not ask again about an hour that the table knew already", async () => {
    const failed = { __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" };
    const database = await startFaultyDatabase(answer(failed, { status: 400 }));
    const table = useTable("table");
    const line = lineOf({ keyId: "A".repeat(16), hour: HOUR });
    await send(table, line);
    const { length } = database.inputs;
    await send(table, line);
    expect(database.inputs).toHaveLength(length);
  });

  test("does not start without the name of its table", () => {
    expect(() => useTable("")).toThrow("SALLYPORT_ACTIVITY_TABLE");
  });
});

describe.each(Object.keys(FAULTS))("with a table that %s", (name) => {
  test("the event fails, so that Lambda repeats it, each time", async () => {
    await startFaultyDatabase(FAULTS[name] ?? (() => {}));
    const table = useTable("table", SHORT);
    const line = lineOf({ keyId: "A".repeat(16), hour: HOUR });
    // The instance does not take the use for written.
    for (const _ of ["first", "repeated"]) {
      await expect(send(table, line)).rejects.toThrow("The last use of 1 of 1 keys was not written.");
    }
  });
});

test("a failure of one key keeps no other from being written, and the repeated event writes only what is missing", async () => {
  const written: string[] = [];
  const bad = "B".repeat(16);
  let isDown = true;
  const table: UseTable = {
    record: async (keyId) => {
      if (keyId === bad && isDown) throw Object.assign(new Error("secret text"), { name: "ThrottlingException" });
      written.push(keyId);
    },
  };
  const lines = ["A", "B", "C"].map((letter) => lineOf({ keyId: letter.repeat(16), hour: HOUR }));
  const event = () => createHandler(table)(logEvent(lines), context);
  await expect(event()).rejects.toThrow("The last use of 1 of 3 keys was not written.");
  expect(written).toEqual(["A".repeat(16), "C".repeat(16)]);
  expect(error).toHaveBeenCalledWith("unwritten", { unwritten: 1, cause: "ThrottlingException" });
  isDown = false;
  await event();
  expect(written).toContain(bad);
});

test("what cannot be read is skipped and counted, and does not fail: it would be no better the next time", async () => {
  const record = vi.fn(async () => {});
  const handler = createHandler({ record });
  await handler({ awslogs: { data: "poison" } }, context);
  await handler(logEvent([lineOf({ keyId: "x", hour: HOUR }), lineOf({ keyId: "A".repeat(16), hour: HOUR })]), context);
  expect(record).toHaveBeenCalledOnce();
  expect(counted).toHaveBeenCalledWith("KeyUsesSkipped", "Count", 1);
  expect(JSON.stringify(error.mock.calls)).not.toContain("poison");
});

test("a thousand keys are written a few at a time", async () => {
  let [active, most] = [0, 0];
  const record = vi.fn(async () => {
    most = Math.max(most, ++active);
    await new Promise((resolve) => setImmediate(resolve));
    active--;
  });
  const lines = Array.from({ length: 1000 }, () => lineOf({ keyId: idOf(), hour: HOUR }));
  await send({ record }, ...lines);
  expect(record).toHaveBeenCalledTimes(1000);
  expect(most).toBe(10);
});

import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test, vi } from "vitest";
import { tableClient } from "../../../../shared/infrastructure/dynamodb/exchange.ts";
import { sentAt } from "../../../../shared/infrastructure/dynamodb/sending-time.ts";
import { answer, CONSUMED, FAULTS, type Fault, LONG, startFaultyDatabase } from "./faulty-database.ts";

/** A clock that stands still but for what the database lets pass. */
function fakeMonotonicClock() {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  return {
    /** The fault, once this much time has passed since its attempt was sent. */
    delayed:
      (milliseconds: number, fault: Fault): Fault =>
      (...given) => {
        now += milliseconds;
        fault(...given);
      },
  };
}

async function read() {
  const { input, exchange } = tableClient("table", LONG);
  const command = new GetItemCommand({ ...input, Key: { pk: { S: "a" } } });
  return exchange((client, options) => client.send(command, options));
}

test("an answer is as old as its attempt, and not as its arrival", async () => {
  const { delayed } = fakeMonotonicClock();
  await startFaultyDatabase(delayed(700, answer(CONSUMED)));
  expect(sentAt(await read())).toMatchObject({ monotonic: 0 });
});

test.each(["fails inside", "answers with another checksum", "resets the connection"])(
  "the answer to a second attempt is not as old as the first one, which %s",
  async (name) => {
    const { delayed } = fakeMonotonicClock();
    const database = await startFaultyDatabase(delayed(700, FAULTS[name] ?? (() => {})), delayed(40, answer(CONSUMED)));
    expect(sentAt(await read())).toMatchObject({ monotonic: 700 });
    expect(database.inputs).toHaveLength(2);
  },
);

test("what is no answer of a table has no time", () => {
  expect(sentAt({ ...CONSUMED })).toBeUndefined();
});

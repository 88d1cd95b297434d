import { describe, expect, test, vi } from "vitest";
import { replayStoreOf } from "../../../providers/saml/replay.ts";
import { dynamoDbUsedOnceStore } from "../../../providers/used-once.ts";
import { NOW } from "../../fixtures.ts";
import {
  answer,
  CONSUMED,
  FAULTS,
  type Fault,
  LONG,
  SHORT,
  startFaultyDatabase,
} from "../../shared/infrastructure/dynamodb/faulty-database.ts";
import { ISSUER } from "./fixture.ts";

const { signal } = new AbortController();
const assertion = { issuer: ISSUER, id: "_1", expiresAt: NOW + 300 };
const TROUBLE = expect.objectContaining({ reason: "replay_store_unavailable" });

/** Writes as DynamoDB does, then answers in the given way. */
function writingTable(...answers: readonly Fault[]) {
  const records = new Map<string, string>();
  let attempts = 0;
  const fault: Fault = (response, input) => {
    const { pk, use } = input.Item as { pk: { S: string }; use: { S: string } };
    const respond = answers[attempts++] ?? answer(CONSUMED);
    const existing = records.get(pk.S);
    if (existing !== undefined && existing !== use.S)
      return answer({ __type: "ConditionalCheckFailedException" }, { status: 400 })(response, input);
    records.set(pk.S, use.S);
    respond(response, input);
  };
  return fault;
}

/** A table that writes and answers, but whose answer comes after the end of the request. */
const tooLateFor =
  (request: AbortController): Fault =>
  (response, input) => {
    request.abort();
    answer(CONSUMED)(response, input);
  };
const damaged = FAULTS["answers with another checksum"] ?? (() => {});

test.each(Object.keys(FAULTS))("a use is neither accepted nor refused with a table that %s", async (name) => {
  await startFaultyDatabase(FAULTS[name] ?? (() => {}));
  const store = replayStoreOf(dynamoDbUsedOnceStore("table", SHORT));
  await expect(store.record(assertion, signal)).rejects.toThrow(TROUBLE);
});

test("a record outlives its assertion by a day, for instances whose clocks are behind", async () => {
  const items: unknown[] = [];
  await startFaultyDatabase((response, input) => {
    items.push(input.Item);
    answer(CONSUMED)(response, input);
  });
  await replayStoreOf(dynamoDbUsedOnceStore("table", LONG)).record(assertion, signal);
  expect(items).toMatchObject([{ ttl: { N: String(assertion.expiresAt + 86_400) } }]);
});

describe("a use that was written, and whose answer was lost,", () => {
  test("is accepted by the client's own retry", async () => {
    const database = await startFaultyDatabase(writingTable(damaged));
    const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
    expect(await store.record(assertion, signal)).toBe(true);
    expect(database.inputs).toHaveLength(2);
    expect(await store.record(assertion, signal)).toBe(false);
  });

  test("is accepted once when the caller sends the assertion again", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    await startFaultyDatabase(writingTable(tooLateFor(first), tooLateFor(second)));
    const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
    await expect(store.record(assertion, first.signal)).rejects.toThrow(TROUBLE);
    await expect(store.record(assertion, second.signal)).rejects.toThrow(TROUBLE);
    expect(await store.record(assertion, signal)).toBe(true);
    expect(await store.record(assertion, signal)).toBe(false);
  });

  test("is accepted by one of several concurrent requests that send it again", async () => {
    const request = new AbortController();
    await startFaultyDatabase(writingTable(tooLateFor(request)));
    const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
    await expect(store.record(assertion, request.signal)).rejects.toThrow(TROUBLE);
    const again = await Promise.all([1, 2, 3].map(() => store.record(assertion, signal)));
    expect(again.sort()).toEqual([false, false, true]);
  });

  test("is refused to another instance, which cannot know whose it is", async () => {
    const request = new AbortController();
    await startFaultyDatabase(writingTable(tooLateFor(request)));
    await expect(replayStoreOf(dynamoDbUsedOnceStore("table", LONG)).record(assertion, request.signal)).rejects.toThrow(
      TROUBLE,
    );
    expect(await replayStoreOf(dynamoDbUsedOnceStore("table", LONG)).record(assertion, signal)).toBe(false);
  });

  test("opens no other assertion", async () => {
    const request = new AbortController();
    await startFaultyDatabase(writingTable(answer(CONSUMED), tooLateFor(request)));
    const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
    const other = { ...assertion, id: "_2" };
    expect(await store.record(other, signal)).toBe(true);
    await expect(store.record(assertion, request.signal)).rejects.toThrow(TROUBLE);
    expect(await store.record(other, signal)).toBe(false);
  });
});

test("undecided uses are remembered up to a thousand, and are forgotten with one more", async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  await startFaultyDatabase(writingTable(tooLateFor(one), answer(CONSUMED), tooLateFor(other)));
  const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
  const undecided = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const unsent = store.record({ ...assertion, id: `_unsent${index}` }, AbortSignal.abort());
      await expect(unsent).rejects.toThrow(TROUBLE);
    }
  };
  await expect(store.record(assertion, one.signal)).rejects.toThrow(TROUBLE);
  await undecided(999);
  expect(await store.record(assertion, signal)).toBe(true);
  const another = { ...assertion, id: "_another" };
  await expect(store.record(another, other.signal)).rejects.toThrow(TROUBLE);
  await undecided(1000);
  expect(await store.record(another, signal)).toBe(false);
});

test("a use whose request ends with its answer is accepted when the assertion is sent again", async () => {
  const request = new AbortController();
  // The last thing that an exchange does with the signal of its request.
  vi.spyOn(request.signal, "removeEventListener").mockImplementation(() => request.abort());
  await startFaultyDatabase(writingTable());
  const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
  await expect(store.record(assertion, request.signal)).rejects.toThrow(TROUBLE);
  expect(await store.record(assertion, signal)).toBe(true);
  expect(await store.record(assertion, signal)).toBe(false);
});

test("a use that is answered after its request has ended is accepted when the assertion is sent again", async () => {
  const request = new AbortController();
  await startFaultyDatabase(writingTable(tooLateFor(request)));
  const store = replayStoreOf(dynamoDbUsedOnceStore("table", LONG));
  await expect(store.record(assertion, request.signal)).rejects.toThrow(TROUBLE);
  expect(await store.record(assertion, signal)).toBe(true);
  expect(await store.record(assertion, signal)).toBe(false);
});

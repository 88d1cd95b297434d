import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Cloud, startCloud } from "../../../local/cloud/cloud.ts";
import { ManualClock } from "../../../local/cloud/manual-clock.ts";
import type { CloudRecord } from "../../../local/cloud/report.ts";
import type { StreamSource, TableResource } from "../../../local/cloud/resources.ts";
import { queueArn } from "../../../local/events/arn.ts";
import { type DynamoDb, startDynamoDb } from "../../../local/stage/database.ts";
import { NO_RESOURCES } from "./no-resources.ts";
import { type Handler, Recorder } from "./recorder.ts";

/** The stream of a table in the embedded database, as a function gets it. */

let database: DynamoDb;
let client: DynamoDBClient;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-stream-"));
  database = await startDynamoDb();
  client = new DynamoDBClient({ endpoint: database.endpoint });
});
afterAll(async () => {
  client.destroy();
  await database.close();
  await rm(folder, { recursive: true });
});

interface Fed {
  readonly table: string;
  readonly functions: Recorder;
  readonly cloud: Cloud;
  readonly clock: ManualClock;
  readonly told: readonly CloudRecord[];
}

/** A table whose stream feeds one function. */
async function feed(handler?: Handler, source: Partial<StreamSource> = {}): Promise<Fed> {
  const table = `table-${randomUUID()}`;
  const resource: TableResource = {
    name: table,
    view: "NEW_AND_OLD_IMAGES",
    definition: {
      TableName: table,
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    },
  };
  await client.send(new CreateTableCommand(resource.definition));
  const functions = new Recorder(handler);
  const clock = new ManualClock();
  const told: CloudRecord[] = [];
  const report = (record: CloudRecord) => told.push(record);
  const cloud = await startCloud({ clock, changes: database.changes, folder, report });
  onTestFinished(cloud.close);
  const streamSources = [{ ...SOURCE, table, ...source }];
  const queues = [{ name: "failures", delay: 0, visibilityTimeout: 30, retention: 3600 }];
  await cloud.feed({ ...NO_RESOURCES, tables: [resource], queues, streamSources }, functions);
  return { table, functions, cloud, clock, told };
}

const SOURCE: Omit<StreamSource, "table"> = {
  ...{ name: "Watcher.Stream", function: "Watcher", batchSize: 100, window: 0, partial: false, filters: [] },
  ...{ maxRetries: Number.POSITIVE_INFINITY, maxAge: Number.POSITIVE_INFINITY, bisect: false },
};

const put = (table: string, pk: string, rest: Record<string, { S: string }> = {}) =>
  client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, ...rest } }));

const recordsOf = (events: readonly DynamoDBStreamEvent[]): DynamoDBRecord[] =>
  events.flatMap(({ Records }) => Records);

const shown = ({ eventName, dynamodb }: DynamoDBRecord) => [eventName, dynamodb?.OldImage, dynamodb?.NewImage];

describe("a record has the images of its change", () => {
  test("for a new, a changed and a deleted item, in their order", async () => {
    const { table, functions } = await feed();
    const [Key, pk] = [{ pk: { S: "a" } }, { S: "a" }];
    await put(table, "a", { colour: { S: "red" } });
    await client.send(
      new UpdateItemCommand({
        ...{ TableName: table, Key, UpdateExpression: "SET colour = :c" },
        ExpressionAttributeValues: { ":c": { B: Buffer.from([1, 2]) } },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName: table, Key }));
    const records = recordsOf(await functions.after(3));
    expect(records.map(shown)).toEqual([
      ["INSERT", undefined, { pk, colour: { S: "red" } }],
      ["MODIFY", { pk, colour: { S: "red" } }, { pk, colour: { B: "AQI=" } }],
      ["REMOVE", { pk, colour: { B: "AQI=" } }, undefined],
    ]);
    expect(records[0]).toMatchObject({
      ...{ eventID: expect.stringMatching(/^[0-9a-f]{32}$/), eventSource: "aws:dynamodb", eventVersion: "1.1" },
      eventSourceARN: expect.stringContaining(`:table/${table}/stream/`),
      dynamodb: { Keys: Key, StreamViewType: "NEW_AND_OLD_IMAGES", SizeBytes: expect.any(Number) },
    });
    const sequence = records.map(({ dynamodb }) => BigInt(dynamodb?.SequenceNumber ?? 0));
    expect(sequence).toEqual(sequence.toSorted((left, right) => (left < right ? -1 : 1)));
    expect(new Set(sequence).size).toBe(3);
  });

  test("for each item of a batch", async () => {
    const { table, functions } = await feed(undefined, { batchSize: 1 });
    await put(table, "old");
    await functions.after(1);
    const RequestItems = {
      [table]: [{ PutRequest: { Item: { pk: { S: "new" } } } }, { DeleteRequest: { Key: { pk: { S: "old" } } } }],
    };
    await client.send(new BatchWriteItemCommand({ RequestItems }));
    const records = recordsOf(await functions.after(3)).slice(1);
    expect(records.map(({ eventName }) => eventName).sort()).toEqual(["INSERT", "REMOVE"]);
  });

  test("none is written for a change of nothing, a refused write, and a table without a stream", async () => {
    const { table, functions } = await feed();
    const item = { TableName: table, Item: { pk: { S: "a" } } };
    await put(table, "a");
    await put(table, "a");
    await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: "none" } } }));
    const refused = client.send(new PutItemCommand({ ...item, ConditionExpression: "attribute_not_exists(pk)" }));
    await expect(refused).rejects.toThrow("conditional request failed");
    await expect(put("no-such-table", "a")).rejects.toThrow("resource not found");
    await put(table, "a", { last: { S: "one" } });
    expect(recordsOf(await functions.after(2)).map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY"]);
  });
});

test("writes to one item that come at once have images that follow each other", async () => {
  const { table, functions } = await feed(undefined, { batchSize: 1 });
  const texts = Array.from({ length: 20 }, (_, index) => String(index));
  await Promise.all(texts.map((S) => put(table, "same", { n: { S } })));
  const images = recordsOf(await functions.after(20)).map(({ dynamodb }) => dynamodb);
  for (const [index, image] of images.slice(1).entries()) expect(image?.OldImage).toEqual(images[index]?.NewImage);
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "same" } } }));
  expect(images.at(-1)?.NewImage).toEqual(Item);
});

/** The function fails for records of these items. */
const failsFor =
  (...names: string[]): Handler =>
  ({ Records }: DynamoDBStreamEvent) => {
    const failed = Records.filter(({ dynamodb }) => names.includes(dynamodb?.Keys?.pk?.S ?? ""));
    return failed.length > 0 ? { error: "poisoned" } : { result: null };
  };

const namesOf = ({ Records }: DynamoDBStreamEvent) => Records.map(({ dynamodb }) => dynamodb?.NewImage?.n?.S);

/** Writes these texts to one item, so that they are in one shard: the first alone, and the others as one batch. */
async function backlog({ table, functions }: Fed, ...texts: string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { handler } = functions;
  functions.handler = async () => {
    functions.handler = handler;
    await promise;
    return { result: null };
  };
  await put(table, "item", { n: { S: "first" } });
  for (const S of texts) await put(table, "item", { n: { S } });
  resolve();
  await functions.after(2);
}

/** Fails for batches with one of these texts; with `partial`, it reports the records. */
const fails =
  (texts: readonly string[], partial = false): Handler =>
  ({ Records }: DynamoDBStreamEvent) => {
    const failed = Records.filter(({ dynamodb }) => texts.includes(dynamodb?.NewImage?.n?.S ?? ""));
    if (failed.length === 0) return { result: null };
    const ids = failed.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber }));
    return partial ? { result: { batchItemFailures: ids } } : { error: "poisoned" };
  };

describe("a batch that fails", () => {
  test("is repeated as it is, with longer and longer pauses, until the function takes it", async () => {
    const fed = await feed(fails(["b"]));
    await backlog(fed, "a", "b", "c");
    const { functions, clock, cloud, told } = fed;
    clock.advance(99);
    expect(functions.events.length).toBe(2);
    clock.advance(1);
    await functions.after(3);
    clock.advance(199);
    expect(functions.events.length).toBe(3);
    functions.handler = fails([]);
    clock.advance(1);
    const events: DynamoDBStreamEvent[] = await functions.after(4);
    expect(events.slice(1).map(namesOf)).toEqual(Array.from({ length: 3 }, () => ["a", "b", "c"]));
    expect(cloud.isBusy).toBe(false);
    const failure = { kind: "failure", function: "Watcher", from: "Watcher.Stream", error: "poisoned" };
    expect(told).toMatchObject([failure, failure]);
  });

  test("is given up after its retries, and the next one follows", async () => {
    const fed = await feed(fails(["b"]), { maxRetries: 1, batchSize: 2 });
    await backlog(fed, "a", "b", "c");
    fed.clock.advance(100);
    const events: DynamoDBStreamEvent[] = await fed.functions.after(4);
    expect(events.slice(1).map(namesOf)).toEqual([["a", "b"], ["a", "b"], ["c"]]);
    expect(fed.told).toContainEqual(
      expect.objectContaining({ kind: "given up", count: 2, from: "Watcher.Stream", reason: "RetryAttemptsExhausted" }),
    );
  });

  test("is given up when its first record is too old", async () => {
    const fed = await feed(fails(["a"]), { maxAge: 60 });
    fed.clock.advance(Date.now() + 120_000 - fed.clock.now());
    await backlog(fed, "a");
    expect(fed.told).toContainEqual(expect.objectContaining({ kind: "given up", reason: "MaximumRecordAgeExceeded" }));
  });

  test("is split in two, until the poisoned record is alone", async () => {
    const fed = await feed(fails(["c"]), { bisect: true, maxRetries: 0 });
    await backlog(fed, "a", "b", "c", "d");
    const events: DynamoDBStreamEvent[] = await fed.functions.after(6);
    expect(events.slice(1).map(namesOf)).toEqual([["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]);
    expect(fed.told).toContainEqual(expect.objectContaining({ kind: "given up", count: 1 }));
    expect(fed.cloud.isBusy).toBe(false);
  });

  test("is repeated from the first record that the function reports", async () => {
    const fed = await feed(fails(["c"], true), { partial: true, maxRetries: 1 });
    await backlog(fed, "a", "b", "c", "d");
    fed.clock.advance(100);
    const events: DynamoDBStreamEvent[] = await fed.functions.after(3);
    expect(events.slice(1).map(namesOf)).toEqual([
      ["a", "b", "c", "d"],
      ["c", "d"],
    ]);
    expect(fed.told[0]).toMatchObject({ kind: "failure", from: "Watcher.Stream", error: "1 of 4 failed" });
  });

  test.each<[string, unknown]>([
    ["a record that is not in the batch", { batchItemFailures: [{ itemIdentifier: "1" }] }],
    ["no record", { batchItemFailures: [{}] }],
    ["no list", { batchItemFailures: "all" }],
  ])("as a whole is one whose report names %s", async (_, result) => {
    const fed = await feed(() => ({ result }), { partial: true, maxRetries: 0 });
    await backlog(fed, "a", "b");
    expect(fed.told).toContainEqual(expect.objectContaining({ kind: "given up", count: 2 }));
  });
});

test("a stream blocks only the records that share a shard with the poisoned one", async () => {
  const poisoned = await feed(failsFor("poisoned"));
  const items = Array.from({ length: 20 }, (_, index) => `item-${index}`);
  await put(poisoned.table, "poisoned");
  await poisoned.functions.after(1);
  for (const item of items) await put(poisoned.table, item);
  await poisoned.functions.after(2);
  expect(poisoned.cloud.isBusy).toBe(true);
  for (let round = 0; poisoned.cloud.isBusy && round < 100; round++) {
    poisoned.functions.handler = () => ({ result: null });
    poisoned.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seen = new Set(recordsOf(await poisoned.functions.after(3)).map(({ dynamodb }) => dynamodb?.Keys?.pk?.S));
  expect(seen).toEqual(new Set(["poisoned", ...items]));
});

test("a filter leaves out what it does not match", async () => {
  const filters = [{ eventName: ["REMOVE"] }, { dynamodb: { NewImage: { pk: { S: [{ prefix: "k" }] } } } }];
  const { table, functions } = await feed(undefined, { filters });
  await put(table, "other");
  await put(table, "key");
  await client.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: "other" } } }));
  const names = recordsOf(await functions.after(2)).map(({ eventName, dynamodb }) => [
    eventName,
    dynamodb?.Keys?.pk?.S,
  ]);
  expect(names.sort()).toEqual([
    ["INSERT", "key"],
    ["REMOVE", "other"],
  ]);
});

describe("what is given up is kept", () => {
  const OF_QUEUE = { onFailure: queueArn("failures"), maxRetries: 0 };

  test("as a message in a queue, without the records", async () => {
    const fed = await feed(fails(["a"]), OF_QUEUE);
    await backlog(fed, "a");
    const [message] = fed.cloud.queue("failures").take(1);
    expect(JSON.parse(message?.body ?? "")).toMatchObject({
      requestContext: {
        condition: "RetryAttemptsExhausted",
        functionArn: expect.stringContaining(":function:Watcher"),
      },
      DDBStreamBatchInfo: { batchSize: 1, streamArn: expect.stringContaining(fed.table) },
    });
    expect(fed.told.at(-1)).toMatchObject({ kind: "given up", kept: "failures" });
  });

  test("as a file with the records in place of a bucket, for this user alone", async () => {
    const fed = await feed(fails(["a"]), { onFailure: "Bucket.Arn", maxRetries: 0 });
    await backlog(fed, "a");
    await expect.poll(() => fed.told.at(-1)).toMatchObject({ kind: "given up", kept: expect.any(String) });
    const { kept = "" } = fed.told.at(-1) as { kept?: string };
    const { payload, ...about } = JSON.parse(await readFile(kept, "utf8"));
    expect(about).toMatchObject({ requestContext: { condition: "RetryAttemptsExhausted" } });
    expect(namesOf(JSON.parse(payload))).toEqual(["a"]);
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
  });
});

describe("a planned fault", () => {
  test("of the database fails a call, or loses its answer, and the record is there if the write is", async () => {
    const { table, functions, cloud } = await feed();
    const once = new DynamoDBClient({ endpoint: database.endpoint, maxAttempts: 1 });
    onTestFinished(() => once.destroy());
    const write = (S: string) => once.send(new PutItemCommand({ TableName: table, Item: { pk: { S } } }));
    cloud.faults.plan("call", "PutItem", { effect: "fail", code: "ThrottlingException", status: 400 });
    await expect(write("throttled")).rejects.toMatchObject({ name: "ThrottlingException" });
    cloud.faults.plan("call", "PutItem", { effect: "lose" });
    await expect(write("written")).rejects.toThrow();
    const records = recordsOf(await functions.after(1));
    expect(records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S)).toEqual(["written"]);
    cloud.faults.plan("call", "GetItem", { effect: "fail" });
    const read = once.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "written" } } }));
    await expect(read).rejects.toMatchObject({ name: "InternalServerError" });
  });

  test("fails the next deliveries, and nothing is lost", async () => {
    const fed = await feed();
    fed.cloud.faults.plan("delivery", "Watcher", { effect: "fail" }, 2);
    await put(fed.table, "a");
    for (let round = 0; fed.functions.events.length === 0 && round < 100; round++) {
      fed.clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(recordsOf(await fed.functions.after(1))).toHaveLength(1);
    expect(fed.cloud.faults.pending).toBe(0);
    expect(fed.told).toHaveLength(2);
  });

  test("loses the answer, so that the record comes again", async () => {
    const fed = await feed();
    fed.cloud.faults.plan("delivery", "*", { effect: "lose" });
    await put(fed.table, "a");
    await fed.functions.after(1);
    fed.clock.advance(100);
    const [first, second] = recordsOf(await fed.functions.after(2));
    expect(second).toEqual(first);
  });

  test("delivers twice", async () => {
    const fed = await feed();
    fed.cloud.faults.plan("delivery", "Watcher", { effect: "twice" });
    await put(fed.table, "a");
    expect(recordsOf(await fed.functions.after(2))).toHaveLength(2);
  });

  test("delivers late, and other items overtake", async () => {
    const fed = await feed();
    fed.cloud.faults.plan("delivery", "Watcher", { effect: "late", by: 5000 });
    await put(fed.table, "late");
    const others = Array.from({ length: 20 }, (_, index) => `item-${index}`);
    for (const name of others) await put(fed.table, name);
    const [overtaken] = recordsOf(await fed.functions.after(1));
    expect(overtaken?.dynamodb?.Keys?.pk?.S).not.toBe("late");
    fed.clock.advance(5000);
    for (let round = 0; fed.cloud.isBusy && round < 100; round++) await new Promise((resolve) => setImmediate(resolve));
    expect(recordsOf(await fed.functions.after(1)).map(({ dynamodb }) => dynamodb?.Keys?.pk?.S)).toContain("late");
  });
});

test("nothing is delivered after the end", async () => {
  const { table, functions, cloud, clock } = await feed(() => ({ error: "not now" }));
  await put(table, "a");
  await functions.after(1);
  await cloud.close();
  expect(clock.waiting).toBe(0);
  await put(table, "b");
  clock.advance(60_000);
  expect(functions.events).toHaveLength(1);
});

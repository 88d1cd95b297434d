import { PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { EventBridgeEvent, SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import type { CloudResources, RuleResource, TargetInput, TargetResource } from "../../../local/cloud/resources.ts";
import { busArn, queueArn } from "../../../local/events/arn.ts";
import { cloudWith, type StartedCloud } from "./started-cloud.ts";

/** Event buses, as the SDK's client and the targets of rules see them. */

const KEYS = { Source: "sallyport", DetailType: "KeyRevoked", EventBusName: "keys" };
const entry = (detail: object, rest: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  ...{ ...KEYS, Detail: JSON.stringify(detail) },
  ...rest,
});
const put = (...Entries: PutEventsRequestEntry[]) => new PutEventsCommand({ Entries });

const QUEUE = { name: "one", delay: 0, visibilityTimeout: 30, retention: 345_600 };
const target = (arn: string, rest: Partial<TargetResource> = {}): TargetResource => ({
  id: "it",
  arn,
  retries: 2,
  ...rest,
});
const rule = (rest: Partial<RuleResource> = {}): RuleResource => ({
  ...{ name: "Rule", bus: "keys", pattern: { source: ["sallyport"] }, targets: [target("Watcher.Arn")] },
  ...rest,
});
const withRules = (...rules: RuleResource[]): Partial<CloudResources> => ({
  ...{ buses: ["keys"], queues: [QUEUE, { ...QUEUE, name: "dead" }], rules, logGroups: { Watcher: "watcher" } },
});

type Event = EventBridgeEvent<string, unknown>;

describe("an event", () => {
  test("reaches the function of each rule that it matches", async () => {
    const other = rule({ name: "Other", pattern: { "detail-type": ["KeyIssued"] } });
    const { events, functions, told, cloud } = await cloudWith(withRules(rule(), other));
    const Time = new Date("2026-02-03T04:05:06Z");
    const { FailedEntryCount, Entries } = await events.send(put(entry({ id: "a" }, { Time, Resources: ["key/a"] })));
    const seen: Event[] = await functions.after(1);
    expect([FailedEntryCount, Entries?.[0]?.EventId]).toEqual([0, seen[0]?.id]);
    expect(seen[0]).toMatchObject({
      ...{ version: "0", "detail-type": "KeyRevoked", source: "sallyport", time: "2026-02-03T04:05:06Z" },
      ...{ region: "eu-west-1", account: "123456789012", resources: ["key/a"], detail: { id: "a" } },
    });
    expect(functions.events).toHaveLength(1);
    expect(told).toMatchObject([{ kind: "event", bus: "keys", detailType: "KeyRevoked", rules: ["Rule"] }]);
    expect(cloud.isBusy).toBe(false);
  });

  test("reaches a queue, whole or in part", async () => {
    const queues = (input?: TargetInput) => rule({ targets: [target(queueArn("one"), input && { input })] });
    const template = '{"key": "<id>", "text": "key <id> of <tenant>", "detail": <detail>, "n": <n>}';
    const paths = { id: "$.detail.id", tenant: "$.detail.tenant", detail: "$.detail", n: "$.detail.n" };
    const { events, cloud } = await cloudWith(
      withRules(queues(), queues({ path: "$.detail.id" }), queues({ text: '"fixed"' }), queues({ paths, template })),
    );
    await events.send(put(entry({ id: 'a"', n: 7 })));
    const bodies = cloud
      .queue("one")
      .take(10)
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([
      expect.objectContaining({ "detail-type": "KeyRevoked" }),
      ...['a"', "fixed"],
      { key: 'a"', text: 'key a" of ', detail: { id: 'a"', n: 7 }, n: 7 },
    ]);
  });

  test("of another bus, and on the default bus, is not seen by the rule", async () => {
    const { events, functions, told } = await cloudWith(withRules(rule()));
    await events.send(
      put(entry({}, { EventBusName: undefined }), entry({ id: "b" }, { EventBusName: busArn("keys") })),
    );
    await functions.after(1);
    expect(functions.events).toHaveLength(1);
    expect(told).toMatchObject([{ bus: "default", rules: [] }, { bus: "keys" }]);
  });

  test("goes to a function that fails twice more, and is then given up", async () => {
    const { events, functions, told, clock } = await cloudWith(withRules(rule()), () => ({ error: "no" }));
    await events.send(put(entry({})));
    await functions.after(1);
    clock.advance(1000);
    await functions.after(2);
    clock.advance(2000);
    await functions.after(3);
    clock.advance(60_000);
    expect(functions.events).toHaveLength(3);
    expect(told.at(-1)).toMatchObject({ kind: "given up", from: "Rule", count: 1 });
  });

  test("that a queue does not take goes to the dead-letter queue of the target", async () => {
    const targets = [target(queueArn("one"), { deadLetters: queueArn("dead") })];
    const { events, cloud, clock } = await cloudWith(withRules(rule({ targets })));
    cloud.faults.plan("delivery", "one", { effect: "fail" }, 3);
    await events.send(put(entry({})));
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(10_000);
    }
    expect([cloud.queue("one").counts.visible, cloud.queue("dead").counts.visible]).toEqual([0, 1]);
  });
});

test("an entry that is wrong fails alone", async () => {
  const { events, functions } = await cloudWith(withRules(rule()));
  const { FailedEntryCount, Entries } = await events.send(
    put(
      entry({ id: "good" }),
      entry({}, { Source: undefined }),
      entry({}, { DetailType: "" }),
      entry({}, { Detail: "text" }),
      entry({}, { Detail: "[]" }),
      entry({}, { Source: "aws.ec2" }),
      entry({}, { EventBusName: "none" }),
    ),
  );
  await functions.after(1);
  expect(FailedEntryCount).toBe(6);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    ...["InvalidArgument", "InvalidArgument", "MalformedDetail", "MalformedDetail", "NotAuthorizedForSourceException"],
    "InvalidArgument",
  ]);
});

test.each<[string, PutEventsRequestEntry[]]>([
  ["no entries", []],
  ["eleven entries", Array.from({ length: 11 }, () => entry({}))],
  ["more than 256 KB", [entry({ text: "a".repeat(200_000) }), entry({ text: "a".repeat(62_145) })]],
])("a request with %s is refused", async (_, entries) => {
  const { events, functions } = await cloudWith(withRules(rule()));
  await expect(events.send(put(...entries))).rejects.toMatchObject({ name: "ValidationException" });
  expect(functions.events).toEqual([]);
});

test("a call meets the faults that are planned", async () => {
  const { events, cloud, told } = await cloudWith(withRules(rule({ targets: [target(queueArn("one"))] })));
  cloud.faults.plan("call", "PutEvents", { effect: "fail" });
  await expect(events.send(put(entry({})))).rejects.toMatchObject({ name: "InternalFailure" });
  expect(told).toEqual([]);
  cloud.faults.plan("call", "PutEvents", { effect: "lose" });
  await expect(events.send(put(entry({})))).rejects.toThrow();
  expect(told).toHaveLength(1);
  expect(cloud.queue("one").counts.visible).toBe(1);
});

describe("an entry meets the faults that are planned", () => {
  const start = () => cloudWith(withRules(rule({ targets: [target(queueArn("one"))] })));
  const idsIn = async ({ cloud }: StartedCloud) =>
    cloud
      .queue("one")
      .take(10)
      .map(({ body }) => JSON.parse(body).detail.id);

  test("it fails alone, and the others are done", async () => {
    const started = await start();
    started.cloud.faults.plan("entry", "KeyRevoked", { effect: "fail", code: "ThrottlingException" });
    const { FailedEntryCount, Entries } = await started.events.send(put(entry({ id: "a" }), entry({ id: "b" })));
    expect([FailedEntryCount, Entries?.[0]?.ErrorCode]).toEqual([1, "ThrottlingException"]);
    expect(await idsIn(started)).toEqual(["b"]);
  });

  test("it is said to have failed, and was done", async () => {
    const started = await start();
    started.cloud.faults.plan("entry", "*", { effect: "lose" });
    expect((await started.events.send(put(entry({ id: "a" })))).FailedEntryCount).toBe(1);
    expect(await idsIn(started)).toEqual(["a"]);
  });

  test("it comes twice, or late", async () => {
    const started = await start();
    started.cloud.faults.plan("entry", "KeyRevoked", { effect: "late", by: 5000 });
    started.cloud.faults.plan("entry", "KeyRevoked", { effect: "twice" });
    await started.events.send(put(entry({ id: "late" }), entry({ id: "twice" })));
    expect(await idsIn(started)).toEqual(["twice", "twice"]);
    started.clock.advance(5000);
    expect(await idsIn(started)).toEqual(["late"]);
  });
});

test("an input that is no JSON is given up, and nothing else ends", async () => {
  const input = { paths: { id: "$.detail.id" }, template: "key <id>" };
  const { events, told, functions } = await cloudWith(withRules(rule({ targets: [target("Watcher.Arn", { input })] })));
  await events.send(put(entry({ id: "a" })));
  expect(functions.events).toEqual([]);
  expect(told.at(-1)).toMatchObject({ kind: "given up", reason: "the input for Watcher is no JSON" });
});

describe("a rule is refused at the start", () => {
  test.each<[string, Partial<RuleResource>, string]>([
    ["for a bus", { bus: "other" }, "Rule: there is no event bus other."],
    ["for a function", { targets: [target("Other.Arn")] }, "Rule: there is no target Other.Arn."],
    ["for a queue", { targets: [target(queueArn("other"))] }, "there is no target arn:aws:sqs"],
  ])("%s that the template does not have", async (_, rest, message) => {
    await expect(cloudWith(withRules(rule(rest)))).rejects.toThrow(message);
  });
});

test("a function on a queue gets what a rule sends there", async () => {
  const { events, functions, clock } = await cloudWith({
    ...withRules(rule({ targets: [target(queueArn("one"))] })),
    queueSources: [
      { name: "Watcher.Q", function: "Watcher", queue: "one", batchSize: 10, window: 0, partial: true, filters: [] },
    ],
  });
  await events.send(put(entry({ id: "a" })));
  clock.advance(0);
  const [{ Records: [record] = [] }] = (await functions.after(1)) as SQSEvent[] as [SQSEvent];
  expect(JSON.parse(record?.body ?? "")).toMatchObject({ detail: { id: "a" } });
});

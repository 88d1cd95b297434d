import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import type { QueueResource, QueueSource } from "../../../local/cloud/resources.ts";
import { queueArn } from "../../../local/events/arn.ts";
import { cloudWith } from "./started-cloud.ts";

/** Queues, as the SDK's client and the functions of a template see them. */

const queue = (name: string, rest: Partial<QueueResource> = {}): QueueResource => ({
  ...{ name, delay: 0, visibilityTimeout: 30, retention: 345_600 },
  ...rest,
});
const DEAD = queue("dead");
const redrive = { queue: queueArn("dead"), maxReceiveCount: 2 };

const urlOf = async (sqs: SQSClient, QueueName: string) =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";

async function receive(sqs: SQSClient, QueueUrl: string, rest: object = {}) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All"], ...rest }),
  );
  return Messages;
}

describe("the SDK's client", () => {
  test("sends, receives and deletes a message with its attributes", async () => {
    const { sqs, clock } = await cloudWith({ queues: [queue("one")] });
    const QueueUrl = await urlOf(sqs, "one");
    const MessageAttributes = { kind: { DataType: "String", StringValue: "flush" } };
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello ü", MessageAttributes }));
    const [message, ...others] = await receive(sqs, QueueUrl, { MessageAttributeNames: ["All"] });
    expect(others).toEqual([]);
    expect(message).toMatchObject({ MessageId: sent.MessageId, Body: "hello ü", MessageAttributes });
    expect(message?.Attributes).toMatchObject({
      ...{ ApproximateReceiveCount: "1", SentTimestamp: String(clock.now()) },
    });
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
    clock.advance(60_000);
    expect(await receive(sqs, QueueUrl)).toEqual([]);
  });

  test("gets no attributes that it does not ask for", async () => {
    const { sqs } = await cloudWith({ queues: [queue("one")] });
    const QueueUrl = await urlOf(sqs, "one");
    const MessageAttributes = { kind: { DataType: "String", StringValue: "flush" } };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a", MessageAttributes }));
    const [message] = await receive(sqs, QueueUrl, { MessageSystemAttributeNames: ["SenderId"] });
    expect([message?.Attributes, message?.MessageAttributes]).toEqual([{ SenderId: "123456789012" }, undefined]);
  });

  test("does not see a message before its delay, and not during its visibility time-out", async () => {
    const { sqs, clock } = await cloudWith({ queues: [queue("one", { delay: 5 })] });
    const QueueUrl = await urlOf(sqs, "one");
    const Entries = [
      { Id: "a", MessageBody: "later" },
      { Id: "b", MessageBody: "at once", DelaySeconds: 0 },
    ];
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect((await receive(sqs, QueueUrl)).map(({ Body }) => Body)).toEqual(["at once"]);
    clock.advance(4999);
    expect(await receive(sqs, QueueUrl)).toEqual([]);
    clock.advance(1);
    expect((await receive(sqs, QueueUrl)).map(({ Body }) => Body)).toEqual(["later"]);
    clock.advance(25_000);
    expect((await receive(sqs, QueueUrl)).map(({ Body }) => Body)).toEqual(["at once"]);
  });

  test("changes the visibility, and an old receipt is good for nothing", async () => {
    const { sqs, clock } = await cloudWith({ queues: [queue("one")] });
    const QueueUrl = await urlOf(sqs, "one");
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    const [first] = await receive(sqs, QueueUrl);
    const ReceiptHandle = first?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }));
    clock.advance(1000);
    const [second] = await receive(sqs, QueueUrl);
    expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", ReceiptHandle }] }));
    const old = sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    await expect(old).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
    clock.advance(30_000);
    expect(await receive(sqs, QueueUrl)).toHaveLength(1);
  });

  test("waits for a message that comes", async () => {
    const { sqs, clock, cloud } = await cloudWith({ queues: [queue("one")] });
    const QueueUrl = await urlOf(sqs, "one");
    const waiting = receive(sqs, QueueUrl, { WaitTimeSeconds: 20 });
    while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    cloud.queue("one").send("a");
    clock.advance(0);
    expect((await waiting).map(({ Body }) => Body)).toEqual(["a"]);
  });

  test("finds what is received too often in the dead-letter queue", async () => {
    const { sqs, clock, told } = await cloudWith({ queues: [queue("one", { redrive }), DEAD] });
    const QueueUrl = await urlOf(sqs, "one");
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    for (const expected of [1, 1, 0]) {
      expect(await receive(sqs, QueueUrl)).toHaveLength(expected);
      clock.advance(30_000);
    }
    expect((await receive(sqs, await urlOf(sqs, "dead"))).map(({ Body }) => Body)).toEqual(["poison"]);
    expect(told).toMatchObject([{ kind: "given up", from: "one", kept: "dead" }]);
  });

  test("sends to a queue of dead letters, which is told with the reason of the message, as a function gives it", async () => {
    const { sqs, told } = await cloudWith({ queues: [queue("one", { redrive }), DEAD, queue("other")] });
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    const MessageAttributes = { reason: text("command_invalid"), mistakes: text("detail.owner: text") };
    for (const name of ["dead", "one", "other"]) {
      await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(sqs, name), MessageBody: "a", MessageAttributes }));
    }
    expect(told).toMatchObject([
      { kind: "given up", from: "one", count: 1, reason: "command_invalid, detail.owner: text", kept: "dead" },
    ]);
  });

  test("is told how many messages there are", async () => {
    const { sqs, cloud } = await cloudWith({ queues: [queue("one")] });
    for (const delay of [0, 0, 60]) cloud.queue("one").send("a", {}, delay);
    cloud.queue("one").take(1);
    const command = new GetQueueAttributesCommand({ QueueUrl: await urlOf(sqs, "one"), AttributeNames: ["All"] });
    expect((await sqs.send(command)).Attributes).toMatchObject({
      QueueArn: queueArn("one"),
      ...{ ApproximateNumberOfMessages: "1", ApproximateNumberOfMessagesDelayed: "1" },
      ApproximateNumberOfMessagesNotVisible: "1",
    });
  });

  test.each<[string, (QueueUrl: string) => SendMessageBatchCommand | SendMessageCommand, string]>([
    ["no such queue", () => new SendMessageCommand({ QueueUrl: "none", MessageBody: "a" }), "QueueDoesNotExist"],
    [
      "a delay that is too long",
      (QueueUrl) => new SendMessageCommand({ QueueUrl, MessageBody: "a", DelaySeconds: 901 }),
      "InvalidParameterValue",
    ],
    [
      "a message that is too long",
      (QueueUrl) => new SendMessageCommand({ QueueUrl, MessageBody: "a".repeat(1024 * 1024 + 1) }),
      "InvalidParameterValue",
    ],
    ["a batch of none", (QueueUrl) => new SendMessageBatchCommand({ QueueUrl, Entries: [] }), "EmptyBatchRequest"],
    [
      "a batch of eleven",
      (QueueUrl) =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: "a" })),
        }),
      "TooManyEntriesInBatchRequest",
    ],
    [
      "two entries with one id",
      (QueueUrl) =>
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: ["a", "b"].map((MessageBody) => ({ Id: "same", MessageBody })),
        }),
      "BatchEntryIdsNotDistinct",
    ],
  ])("is refused: %s", async (_, command, name) => {
    const { sqs } = await cloudWith({ queues: [queue("one")] });
    const sent = sqs.send(command(await urlOf(sqs, "one")) as SendMessageCommand);
    await expect(sent).rejects.toMatchObject({ name });
  });

  test("meets the faults that are planned", async () => {
    const { sqs, cloud } = await cloudWith({ queues: [queue("one")] });
    const QueueUrl = await urlOf(sqs, "one");
    const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a" }));
    cloud.faults.plan("call", "SendMessage", { effect: "fail", code: "RequestThrottled", status: 400 });
    await expect(send()).rejects.toMatchObject({ name: "RequestThrottled" });
    expect(cloud.queue("one").counts.visible).toBe(0);
    cloud.faults.plan("call", "SendMessage", { effect: "lose" });
    await expect(send()).rejects.toThrow();
    expect(cloud.queue("one").counts.visible).toBe(1);
    cloud.faults.plan("call", "SendMessage", { effect: "twice" });
    await send();
    expect(cloud.queue("one").counts.visible).toBe(3);
  });
});

test("an entry of a batch meets the faults that are planned, alone", async () => {
  const { sqs, cloud } = await cloudWith({ queues: [queue("one")] });
  cloud.faults.plan("entry", "one", { effect: "fail", code: "InternalError" });
  cloud.faults.plan("entry", "one", { effect: "late", by: 1500 });
  const Entries = ["fails", "late", "done"].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
  const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: await urlOf(sqs, "one"), Entries }));
  expect(sent.Failed).toMatchObject([{ Id: "fails", Code: "InternalError", SenderFault: false }]);
  expect(sent.Successful?.map(({ Id }) => Id)).toEqual(["late", "done"]);
  expect(cloud.queue("one").counts).toEqual({ visible: 1, delayed: 1, hidden: 0 });
});

describe("a function", () => {
  const source = (rest: Partial<QueueSource> = {}): QueueSource => ({
    ...{ name: "Flush.Queue", function: "Flush", queue: "one", batchSize: 10, window: 0, partial: false, filters: [] },
    ...rest,
  });
  const fed = (rest: Partial<QueueSource>, handler?: Parameters<typeof cloudWith>[1]) =>
    cloudWith(
      { queues: [queue("one", { redrive }), DEAD], queueSources: [source(rest)], logGroups: { Flush: "flush" } },
      handler,
    );

  test("gets messages in batches, and what it takes is deleted", async () => {
    const { sqs, clock, functions, cloud } = await fed({ batchSize: 2 });
    const Entries = ["a", "b", "c"].map((MessageBody) => ({ Id: MessageBody, MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: await urlOf(sqs, "one"), Entries }));
    clock.advance(0);
    const events: SQSEvent[] = await functions.after(2);
    expect(events.map(({ Records }) => Records.map(({ body }) => body))).toEqual([["a", "b"], ["c"]]);
    expect(events[0]?.Records[0]).toMatchObject({
      ...{ eventSource: "aws:sqs", eventSourceARN: queueArn("one"), messageId: expect.any(String) },
      attributes: { ApproximateReceiveCount: "1" },
    });
    clock.advance(120_000);
    expect(functions.events).toHaveLength(2);
    expect(cloud.queue("one").counts).toEqual({ visible: 0, delayed: 0, hidden: 0 });
  });

  test("gets a delayed message after its delay, and a batch after its window", async () => {
    const { clock, functions, cloud } = await fed({ window: 3 });
    cloud.queue("one").send("later", {}, 2);
    clock.advance(4999);
    expect(functions.events).toEqual([]);
    cloud.queue("one").send("in the same batch");
    clock.advance(1);
    const events: SQSEvent[] = await functions.after(1);
    expect(events[0]?.Records.map(({ body }) => body)).toEqual(["later", "in the same batch"]);
  });

  test("gets all messages again after an error, when they are visible again, and in the end nobody does", async () => {
    const { clock, functions, cloud } = await fed({}, () => ({ error: "no" }));
    for (const body of ["a", "b"]) cloud.queue("one").send(body);
    clock.advance(0);
    await functions.after(1);
    clock.advance(29_999);
    expect(functions.events).toHaveLength(1);
    clock.advance(1);
    const events: SQSEvent[] = await functions.after(2);
    expect(events[1]?.Records.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])).toEqual([
      ["a", "2"],
      ["b", "2"],
    ]);
    clock.advance(30_000);
    expect(cloud.queue("dead").counts.visible).toBe(2);
    expect(functions.events).toHaveLength(2);
  });

  test("gets only the messages again that it reports", async () => {
    const { clock, functions, cloud } = await fed({ partial: true }, ({ Records }: SQSEvent) => ({
      result: {
        batchItemFailures: Records.filter(({ body }) => body === "b").map(({ messageId: itemIdentifier }) => ({
          itemIdentifier,
        })),
      },
    }));
    for (const body of ["a", "b", "c"]) cloud.queue("one").send(body);
    clock.advance(0);
    await functions.after(1);
    clock.advance(30_000);
    const events: SQSEvent[] = await functions.after(2);
    expect(events[1]?.Records.map(({ body }) => body)).toEqual(["b"]);
  });

  test("gets only what a filter matches, and the rest is deleted", async () => {
    const { clock, functions, cloud } = await fed({ filters: [{ body: { kind: ["flush"] } }] });
    for (const body of ['{"kind":"other"}', '{"kind":"flush"}', "text"]) cloud.queue("one").send(body);
    clock.advance(0);
    const events: SQSEvent[] = await functions.after(1);
    expect(events[0]?.Records.map(({ body }) => body)).toEqual(['{"kind":"flush"}']);
    expect(cloud.queue("one").counts).toEqual({ visible: 0, delayed: 0, hidden: 0 });
  });

  test("puts a message off with its receipt", async () => {
    const { sqs, clock, functions, cloud } = await fed({ partial: true });
    const QueueUrl = await urlOf(sqs, "one");
    functions.handler = async ({ Records: [record] }: SQSEvent) => {
      const ReceiptHandle = record?.receiptHandle;
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 2 }));
      functions.handler = () => ({ result: null });
      return { result: { batchItemFailures: [{ itemIdentifier: record?.messageId }] } };
    };
    cloud.queue("one").send("a");
    clock.advance(0);
    await functions.after(1);
    clock.advance(2000);
    await functions.after(2);
    expect(cloud.queue("one").counts.hidden).toBe(0);
  });
});

import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStack, type Stack } from "../../../local/gateway/template/read.ts";

/** How templates say what stands around their functions. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-template-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Reads a template with an API, a function, a table, a queue, and these resources. */
async function read(resources: object, events: object = {}, stackName?: string): Promise<Stack> {
  const template = {
    Resources: {
      Api: { Type: "AWS::Serverless::HttpApi" },
      Worker: { Type: "AWS::Serverless::Function", Properties: { Events: events } },
      Table: {
        Type: "AWS::DynamoDB::Table",
        Properties: {
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
          StreamSpecification: { StreamViewType: "KEYS_ONLY" },
          DeletionProtectionEnabled: true,
        },
      },
      Queue: { Type: "AWS::SQS::Queue", Properties: {} },
      ...resources,
    },
  };
  const file = join(folder, `${randomUUID()}.json`);
  await writeFile(file, JSON.stringify(template));
  return readStack(file, {}, stackName);
}

const att = (name: string) => ({ "Fn::GetAtt": name });
const sub = (name: string, rest: string) => ({ "Fn::Sub": `\${${name}}${rest}` });
const worker = { function: "Worker" };

test("a table has the stack's name and its own keys, indexes and stream, and nothing that protects it", async () => {
  const { cloud } = await read({}, {}, "mine");
  expect(cloud.tables).toEqual([
    {
      name: "mine-Table",
      view: "KEYS_ONLY",
      definition: {
        TableName: "mine-Table",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
      },
    },
  ]);
});

test("names of the template's own are kept, and references, ARNs and texts with them agree", async () => {
  const Variables = {
    TABLE: { Ref: "Named" },
    INDEX: sub("Named.Arn", "/index/by-owner"),
    URL: { Ref: "Queue" },
    NAME: att("Queue.QueueName"),
    BUS: att("Bus.Arn"),
  };
  const { functions } = await read({
    Named: { Type: "AWS::DynamoDB::Table", Properties: { TableName: sub("AWS::StackName", ".keys") } },
    Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "bus" } },
    Other: { Type: "AWS::Serverless::Function", Properties: { Environment: { Variables } } },
  });
  expect(functions.Other?.environment).toEqual({
    TABLE: "local.keys",
    INDEX: "arn:aws:dynamodb:eu-west-1:123456789012:table/local.keys/index/by-owner",
    URL: "http://sqs.invalid/123456789012/local-Queue",
    NAME: "local-Queue",
    BUS: "arn:aws:events:eu-west-1:123456789012:event-bus/bus",
  });
});

test("a stream and a queue feed a function by its events, with the limits of AWS", async () => {
  const options = {
    ...{ BatchSize: 7, MaximumBatchingWindowInSeconds: 2, FunctionResponseTypes: ["ReportBatchItemFailures"] },
    ...{ MaximumRetryAttempts: 0, MaximumRecordAgeInSeconds: 60, BisectBatchOnFunctionError: true },
    FilterCriteria: { Filters: [{ Pattern: '{"eventName":["REMOVE"]}' }] },
    DestinationConfig: { OnFailure: { Destination: att("Queue.Arn") } },
  };
  const { cloud } = await read(
    {},
    {
      Plain: { Type: "DynamoDB", Properties: { Stream: att("Table.StreamArn") } },
      Full: { Type: "DynamoDB", Properties: { Stream: att("Table.StreamArn"), ...options } },
      Queue: { Type: "SQS", Properties: { Queue: att("Queue.Arn") } },
      Off: { Type: "SQS", Properties: { Queue: att("Queue.Arn"), Enabled: false } },
    },
  );
  const endless = Number.POSITIVE_INFINITY;
  expect(cloud.streamSources).toEqual([
    {
      ...{ ...worker, name: "Worker.Plain", table: "local-Table", batchSize: 100, window: 0, partial: false },
      ...{ filters: [], maxRetries: endless, maxAge: endless, bisect: false },
    },
    {
      ...{ ...worker, name: "Worker.Full", table: "local-Table", batchSize: 7, window: 2, partial: true },
      ...{ filters: [{ eventName: ["REMOVE"] }], maxRetries: 0, maxAge: 60, bisect: true },
      onFailure: "arn:aws:sqs:eu-west-1:123456789012:local-Queue",
    },
  ]);
  expect(cloud.queueSources).toEqual([
    {
      ...{ ...worker, name: "Worker.Queue", queue: "local-Queue", batchSize: 10, window: 0, partial: false },
      filters: [],
    },
  ]);
});

test("resources of their own feed a function as its events do", async () => {
  const { cloud, unsupported } = await read({
    Stream: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { FunctionName: { Ref: "Worker" }, EventSourceArn: att("Table.StreamArn") },
    },
    Messages: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: { FunctionName: att("Worker.Arn"), EventSourceArn: att("Queue.Arn") },
    },
    Lines: {
      Type: "AWS::Logs::SubscriptionFilter",
      Properties: { LogGroupName: "lines", DestinationArn: att("Worker.Arn"), FilterPattern: '"a"' },
    },
    Daily: {
      Type: "AWS::Scheduler::Schedule",
      Properties: { ScheduleExpression: "rate(1 day)", Target: { Arn: att("Worker.Arn"), Input: "{}" } },
    },
    Paused: { Type: "AWS::Scheduler::Schedule", Properties: { State: "DISABLED", Target: { Arn: att("Worker.Arn") } } },
  });
  expect(cloud.streamSources).toMatchObject([{ ...worker, name: "Stream", table: "local-Table" }]);
  expect(cloud.queueSources).toMatchObject([{ ...worker, name: "Messages", queue: "local-Queue" }]);
  expect(cloud.subscriptions).toEqual([{ ...worker, name: "Lines", logGroup: "lines", pattern: '"a"' }]);
  expect(cloud.schedules).toEqual([{ ...worker, name: "Daily", expression: "rate(1 day)", input: "{}" }]);
  expect(unsupported).toEqual([]);
});

describe("is refused", () => {
  const rule = (properties: object) => ({ Rule: { Type: "AWS::Events::Rule", Properties: properties } });
  const onQueue = (properties: object) => ({
    Wrong: { Type: "SQS", Properties: { Queue: att("Queue.Arn"), ...properties } },
  });

  test.each<[string, object, object, string]>([
    ["a FIFO queue", { Fifo: { Type: "AWS::SQS::Queue", Properties: { FifoQueue: true } } }, {}, "Fifo: FIFO queues"],
    [
      "a dead-letter queue that is elsewhere",
      { Q: { Type: "AWS::SQS::Queue", Properties: { RedrivePolicy: { deadLetterTargetArn: "arn:aws:sqs:x:1:q" } } } },
      {},
      "there is no queue arn:aws:sqs:x:1:q",
    ],
    [
      "a stream of a table that is elsewhere",
      {},
      { Wrong: { Type: "DynamoDB", Properties: { Stream: "arn:aws:dynamodb:x:1:table/other/stream/1" } } },
      "Worker.Wrong: there is no table other with a stream",
    ],
    [
      "a rule for a bus that is elsewhere",
      rule({ EventBusName: "other", EventPattern: { source: ["a"] } }),
      {},
      "no event bus other",
    ],
    ["an unknown operator of a rule", rule({ EventPattern: { source: [{ like: "a" }] } }), {}, "Rule.source"],
    [
      "an input that is no JSON",
      rule({ EventPattern: { source: ["a"] }, Targets: [{ Id: "it", Arn: att("Worker.Arn"), Input: "text" }] }),
      {},
      "it: text is not JSON",
    ],
    [
      "a filter that is no JSON",
      {},
      onQueue({ FilterCriteria: { Filters: [{ Pattern: "{" }] } }),
      "Worker.Wrong.FilterCriteria: { is not JSON",
    ],
    [
      "an unknown operator of a filter",
      {},
      onQueue({ FilterCriteria: { Filters: [{ Pattern: '{"body":[{"like":"a"}]}' }] } }),
      "Worker.Wrong.FilterCriteria.body",
    ],
  ])("%s", async (_, resources, events, message) => {
    await expect(read(resources, events)).rejects.toThrow(message);
  });
});

test("other sources of events and targets are named, and left out", async () => {
  const Targets = [
    { Id: "mail", Arn: "arn:aws:sns:eu-west-1:123456789012:mail" },
    { Id: "queue", Arn: att("Queue.Arn") },
  ];
  const { cloud, unsupported } = await read(
    { Rule: { Type: "AWS::Events::Rule", Properties: { EventPattern: { source: ["a"] }, Targets } } },
    { Topic: { Type: "SNS", Properties: {} } },
  );
  expect(cloud.rules.map(({ targets }) => targets.map(({ id }) => id))).toEqual([["queue"]]);
  expect(unsupported).toEqual([
    "Worker.Topic: the event source SNS",
    "Rule.mail: a target that is no function, queue or log group",
  ]);
});

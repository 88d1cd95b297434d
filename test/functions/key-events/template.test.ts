import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { readStages } from "../../../functions/cache-flush/stages.ts";
import { matches } from "../../../local/cloud/bus/event-pattern.ts";
import { inputFor } from "../../../local/cloud/bus/target-input.ts";
import { Resolver } from "../../../local/gateway/template/intrinsics.ts";
import { EVENTS } from "../../../shared/domain/events/events.ts";
import { propertiesOf, template } from "../../template.ts";

/** template.yaml around the events and the flushes. */

type Parameters = Readonly<Record<string, string>>;
const resolved = (name: string, parameters: Parameters = {}) =>
  new Resolver(template, parameters).resolve(propertiesOf(name)) as Record<string, unknown>;
const isThere = (name: string, parameters: Parameters = {}) => {
  const { Condition } = template.Resources[name] ?? {};
  return Condition === undefined || new Resolver(template, parameters).condition(Condition);
};
const variablesOf = (name: string, parameters: Parameters = {}) =>
  (resolved(name, parameters).Environment as { Variables: Record<string, string> }).Variables;

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
const statementsOf = (role: string, parameters: Parameters = {}) => {
  const [{ PolicyDocument }] = resolved(role, parameters).Policies as [{ PolicyDocument: { Statement: Statement[] } }];
  return PolicyDocument.Statement;
};
const actionsOf = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => Action).sort();

const OTHERS = [
  "arn:aws:apigateway:eu-west-1::/restapis/abc/stages/live/cache/authorizers",
  "arn:aws:apigateway:eu-west-1::/apis/def/stages/$default/cache/authorizers",
];

describe("the stream", () => {
  const source = resolved("KeyChanges");

  test("feeds the function, which answers for each record; a batch that fails is halved", () => {
    expect(source).toMatchObject({
      FunctionName: "KeyEvents",
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      BisectBatchOnFunctionError: true,
    });
    expect(source.MaximumRetryAttempts).toBeGreaterThan(0);
  });

  test("loses nothing: it begins at the beginning, and what cannot be handled goes to a bucket, with an alarm", () => {
    expect(source).toMatchObject({
      StartingPosition: "TRIM_HORIZON",
      DestinationConfig: { OnFailure: { Destination: "FailedKeyChanges.Arn" } },
    });
    expect(propertiesOf("FailedKeyChangesAlarm")).toMatchObject({
      MetricName: "OnFailureDestinationDeliveredEventCount",
      Dimensions: [{ Name: "EventSourceMappingUUID", Value: { Ref: "KeyChanges" } }],
    });
    // The metric is there only if it is asked for.
    expect(source.MetricsConfig).toEqual({ Metrics: ["EventCount"] });
  });

  test("is watched for its age", () => {
    expect(propertiesOf("KeyEventsLateAlarm")).toMatchObject({
      MetricName: "IteratorAge",
      Dimensions: [{ Name: "FunctionName", Value: { Ref: "KeyEvents" } }],
    });
  });

  test("leaves records in a bucket that is closed, encrypted, forgets them, and stays with the table", () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/a";
    const bucket = resolved("FailedKeyChanges", { KmsKeyArn: key });
    expect(Object.values(bucket.PublicAccessBlockConfiguration as object)).toEqual([true, true, true, true]);
    expect(JSON.stringify(bucket.BucketEncryption)).toContain(key);
    expect(JSON.stringify(bucket.LifecycleConfiguration)).toContain('"ExpirationInDays":90');
    expect(template.Resources.FailedKeyChanges).toMatchObject({ DeletionPolicy: "Retain" });
  });
});

describe("the stream of entitlements", () => {
  const on = { WithEntitlements: "true" };

  test("feeds the same function in the same way, if there is such a table", () => {
    const { EventSourceArn: _, ...ofKeys } = resolved("KeyChanges");
    const { EventSourceArn, ...source } = resolved("EntitlementChanges", on);
    expect(source).toEqual(ofKeys);
    expect(EventSourceArn).toContain("EntitlementsTable/stream");
    for (const name of ["EntitlementChanges", "FailedEntitlementChangesAlarm"]) {
      expect([isThere(name), isThere(name, on)]).toEqual([false, true]);
    }
    const { AlarmDescription: __, Dimensions, ...alarm } = propertiesOf("FailedEntitlementChangesAlarm");
    expect(Dimensions).toEqual([{ Name: "EventSourceMappingUUID", Value: { Ref: "EntitlementChanges" } }]);
    expect(propertiesOf("FailedKeyChangesAlarm")).toMatchObject(alarm);
  });

  test("may be read by the function, and its second flush waits for what authorizers remember", () => {
    const about = (parameters: Parameters) =>
      statementsOf("KeyEventsRole", parameters).filter(({ Resource }) =>
        JSON.stringify(Resource).includes("Entitlements"),
      );
    expect(about({})).toEqual([]);
    expect(about(on).map(({ Sid }) => Sid)).toEqual(["ReadChanges", "FindStream"]);
    expect(variablesOf("KeyEvents", { EntitlementsMaxAge: "5" }).SALLYPORT_ENTITLEMENTS_MAX_AGE).toBe("5");
  });
});

describe("the function of events", () => {
  test("may read the stream, put events, ask for flushes and keep what failed: it cannot touch a key", () => {
    const actions = actionsOf(statementsOf("KeyEventsRole"));
    expect(actions).toEqual([
      ...["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
      ...["events:PutEvents", "logs:CreateLogStream", "logs:PutLogEvents"],
      ...["s3:ListBucket", "s3:PutObject", "sqs:SendMessage"],
    ]);
    for (const { Resource } of statementsOf("KeyEventsRole")) expect(Resource).not.toBe("*");
  });

  test("has the variables that its code reads", async () => {
    const read = [...(await readFile("functions/key-events/index.ts", "utf8")).matchAll(/SALLYPORT_[A-Z_]+/g)];
    const { POWERTOOLS_SERVICE_NAME: _, ...variables } = variablesOf("KeyEvents");
    expect(Object.keys(variables).sort()).toEqual([...new Set(read.map(([name]) => name))].sort());
  });
});

describe("the caches that are flushed", () => {
  const own = {
    rest: "arn:aws:apigateway:eu-west-1::/restapis/RestApi/stages/prod/cache/authorizers",
    http: "arn:aws:apigateway:eu-west-1::/apis/HttpApi/stages/prod/cache/authorizers",
  };

  test.each<[string, Parameters, string[]]>([
    ["both example APIs", {}, [own.rest, own.http]],
    ["one example API", { WithHttpApi: "false" }, [own.rest]],
    ["the example APIs and others", { FlushStageArns: OTHERS.join(",") }, [own.rest, own.http, ...OTHERS]],
    [
      "only others, if the example APIs have no cache",
      { ReauthorizeEvery: "0", FlushStageArns: OTHERS.join(",") },
      OTHERS,
    ],
  ])("are those of %s, for the function and for its role alike", (_, parameters, expected) => {
    expect(variablesOf("CacheFlush", parameters).SALLYPORT_FLUSH_STAGES?.split(",")).toEqual(expected);
    const deletes = statementsOf("CacheFlushRole", parameters).filter(({ Action }) => Action === "apigateway:DELETE");
    expect(deletes.flatMap(({ Resource }) => Resource)).toEqual(expected);
    expect(readStages(expected.join(","))).toHaveLength(expected.length);
  });

  test.each<[string, Parameters, boolean]>([
    ["a cache", {}, true],
    ["no cache", { ReauthorizeEvery: "0" }, false],
    ["neither a REST nor an HTTP API", { WithRestApi: "false", WithHttpApi: "false" }, false],
    ["no cache of its own but one elsewhere", { ReauthorizeEvery: "0", FlushStageArns: OTHERS.join(",") }, true],
  ])("have a function and queues with %s", (_, parameters, expected) => {
    const { Resources } = template;
    const names = Object.keys(Resources).filter((name) => name.startsWith("CacheFlush"));
    expect(names.length).toBeGreaterThan(6);
    for (const name of names) expect([name, isThere(name, parameters)]).toEqual([name, expected]);
    expect("SALLYPORT_FLUSH_QUEUE" in variablesOf("KeyEvents", parameters)).toBe(expected);
    expect(actionsOf(statementsOf("KeyEventsRole", parameters)).includes("sqs:SendMessage")).toBe(expected);
  });

  test("may be emptied, and nothing else of an API may be changed; of the table the role sees its own items", () => {
    const statements = statementsOf("CacheFlushRole");
    expect(new Set(actionsOf(statements))).toEqual(
      new Set([
        ...["apigateway:DELETE", "dynamodb:GetItem", "dynamodb:UpdateItem", "logs:CreateLogStream"],
        ...["logs:PutLogEvents", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "sqs:ReceiveMessage",
      ]),
    );
    for (const { Action, Resource } of statements.filter(({ Sid }) => Sid !== "WriteLogs")) {
      expect(JSON.stringify(Resource)).not.toContain("*");
      if (Action === "apigateway:DELETE") expect(Resource).toMatch(/\/stages\/prod\/cache\/authorizers$/);
    }
    expect(statements.find(({ Sid }) => Sid === "RememberFlushes")?.Condition).toEqual({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["FLUSH#*"] },
    });
  });

  test("wait in a queue for longer than the function runs, then among the dead letters, with an alarm each", () => {
    const { Timeout } = propertiesOf("CacheFlush");
    expect(propertiesOf("CacheFlushQueue").VisibilityTimeout).toBeGreaterThan(Number(Timeout));
    expect(propertiesOf("CacheFlushQueue")).not.toHaveProperty("FifoQueue");
    const watched = ["CacheFlushFailedAlarm", "CacheFlushLateAlarm", "CacheFlushDeadLettersAlarm"].map(
      (name) => propertiesOf(name).MetricName,
    );
    expect(watched).toEqual([
      "CacheFlushesFailed",
      "ApproximateAgeOfOldestMessage",
      "ApproximateNumberOfMessagesVisible",
    ]);
  });

  test("fail under the name that the alarm counts", async () => {
    const source = await readFile("functions/cache-flush/create-handler.ts", "utf8");
    const { Namespace, MetricName } = propertiesOf("CacheFlushFailedAlarm") as Record<string, string>;
    expect(Namespace).toBe("Sallyport");
    expect(source).toContain(`"${MetricName}"`);
  });

  test("have the variables that the code reads", async () => {
    const read = [...(await readFile("functions/cache-flush/index.ts", "utf8")).matchAll(/SALLYPORT_[A-Z_]+/g)];
    const { POWERTOOLS_SERVICE_NAME: _, ...variables } = variablesOf("CacheFlush");
    expect(Object.keys(variables).sort()).toEqual([...new Set(read.map(([name]) => name))].sort());
  });
});

describe("the example rules", () => {
  test("archive the events for a month, or not at all", () => {
    expect(resolved("EventArchive")).toMatchObject({ SourceArn: busArn(), RetentionDays: 30 });
    expect(isThere("EventArchive", { EventArchiveDays: "0" })).toBe(false);
  });

  test("tell a topic only where there is one, of events that exist", () => {
    expect(isThere("EventMailRule")).toBe(false);
    const { EventPattern } = resolved("EventMailRule", { EventTopicArn: "arn:aws:sns:eu-west-1:123456789012:keys" });
    const { "detail-type": names } = EventPattern as { "detail-type": string[] };
    expect(Object.keys(EVENTS)).toEqual(expect.arrayContaining(names));
    expect(matches(EventPattern, { source: "sallyport", "detail-type": "KeyRevoked" })).toBe(true);
    expect(matches(EventPattern, { source: "other", "detail-type": "KeyRevoked" })).toBe(false);
  });

  test("write the mail that docs/events.md shows", async () => {
    const page = await readFile("docs/events.md", "utf8");
    const [, example = ""] = /^### KeyRevoked\n.+?```json\n(.+?)```/ms.exec(page) ?? [];
    const [, mail = ""] = /^### Mail\n.+?```\n(.+?)```/ms.exec(page) ?? [];
    const { Targets } = resolved("EventMailRule", { EventTopicArn: "arn:aws:sns:eu-west-1:123456789012:keys" });
    const [{ InputTransformer }] = Targets as [
      { InputTransformer: { InputPathsMap: Record<string, string>; InputTemplate: string } },
    ];
    const { InputPathsMap: paths, InputTemplate } = InputTransformer;
    const event = { "detail-type": "KeyRevoked", detail: JSON.parse(example) };
    expect(inputFor(event as never, { paths, template: InputTemplate })).toBe(mail);
  });

  const busArn = () => new Resolver(template, {}).resolve({ "Fn::GetAtt": "EventBus.Arn" });
});

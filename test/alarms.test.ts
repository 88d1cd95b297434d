import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { logFilter } from "../local/cloud/logs/filter-pattern.ts";
import { REJECTIONS } from "../shared/domain/reasons/reasons.ts";
import { propertiesOf, template } from "./template.ts";

/** The alarms go off when an authorizer fails, and not when callers are refused. */

const names = Object.entries(template.Resources);
const ofType = (type: string) => names.filter(([, { Type }]) => Type === type).map(([, { Properties }]) => Properties);
const authorizers = names.filter(([, { Metadata }]) => Metadata?.Bundle === "authorizer").map(([name]) => name);
const alarms = ofType("AWS::CloudWatch::Alarm");
const filters = ofType("AWS::Logs::MetricFilter") as unknown as {
  LogGroupName: unknown;
  FilterPattern: string;
  MetricTransformations: { MetricNamespace: string; MetricName: unknown; MetricValue: string }[];
}[];

test("the template has two authorizers", () => {
  expect(authorizers).toEqual(["Authorizer", "AuthorizerUncached"]);
});

test("a configuration that is refused or cannot be read sets off an alarm, under the names that the function counts", async () => {
  const source = await readFile("functions/authorizer/remote-authority.ts", "utf8");
  const { Metrics } = propertiesOf("ConfigurationAlarm") as {
    Metrics: { Id: string; Expression?: string; MetricStat?: { Metric: { MetricName: string; Namespace: string } } }[];
  };
  const measured = Metrics.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ Id, ...MetricStat.Metric }] : []));
  expect(measured.map(({ MetricName }) => MetricName)).toEqual(["ConfigurationRefused", "ConfigurationUnreadable"]);
  for (const { Id, MetricName, Namespace } of measured) {
    expect(source).toContain(`addMetric("${MetricName}"`);
    expect(Namespace).toBe("Sallyport");
    expect(Metrics[0]?.Expression).toContain(`FILL(${Id}, 0)`);
  }
});

test("a schedule that never runs, or is switched off, sets off an alarm", () => {
  expect(propertiesOf("KeyWatchMissingAlarm")).toMatchObject({
    ...{ Namespace: "AWS/Lambda", MetricName: "Invocations", Statistic: "Sum", Period: 3600 },
    ...{ Dimensions: [{ Name: "FunctionName", Value: { Ref: "KeyWatch" } }] },
    ...{ EvaluationPeriods: 3, Threshold: 1, ComparisonOperator: "LessThanThreshold", TreatMissingData: "breaching" },
  });
});

test("last uses that are not written, or cannot be read, set off an alarm, under the names that are counted", async () => {
  const source = await readFile("functions/key-use/create-handler.ts", "utf8");
  const { Metrics } = propertiesOf("KeyUseAlarm") as {
    Metrics: { Id: string; Expression?: string; MetricStat?: { Metric: object } }[];
  };
  expect(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])).toEqual([
    { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: [{ Name: "FunctionName", Value: { Ref: "KeyUse" } }] },
    {
      Namespace: "Sallyport",
      MetricName: "KeyUsesSkipped",
      Dimensions: [{ Name: "service", Value: { Ref: "AWS::StackName" } }],
    },
  ]);
  expect(Metrics[0]?.Expression).toBe("FILL(errors, 0) + FILL(skipped, 0)");
  expect(source).toContain('addMetric("KeyUsesSkipped"');
});

describe("the alarm for guesses of API keys", () => {
  const { Metrics, Threshold } = propertiesOf("KeyGuessesAlarm") as {
    Threshold: unknown;
    Metrics: {
      Id: string;
      Expression?: string;
      ReturnData?: boolean;
      MetricStat?: { Stat: string; Metric: { MetricName: string; Namespace: string; Dimensions: object[] } };
    }[];
  };

  test("adds up the two reasons for keys that nobody was issued, under the authorizer's own names", () => {
    const measured = Metrics.flatMap(({ Id, ReturnData, MetricStat }) =>
      MetricStat ? [{ Id, ReturnData, Stat: MetricStat.Stat, ...MetricStat.Metric }] : [],
    );
    for (const [index, reason] of (["key_unknown", "key_mismatch"] as const).entries()) {
      expect(Object.keys(REJECTIONS)).toContain(reason);
      const Dimensions = [
        { Name: "service", Value: { Ref: "AWS::StackName" } },
        { Name: "reason", Value: reason },
      ];
      const counted = { Namespace: "Sallyport", MetricName: "Decisions", Stat: "Sum", ReturnData: false };
      expect(measured[index]).toMatchObject({ ...counted, Dimensions });
    }
    // One of the two may have no data.
    expect(Metrics[0]?.Expression).toBe(measured.map(({ Id }) => `FILL(${Id}, 0)`).join(" + "));
  });

  test("goes off from the number that a parameter says", () => {
    expect(Threshold).toEqual({ Ref: "KeyGuessesThreshold" });
  });
});

describe.each(authorizers)("%s", (name) => {
  test("has an alarm for throttled invocations", () => {
    const Dimensions = [{ Name: "FunctionName", Value: { Ref: name } }];
    expect(alarms).toContainEqual(
      expect.objectContaining({ Namespace: "AWS/Lambda", MetricName: "Throttles", Dimensions }),
    );
  });

  test("logs to the group whose failures are counted, and the first failure sets off an alarm", () => {
    const { LogGroup, ...format } = propertiesOf(name).LoggingConfig as { LogGroup: unknown };
    // The filters match Lambda's text log format, which is the default. The JSON format has other lines.
    expect(format).toEqual({});
    const own = filters.filter(({ LogGroupName }) => JSON.stringify(LogGroupName) === JSON.stringify(LogGroup));
    expect(own.length).toBeGreaterThan(0);
    for (const { MetricNamespace, MetricName, MetricValue } of own.flatMap((each) => each.MetricTransformations)) {
      expect(MetricValue).toBe("1");
      const alarm = { Namespace: MetricNamespace, MetricName, Statistic: "Sum", Threshold: 1, DatapointsToAlarm: 1 };
      expect(alarms).toContainEqual(expect.objectContaining(alarm));
    }
  });

  test("counts its decisions under the service name of the alarm for unavailable", () => {
    const { POWERTOOLS_SERVICE_NAME: service } = (propertiesOf(name).Environment as { Variables: object })
      .Variables as {
      POWERTOOLS_SERVICE_NAME: unknown;
    };
    const Dimensions = [
      { Name: "service", Value: service },
      { Name: "outcome", Value: "unavailable" },
    ];
    expect(alarms).toContainEqual(expect.objectContaining({ MetricName: "Decisions", Dimensions }));
  });

  test("is on the dashboard with its duration, cold starts, throttles and errors", () => {
    const { DashboardBody } = propertiesOf("Dashboard") as { DashboardBody: { "Fn::Sub": string } };
    const { widgets } = JSON.parse(DashboardBody["Fn::Sub"]) as { widgets: { properties: { metrics: unknown[][] } }[] };
    const metrics = widgets
      .flatMap(({ properties }) => properties.metrics)
      .filter((each) => each.includes(`\${${name}}`));
    const shown = new Set(metrics.map(([, metric]) => metric));
    expect(shown).toEqual(new Set(["Duration", "ColdStart", "Throttles", "Invocations", "Errors"]));
    expect(DashboardBody["Fn::Sub"]).toMatch(/\[ "Sallyport", "[^"]+-Failures" \]/);
  });
});

test("every alarm notifies the topic, and missing data sets off none but that of a schedule that does not run", () => {
  for (const alarm of alarms) {
    const isOfAbsence = Object(alarm).ComparisonOperator === "LessThanThreshold";
    const topic = { "Fn::If": ["HasAlarmTopic", [{ Ref: "AlarmTopicArn" }], { Ref: "AWS::NoValue" }] };
    expect(alarm).toMatchObject({ AlarmActions: topic, OKActions: topic });
    expect(alarm).toHaveProperty("TreatMissingData", isOfAbsence ? "breaching" : "notBreaching");
  }
});

describe("a log line", () => {
  const counts = (line: string) => filters.filter(({ FilterPattern }) => logFilter(FilterPattern)(line)).length;
  const ID = "7b44a2c8-0f6a-4bd5-9c3e-1d2f3a4b5c6d";
  const TIME = "2026-03-02T10:00:00.000Z";

  // Lines as Lambda writes them, with tabs between the fields.
  test.each([
    ["a failed start", "INIT_REPORT Init Duration: 150.79 ms\tPhase: init\tStatus: error\tError Type: Runtime.Unknown"],
    [
      "the second attempt of a failed start",
      "INIT_REPORT Init Duration: 166.06 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError",
    ],
    ["a start that timed out", "INIT_REPORT Init Duration: 9999.79 ms\tPhase: init\tStatus: timeout"],
    [
      "a wrong configuration",
      `${TIME}\tundefined\tERROR\tUncaught Exception \t{"errorType":"ConfigurationError","errorMessage":"ssm:/sallyport/config has 1 mistake:","stack":[]}`,
    ],
    [
      "a module that is missing",
      `${TIME}\tundefined\tERROR\tUncaught Exception \t{"errorType":"Runtime.ImportModuleError","errorMessage":"Error: Cannot find module 'index'","stack":[]}`,
    ],
    [
      "an unhandled promise rejection",
      `${TIME}\t${ID}\tERROR\tUnhandled Promise Rejection \t{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"x","stack":[]}`,
    ],
    ["a process that ended", `RequestId: ${ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError`],
    [
      "a process that ran out of memory",
      `RequestId: ${ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError`,
    ],
    [
      "a process that ended without a reason",
      `RequestId: ${ID} Error: Runtime exited without providing a reason\nRuntime.ExitError`,
    ],
    ["an invocation that timed out", `${TIME} ${ID} Task timed out after 5.01 seconds\n\n`],
  ])("of %s is counted once", (_, line) => expect(counts(line)).toBe(1));

  test.each([
    [
      "a successful start",
      "INIT_START Runtime Version: nodejs:24.v4\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:0",
    ],
    ["a report of a successful start", "INIT_REPORT Init Duration: 412.55 ms"],
    [
      "a report of an invocation",
      `REPORT RequestId: ${ID}\tDuration: 3.16 ms\tBilled Duration: 4 ms\tMemory Size: 512 MB\tMax Memory Used: 98 MB`,
    ],
    [
      "a report of an invocation that timed out, whose timeout line is counted",
      `REPORT RequestId: ${ID}\tDuration: 5000.00 ms\tBilled Duration: 5579 ms\tMemory Size: 512 MB\tMax Memory Used: 98 MB\tStatus: timeout`,
    ],
    [
      "a refused caller",
      `${TIME}\t${ID}\tERROR\tInvoke Error \t{"errorType":"UnauthorizedError","errorMessage":"Unauthorized","name":"UnauthorizedError","stack":["UnauthorizedError: Unauthorized"]}`,
    ],
    [
      "trouble, which has an alarm of its own",
      `${TIME}\t${ID}\tERROR\tInvoke Error \t{"errorType":"UnavailableError","errorMessage":"unavailable","name":"UnavailableError","stack":["UnavailableError: unavailable"]}`,
    ],
    [
      "an outcome",
      `{"level":"ERROR","message":"unavailable","timestamp":"${TIME}","service":"sallyport","outcome":"unavailable","reason":"deadline_exceeded","api":"rest-request","cause":"TroubleError < TimeoutError"}`,
    ],
    [
      "a refusal",
      '{"level":"INFO","message":"unauthenticated","service":"sallyport","outcome":"unauthenticated","reason":"token_expired","credentials":[{"scheme":"bearer","in":"header","name":"authorization","length":612}]}',
    ],
    [
      "a count",
      `{"_aws":{"Timestamp":1772445600000,"CloudWatchMetrics":[{"Namespace":"Sallyport"}]},"service":"sallyport","outcome":"unavailable","Decisions":1}`,
    ],
  ])("of %s is not counted", (_, line) => expect(counts(line)).toBe(0));
});

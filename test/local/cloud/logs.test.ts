import { gunzipSync } from "node:zlib";
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { logFilter } from "../../../local/cloud/logs/filter-pattern.ts";
import type { LogSubscription } from "../../../local/cloud/resources.ts";
import { cloudWith } from "./started-cloud.ts";

/** Lines that functions log, as a function with a subscription gets them. */

const subscription = (rest: Partial<LogSubscription> = {}): LogSubscription => ({
  ...{ name: "Use.Decisions", function: "Use", logGroup: "authorizers", pattern: '{ $.outcome = "allow" }' },
  ...rest,
});
const logGroups = { Authorizer: "authorizers", Uncached: "authorizers", Backend: "backends", Use: "uses" };
const logging = (log: readonly Record<string, unknown>[]) => () => ({ result: null, log });

const decoded = ({ awslogs }: CloudWatchLogsEvent): CloudWatchLogsDecodedData =>
  JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")).toString());

describe("a subscription", () => {
  test("gets the lines that match, of all functions of its log group, as one event", async () => {
    const line = { level: "INFO", outcome: "allow", key: "a" };
    const { cloud, functions, clock } = await cloudWith({ subscriptions: [subscription()], logGroups });
    functions.handler = logging([line, { outcome: "deny" }]);
    for (const name of ["Authorizer", "Uncached", "Backend"]) await cloud.functions.invoke(name, {});
    functions.handler = () => ({ result: null });
    clock.advance(100);
    const events = await functions.after(4);
    const { logEvents, ...rest } = decoded(events[3] as unknown as CloudWatchLogsEvent);
    expect(rest).toEqual({
      ...{ messageType: "DATA_MESSAGE", owner: "123456789012", logGroup: "authorizers", logStream: "local" },
      subscriptionFilters: ["Use.Decisions"],
    });
    const expected = {
      id: expect.stringMatching(/^\d{56}$/),
      timestamp: clock.now() - 100,
      message: expect.any(String),
    };
    expect(logEvents).toEqual([expected, expected]);
    expect(logEvents.map(({ message }) => JSON.parse(message))).toEqual([line, line]);
  });

  test("is invoked again after an error, twice", async () => {
    const { cloud, functions, clock } = await cloudWith({ subscriptions: [subscription()], logGroups });
    functions.handler = logging([{ outcome: "allow" }]);
    await cloud.functions.invoke("Authorizer", {});
    functions.handler = () => ({ error: "no" });
    clock.advance(100);
    for (const count of [2, 3, 4]) {
      await functions.after(count);
      clock.advance(60_000);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(functions.events.map(({ name }) => name)).toEqual(["Authorizer", "Use", "Use", "Use"]);
  });

  test.each<[string, Partial<LogSubscription>, string]>([
    ["its own log", { logGroup: "uses" }, "for its own log"],
    ["a function that the template lacks", { function: "Other" }, "no function Other"],
    ["a pattern that is not supported", { pattern: "[a, b]" }, "The filter pattern [a, b]"],
  ])("is refused for %s", async (_, rest, message) => {
    await expect(cloudWith({ subscriptions: [subscription(rest)], logGroups })).rejects.toThrow(message);
  });
});

describe("a filter pattern", () => {
  const LINE = JSON.stringify({
    outcome: "allow",
    ms: 12,
    rules: ["a"],
    caller: { kind: "client" },
    gone: null,
    ok: true,
  });

  test.each<[boolean, string]>([
    [true, ""],
    [true, '"allow"'],
    [true, '"allow" "client"'],
    [false, '"allow" "user"'],
    [true, '?"user" ?"client"'],
    [false, '"ALLOW"'],
    [true, '{ $.outcome = "allow" }'],
    [true, "{$.outcome=allow}"],
    [true, '{ $.outcome = "al*" }'],
    [false, '{ $.outcome != "allow" }'],
    [false, '{ $.none != "allow" }'],
    [true, "{ $.ms = 12 }"],
    [true, "{ $.ms > 11.5 && $.ms <= 12 }"],
    [false, "{ $.ms < 12 }"],
    [false, '{ $.ms = "12" }'],
    [true, '{ $.caller.kind = "client" && $.rules[0] = "a" }'],
    [true, '{ $.outcome = "deny" || ($.ms = 12 && $.ok IS TRUE) }'],
    [false, '{ ($.outcome = "deny" || $.ms = 12) && $.ok IS FALSE }'],
    [true, "{ $.gone IS NULL }"],
    [false, "{ $.none IS NULL }"],
    [true, "{ $.none NOT EXISTS }"],
    [true, "{ $.ok EXISTS }"],
  ])("%s: %s", (expected, pattern) => {
    expect(logFilter(pattern)(LINE)).toBe(expected);
  });

  test("of JSON matches no other text", () => {
    expect(logFilter("{ $.a NOT EXISTS }")("START RequestId")).toBe(false);
  });

  test.each([
    ...["a", '"a" ?"b"', '-"a"', "%a%", "[a, b]", "{ }", "{ $.a }", '{ $.a = "b', "{ $.a = 1 && }", "{ a = 1 }"],
    ...["{ ($.a = 1 }", "{ $.a ~ 1 }", '{ $.a > "b" }', "{ $.a IS MAYBE }", "{ $.a = 1 } x", "{ $.a = 1 $.b = 2 }"],
  ])("%s is refused", (pattern) => {
    expect(() => logFilter(pattern)).toThrow("pattern");
  });
});

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createHandler } from "../../functions/authorizer/create-handler.ts";
import { requestEvent } from "../../local/events/rest.ts";
import { createProviders } from "../../providers/registry.ts";
import { billedMilliseconds, costOf, costOfChanges, decisionsFor, LINES, totalOf } from "../../scripts/cost/model.ts";
import { CACHED, configOf, NOW } from "../fixtures.ts";
import { lambdaContext } from "../functions/authorizer/lambda-context.ts";
import { AUDIENCE, ISSUER, mint, rsaKey } from "../providers/jwt/mint.ts";

const token = { cpu: 1, wait: 0, reads: 0 };
const key = { cpu: 2, wait: 5, reads: 1 };
const whole = { memory: 512, allowed: 1 };

test("docs/cost.md has the tables that npm run cost prints", async () => {
  const printed = execFileSync(process.execPath, ["scripts/cost.ts"], { encoding: "utf8" });
  expect(printed.split("\n").filter((line) => line.startsWith("|")).length).toBeGreaterThan(20);
  expect(await readFile("docs/cost.md", "utf8")).toContain(printed.trim());
});

describe("the cost of decisions", () => {
  test("is what AWS bills for invocations, GB-seconds, reads and GB of log", () => {
    const { invocations, duration, reads, logs } = costOf(1e6, key, whole);
    expect(invocations).toBeCloseTo(0.2, 10);
    // 2 ms of a processor at 512/1769 of it are 6.91 ms; with 5 ms of waiting Lambda bills 12.
    expect(duration).toBeCloseTo(1e6 * 0.012 * 0.5 * 0.0000133334, 10);
    expect(reads).toBeCloseTo(0.125, 10);
    expect(logs).toBeCloseTo((0.5 * 1e6 * (750 + 280 + 80 + 60 + 200 + 5 * 26)) / 1e9, 10);
  });

  test("grows in proportion to their number", () => {
    expect(totalOf(costOf(1e9, token, whole))).toBeCloseTo(1000 * totalOf(costOf(1e6, token, whole)), 6);
  });

  test("has no line of an outcome in the log where log.allowed is 0", () => {
    const saved = costOf(1e6, token, whole).logs - costOf(1e6, token, { ...whole, allowed: 0 }).logs;
    expect(saved).toBeCloseTo((0.5 * 1e6 * (750 + 26)) / 1e9, 10);
  });

  test.each([
    { memory: 128, expected: 14 },
    { memory: 1769, expected: 1 },
    { memory: 4096, expected: 1 },
  ])("with $memory MB, 1 ms of a processor is billed as $expected ms", ({ memory, expected }) => {
    expect(billedMilliseconds(token, memory)).toBe(expected);
  });
});

test("a million changes of keys cost four writes, an event and an invocation each, and two messages where they flush", () => {
  const { writes, events, flushes, function: own } = costOfChanges(1e6, 0.5, 512);
  expect(writes).toBeCloseTo(4 * 0.625, 10);
  expect(events).toBeCloseTo(1, 10);
  expect(own).toBeCloseTo(0.2 + 1e6 * 0.1 * 0.5 * 0.0000133334 + (0.5 * 1200 * 1e6) / 1e9, 10);
  expect(flushes).toBeCloseTo(0.5 * 2 * (3 * 0.4 + own), 10);
});

test.each([
  { ttl: 0, decisions: 1000 },
  { ttl: 10, decisions: 500 },
  { ttl: 90, decisions: 100 },
])("of a thousand requests, one in ten seconds, $decisions are decided with a TTL of $ttl s", (each) => {
  expect(decisionsFor(1000, each.ttl, 0.1)).toBeCloseTo(each.decisions, 9);
});

test("the lines of an allowed request are as long as the model says, or at most 100 bytes shorter", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => written.push(String(chunk)) > 0);
  const log = vi.spyOn(console, "log").mockImplementation((line) => written.push(String(line)));
  onTestFinished(() => {
    for (const each of [write, log]) each.mockRestore();
    vi.useRealTimers();
  });
  const signing = rsaKey();
  const keys = { jwks: { keys: [signing.jwk as { kty: string }] } };
  const config = configOf({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys }] } });
  const event = requestEvent({
    ...{ method: "GET", path: "/whoami", resource: "/whoami", stage: "prod", address: "192.0.2.1", time: NOW },
    headers: { Authorization: `Bearer ${mint(signing)}` },
  });
  const handler = createHandler(config, createProviders(config), CACHED);
  await handler(event, lambdaContext());
  written.length = 0;
  await handler(event, lambdaContext());
  const lengths = written.map((line) => Buffer.byteLength(line.trimEnd()));
  expect(lengths).toHaveLength(2);
  expect(lengths[0]).toBeLessThanOrEqual(LINES.outcome);
  expect(lengths[0]).toBeGreaterThanOrEqual(LINES.outcome - 100);
  expect(lengths[1]).toBeLessThanOrEqual(LINES.metric);
  expect(lengths[1]).toBeGreaterThanOrEqual(LINES.metric - 100);
});

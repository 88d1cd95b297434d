import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { CloudRecord } from "../../local/cloud/report.ts";
import { type LocalStack, startLocalStack } from "../../local/stack/local-stack.ts";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import { Random } from "../../test/model/random.ts";
import { type Calls, call } from "./callers.ts";
import type { KeyFaultCase } from "./cases.ts";
import { Operator } from "./operators.ts";
import { violationsOf } from "./violations.ts";

/** How long and how hard a case is run. */
export interface RunOptions {
  readonly seed: number;
  /** Seconds in which keys are changed. */
  readonly seconds: number;
  readonly callers: number;
  /** Milliseconds in place of the limits of the cases: a test does not judge by the clock. */
  readonly limit?: number;
}

/** What came of a case. */
export interface CaseResult {
  readonly name: string;
  readonly calls: Calls;
  readonly changes: number;
  readonly events: number;
  readonly duplicates: number;
  readonly violations: readonly string[];
}

/** Seconds for which API Gateway caches a policy: longer than the target for a revocation, and short enough to wait for. */
const TTL = 20;
/** Milliseconds within which a revocation is to reach the caches. */
const TARGET = 5000;
/** Milliseconds within which everything must have come to rest after the last fault. */
const REST = 90_000;

/** Runs a local stack in which operators change keys and callers use them, while something fails. */
export async function runCase(given: KeyFaultCase, { seed, seconds, callers, limit }: RunOptions): Promise<CaseResult> {
  const records: CloudRecord[] = [];
  const stack = await startLocalStack({
    template: "template.yaml",
    stackName: `drill-${randomUUID().slice(0, 8)}`,
    parameters: { ReauthorizeEvery: String(TTL) },
    onCloud: (record) => records.push(record),
  });
  const end = new AbortController();
  try {
    for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"]) delete process.env[name];
    Object.assign(process.env, stack.access.environment);
    const { apiKeys } = stack.config;
    if (!apiKeys) throw new Error("The configuration has no API keys.");
    const random = new Random(seed);
    const operator = new Operator(dynamoDbKeyTable(apiKeys.table), apiKeys, random);
    const calls: Calls = { requests: 0, accepted: 0, latest: 0, wronglyRefused: 0, troubled: 0 };
    const calling = Array.from({ length: callers }, (_, index) =>
      call(urlsOf(stack), operator.keys, Random.of(seed, index), end.signal, calls),
    );
    for (let count = 0; count < 12; count++) await operator.issue();
    // The caches have policies of the keys before anything changes.
    await setTimeout(1500);
    given.plan(stack.cloud.faults);
    if (given.endsAfter !== undefined) void clearAfter(given.endsAfter, stack, end.signal);
    if (given.poison) await poison(apiKeys.table);
    const changing = Date.now() + seconds * 1000;
    while (Date.now() < changing) {
      await (random.chance(0.15) ? operator.issue() : operator.change());
      await setTimeout(random.whole(20, 250));
    }
    await atRest(stack, given.endsAfter ?? 0);
    // Whatever was cached has ended, or was flushed.
    if (limit === undefined) await setTimeout(given.leavesCaches ? TTL * 1000 : TARGET);
    end.abort();
    await Promise.all(calling);
    const ownLimit = given.leavesCaches ? TTL * 1000 + 1000 : (given.limit ?? TARGET);
    const checked = violationsOf({
      keys: operator.keys,
      records,
      calls,
      limit: limit ?? ownLimit,
      poisoned: given.poison === true,
    });
    return { name: given.name, calls, changes: changesOf(operator), ...checked };
  } finally {
    end.abort();
    await stack.close();
    // The next stack would take the endpoint of this one for a database that is given.
    for (const name of Object.keys(stack.access.environment)) delete process.env[name];
  }
}

const changesOf = ({ keys }: Operator) => keys.reduce((sum, { changes }) => sum + changes.length, 0);

/** A REST API and an HTTP API, both with a cache. */
const urlsOf = ({ gateway: { urls } }: LocalStack) => [`${urls.RestApi}/whoami`, `${urls.HttpApi}/whoami`];

async function clearAfter(milliseconds: number, { cloud }: LocalStack, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => {});
  cloud.faults.clear();
}

/** Waits until nothing is being delivered. @throws {Error} if something never comes to rest */
async function atRest({ cloud }: LocalStack, faultsLast: number): Promise<void> {
  const limit = Date.now() + faultsLast + REST;
  for (let quiet = 0; quiet < 5; quiet = cloud.isBusy ? 0 : quiet + 1) {
    if (Date.now() > limit) return;
    await setTimeout(300);
  }
}

/** An item under a key's name that nobody can read. */
async function poison(table: string): Promise<void> {
  const client = new DynamoDBClient({});
  const Item = { pk: { S: "KEY#poisoned00000000" }, hash: { S: "none" }, status: { N: "7" } };
  await client.send(new PutItemCommand({ TableName: table, Item }));
  client.destroy();
}

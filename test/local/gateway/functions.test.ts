import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuthorizerCache, cacheKey } from "../../../local/gateway/authorizer-cache.ts";
import { Functions } from "../../../local/gateway/functions.ts";
import { MAX_INSTANCES } from "../../../local/gateway/instances.ts";
import { denialMessage, isUnauthorized } from "../../../local/gateway/refusal.ts";
import { DEFAULT_SETTINGS } from "../../../local/gateway/settings.ts";
import type { FunctionDefinition } from "../../../local/gateway/template/function.ts";
import { listen, shut } from "../../../local/listen.ts";

let folder: string;
/** Answers the events that wait for it once as many have arrived as are expected. */
let barrier: Server;
let arrived: ServerResponse[] = [];
let expected = 1;
let url: string;
beforeAll(async () => {
  barrier = createServer((_, response) => {
    arrived.push(response);
    if (arrived.length < expected) return;
    for (const each of arrived) each.end();
    arrived = [];
  });
  url = `http://127.0.0.1:${await listen(barrier, "127.0.0.1", 0)}`;
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  await writeFile(
    join(folder, "index.mjs"),
    `let [count, active] = [0, 0];
    const forever = () => new Promise((resolve) => setTimeout(resolve, 3_600_000));
    export const handler = async ({ hang, meet, exit, stray }, context) => {
      if (active++ > 0) return "two events at a time";
      if (hang) await forever();
      if (meet) await fetch(meet);
      if (exit) process.exit(3);
      if (stray) setTimeout(() => { throw new Error("stray"); }, 50);
      active--;
      return ++count;
    };
    export const remaining = async (_, context) => {
      const first = context.getRemainingTimeInMillis();
      return first > 0 && first <= 7000 && context.getRemainingTimeInMillis() <= first;
    };
    export const full = async () => { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)); };`,
  );
});
afterAll(async () => {
  await shut(barrier);
  await rm(folder, { recursive: true });
});

const definition = { code: { folder: "." }, handler: "index.handler", environment: {}, timeout: 0.5, memory: 128 };
const functionsOf = (one: Partial<FunctionDefinition> = {}) =>
  new Functions({ One: { ...definition, ...one } }, folder, () => ({}));
const late = { error: "Task timed out after 0.50 seconds" };

test("an instance that hangs is ended, and the next event gets a new one", async () => {
  const functions = functionsOf();
  expect(await functions.invoke("One", {})).toEqual({ result: 1 });
  expect(await functions.invoke("One", {})).toEqual({ result: 2 });
  expect(await functions.invoke("One", { hang: true })).toEqual(late);
  expect(functions.instances("One")).toBe(0);
  expect(await functions.invoke("One", {})).toEqual({ result: 1 });
  await functions.close();
});

test("instances are started on demand, up to the limit, and each answers one event at a time", async () => {
  const functions = functionsOf({ timeout: 600 });
  expected = MAX_INSTANCES;
  const events = Array.from({ length: MAX_INSTANCES }, () => functions.invoke("One", { meet: url }));
  expect(await Promise.all(events)).toEqual(events.map(() => ({ result: 1 })));
  expected = 1;
  const more = Array.from({ length: 4 * MAX_INSTANCES }, () => functions.invoke("One", { meet: url }));
  for (const { result } of await Promise.all(more)) expect(result).toEqual(expect.any(Number));
  expect(functions.instances("One")).toBe(MAX_INSTANCES);
  await functions.close();
});

test("one event after the other needs one instance", async () => {
  const functions = functionsOf();
  await functions.start("One");
  for (const result of [1, 2, 3]) expect(await functions.invoke("One", {})).toEqual({ result });
  expect(functions.instances("One")).toBe(1);
  await functions.close();
});

test("events that wait for an instance do not time out because others hang", async () => {
  const functions = functionsOf();
  const hanging = Array.from({ length: 2 * MAX_INSTANCES }, () => functions.invoke("One", { hang: true }));
  const waiting = functions.invoke("One", {});
  expect(await Promise.all(hanging)).toEqual(hanging.map(() => late));
  expect(await waiting).toEqual({ result: 1 });
  await functions.close();
});

test("the function's context tells the time that remains of its own timeout", async () => {
  const functions = functionsOf({ handler: "index.remaining", timeout: 7 });
  expect(await functions.invoke("One", {})).toEqual({ result: true });
  await functions.close();
});

test("an instance that ends by itself fails its event, and the next event gets a new one", async () => {
  const functions = functionsOf({ timeout: 600 });
  expect(await functions.invoke("One", { exit: true })).toEqual({ error: "Runtime exited with exit status 3" });
  expect(await functions.invoke("One", {})).toEqual({ result: 1 });
  // An error outside the handler, between two events.
  expect(await functions.invoke("One", { stray: true })).toEqual({ result: 2 });
  await expect.poll(() => functions.instances("One"), { timeout: 10_000 }).toBe(0);
  expect(await functions.invoke("One", {})).toEqual({ result: 1 });
  await functions.close();
});

test("a function that needs more than its memory is ended", async () => {
  const functions = functionsOf({ handler: "index.full", timeout: 600, memory: 64 });
  expect(await functions.invoke("One", {})).toEqual({ error: expect.stringContaining("memory limit") });
  await functions.close();
});

test("functions that are ended fail the events that run or wait, and start no more", async () => {
  const functions = functionsOf({ timeout: 600 });
  await functions.start("One");
  const events = Array.from({ length: MAX_INSTANCES + 1 }, () => functions.invoke("One", { hang: true }));
  await functions.close();
  for (const { error } of await Promise.all(events)) expect(error).toEqual(expect.any(String));
  expect(await functions.invoke("One", {})).toEqual({ error: "The function was ended." });
});

test("a function that does not start is an error for every event that waits", async () => {
  const functions = functionsOf({ handler: "index.missing" });
  const events = Array.from({ length: 2 * MAX_INSTANCES }, () => functions.invoke("One", {}));
  for (const { error } of await Promise.all(events)) expect(error).toMatch(/^One does not start: .*no missing/);
  expect(await functions.invoke("Two", {})).toEqual({ error: "The template has no function Two." });
  await functions.close();
});

test("an authorizer's cache has at most 10,000 entries and drops the oldest", () => {
  const cache = new AuthorizerCache<number>();
  for (let index = 0; index <= 10_000; index++) cache.set(`key ${index}`, index, 300, 0);
  expect([cache.get("key 0", 1), cache.get("key 1", 1), cache.get("key 10000", 1)]).toEqual([undefined, 1, 10_000]);
});

test("an authorizer's cache keeps outputs as they were, under short keys", () => {
  const output = {
    principalId: "me",
    policyDocument: { Statement: [{ Resource: ["a", "b"] }] },
    context: { level: 3 },
  };
  const cache = new AuthorizerCache<typeof output>();
  const key = cacheKey("arn:stage", "Auth", ["Bearer ".padEnd(10_000, "x")]);
  cache.set(key, output, 300, 0);
  expect(cache.get(key, 1)).toEqual(output);
  expect(key.length).toBeLessThan(100);
  const keys = [["a", "b"], ["b", "a"], ["a,b"], ["ab"]].map((values) => cacheKey("arn:stage", "Auth", values));
  expect(new Set(keys).size).toBe(keys.length);
  cache.flush("arn:stage");
  expect(cache.get(key, 1)).toBeUndefined();
});

test("denialWording and unauthorizedInAnyCase apply to every kind of API", () => {
  const old = { ...DEFAULT_SETTINGS, denialWording: "old", unauthorizedInAnyCase: true } as const;
  expect([isUnauthorized("unauthorized", DEFAULT_SETTINGS), isUnauthorized("unauthorized", old)]).toEqual([
    false,
    true,
  ]);
  expect(isUnauthorized("Unauthorized", DEFAULT_SETTINGS)).toBe(true);
  expect(denialMessage("implicit-deny", old)).toBe("User is not authorized to access this resource");
  expect(denialMessage("explicit-deny", old)).toBe(
    "User is not authorized to access this resource with an explicit deny",
  );
});

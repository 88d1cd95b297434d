import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuthorizerCache } from "../../../local/gateway/authorizer-cache.ts";
import { Functions } from "../../../local/gateway/functions.ts";
import { denialMessage, isUnauthorized } from "../../../local/gateway/refusal.ts";
import { DEFAULT_SETTINGS } from "../../../local/gateway/settings.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  await writeFile(
    join(folder, "index.mjs"),
    `let count = 0;
    export const handler = async ({ hang }) => hang ? new Promise((resolve) => setTimeout(resolve, 3_600_000)) : ++count;`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

test("a hanging function times out for every waiting event, and the next event gets a new process", async () => {
  const definition = { code: { folder: "." }, handler: "index.handler", environment: {}, timeout: 1 };
  const functions = new Functions({ Slow: definition }, folder, () => ({}));
  const late = { error: "Task timed out after 1.00 seconds" };
  // The second event's timeout comes later, when a new host already serves.
  const first = functions.invoke("Slow", { hang: true });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const second = functions.invoke("Slow", { hang: true });
  expect(await first).toEqual(late);
  expect(await functions.invoke("Slow", {})).toEqual({ result: 1 });
  expect(await second).toEqual(late);
  expect(await functions.invoke("Slow", {})).toEqual({ result: 2 });
  await functions.close();
});

test("an authorizer's cache has at most 10,000 entries and drops the oldest", () => {
  const cache = new AuthorizerCache<number>();
  for (let index = 0; index <= 10_000; index++) cache.set(`key ${index}`, index, 300, 0);
  expect([cache.get("key 0", 1), cache.get("key 1", 1), cache.get("key 10000", 1)]).toEqual([undefined, 1, 10_000]);
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

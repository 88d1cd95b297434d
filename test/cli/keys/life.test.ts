import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apiKeyProvider } from "../../../providers/api-key/index.ts";
import { requestFor } from "../../fixtures.ts";
import { personWhoSays } from "../in-process.ts";
import { createKeysFixture, type KeysFixture, secretOf } from "./fixture.ts";

/** The whole life of a key by command line, as its holder sees it at the authorizer. */

let table: KeysFixture;
let other: KeysFixture;
let folder: string;
beforeAll(async () => {
  table = await createKeysFixture();
  const { TEST_PEPPER_NEW, TEST_PEPPER_OLD } = process.env;
  other = await createKeysFixture();
  // The same peppers for both tables.
  Object.assign(process.env, { TEST_PEPPER_NEW, TEST_PEPPER_OLD });
  folder = await mkdtemp(join(tmpdir(), "sallyport-life-"));
  vi.stubEnv("SALLYPORT_CACHE_TTL", "300");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([table.close(), other.close(), rm(folder, { recursive: true })]);
});

async function verdictOn(value: string, { config }: KeysFixture = table) {
  const credential = { scheme: "api-key", value, location: { in: "header", name: "x-api-key" } } as const;
  const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
  const verdict = await apiKeyProvider(config).verify(credential, request, new AbortController().signal);
  return verdict.status === "authenticated" ? verdict.principal.scopes : verdict.reason;
}

test("a key is issued, found, changed, rotated, suspended, recognised, moved, revoked and deleted, and no output but the one place has a secret", async () => {
  const outputs: string[] = [];
  const run = async (argv: string, around: Parameters<KeysFixture["run"]>[1] = {}, on = table) => {
    const { code, stdout, stderr } = await on.run(argv, around);
    expect([argv, code, stderr]).toEqual([argv, 0, stderr]);
    outputs.push(stderr);
    return stdout;
  };
  const show = async (argv: string, around = {}, on = table) => {
    const text = await run(argv, around, on);
    outputs.push(text);
    return text;
  };

  const first = (await run("issue --name Partner --owner team-a --scope a --expires-in 30d --reason pilot")).trim();
  const id = first.split("_")[2] ?? "";
  expect(await verdictOn(first)).toEqual(["a"]);
  expect(await show("list --owner team-a")).toContain(id);
  expect(await show("list --expiring-within 31d")).toContain(id);

  await show(`update ${id} --add-scope b --tenant acme --if-version 1`);
  expect(await verdictOn(first)).toEqual(["a", "b"]);
  expect(await show("list --tenant acme --json")).toContain(id);

  const second = (await run(`rotate ${id} --grace 1h`)).trim();
  for (const key of [first, second]) expect(await verdictOn(key)).toEqual(["a", "b"]);

  await show(`disable ${id} --reason audit`);
  expect(await verdictOn(second)).toBe("key_disabled");
  await show(`enable ${id}`);
  expect(await verdictOn(second)).toEqual(["a", "b"]);

  expect(await show("identify", { input: second })).toContain("right: the current one");
  expect(await show("identify", { input: first })).toContain("the one before the last rotation");

  await show(`export --file ${join(folder, "keys.jsonl")}`);
  await show(`import ${join(folder, "keys.jsonl")}`, {}, other);
  expect(await verdictOn(second, other)).toEqual(["a", "b"]);

  await show("revoke --owner team-a --reason offboarded", personWhoSays("y"));
  for (const key of [first, second]) expect(await verdictOn(key)).toBe("key_revoked");
  expect(await show(`show ${id}`)).toMatch(/revoked +2.*: offboarded\n/);
  await show(`delete ${id}`, personWhoSays("y"));
  expect(await verdictOn(second)).toBe("key_unknown");

  for (const key of [first, second]) expect(outputs.join("\n")).not.toContain(secretOf(key));
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { generateApiKey } from "../../../providers/api-key/format.ts";
import { revokeKey } from "../../../providers/api-key/management/status.ts";
import type { Config } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { inProcess } from "../in-process.ts";
import { expectationsIn } from "./explained.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

async function explainKey(key: string, time = NOW) {
  const config = async (): Promise<Config> => ({ ...configOf(), apiKeys: table.config });
  const curl = `curl -H 'Authorization: ApiKey ${key}' http://h/prod/whoami`;
  const run = (...more: string[]) =>
    inProcess(["explain", "--curl", curl, "--time", String(time), ...more], { config });
  const [{ stdout }, json] = [await run(), await run("--json")];
  const secret = key.split("_").at(-1) ?? "";
  expect(stdout + json.stdout).not.toContain(secret.slice(0, 20));
  const explanation = JSON.parse(json.stdout);
  return { explanation, stdout, reason: explanation.reason, expectations: expectationsIn(explanation) };
}

test("a key of another form says which form", async () => {
  const { reason, expectations } = await explainKey("sp_live_short_secret");
  expect(reason).toBe("key_malformed");
  expect(expectations).toEqual([
    "form: sp_live_…_…, 4 parts, of 16 and 49 letters and digits / 4 parts, of 5 and 6 characters, 20 characters in all",
  ]);
});

test("a key with a typo says that its checksum is wrong", async () => {
  const { text } = generateApiKey("sp", "live");
  const typo = text.slice(0, -1) + (text.endsWith("A") ? "B" : "A");
  expect(await explainKey(typo)).toMatchObject({
    reason: "key_checksum_mismatch",
    expectations: [expect.stringContaining("checksum: that of the key / another")],
  });
});

test("a key of another environment names both", async () => {
  const { text } = generateApiKey("sp", "test");
  expect(await explainKey(text)).toMatchObject({
    reason: "key_environment_mismatch",
    expectations: ['environment: "live" / "test"'],
  });
});

test("a key that nobody issued names its id and the table", async () => {
  const { text, id } = generateApiKey("sp", "live");
  const { reason, expectations } = await explainKey(text);
  expect(reason).toBe("key_unknown");
  expect(expectations[0]).toMatch(/^id: a key in the table .* \/ /);
  expect(expectations[0]).toContain(id);
});

test("a key with another secret says nothing of the record", async () => {
  const { record } = await table.issue();
  const { text, id } = generateApiKey("sp", "live");
  await table.store.add({ ...record, id, status: "revoked" });
  const { reason, expectations, stdout } = await explainKey(text);
  expect(reason).toBe("key_mismatch");
  expect(expectations).toEqual([expect.stringContaining("secret: that on record of")]);
  expect(stdout).not.toMatch(/active|Partner/);
});

test("a revoked key says so, and one that has ended says when", async () => {
  const { key, record } = await table.issue({ expiresIn: 60 });
  await revokeKey(table.store, record.id, { by: "test", time: NOW });
  expect(await explainKey(key)).toMatchObject({
    reason: "key_revoked",
    expectations: [
      `status of ${record.id}: "active" / "revoked"`,
      expect.stringContaining("2026-03-02T10:01:00Z, 60 s later"),
    ],
  });
  const ended = await table.issue({ expiresIn: 60 });
  const { reason, expectations } = await explainKey(ended.key, NOW + 3660);
  expect(reason).toBe("key_expired");
  expect(expectations[1]).toBe(
    "expiresAt: later than 2026-03-02T11:01:00Z, the time of the request / 2026-03-02T10:01:00Z, 60 min earlier",
  );
});

test("a key's addresses are shown, and where the caller is, when they do not fit", async () => {
  const { key } = await table.issue({ addresses: ["192.0.2.0/24", "2001:db8::/32"] });
  const { stdout, explanation } = await explainKey(key);
  expect(explanation).toMatchObject({
    reason: "address_not_allowed",
    expectations: [
      { of: "address", expected: "one of 192.0.2.0/24, 2001:db8::/32 (the credentials')", found: '"203.0.113.7"' },
    ],
    principals: [{ addresses: ["192.0.2.0/24", "2001:db8::/32"] }],
  });
  expect(stdout).toMatch(/addresses +192\.0\.2\.0\/24, 2001:db8::\/32/);
});

test("a key's usage identifier key is named as present, and its value is not shown", async () => {
  const { key } = await table.issue({ usageIdentifierKey: "the-value-of-the-plan-key" });
  const { stdout, explanation } = await explainKey(key);
  expect(explanation).toMatchObject({ hasUsageIdentifierKey: true, principals: [{ hasUsageIdentifierKey: true }] });
  expect(stdout).toMatch(/usage key +present/);
  expect(stdout + JSON.stringify(explanation)).not.toContain("the-value-of-the-plan-key");
});

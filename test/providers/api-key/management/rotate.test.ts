import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiKeyProvider } from "../../../../providers/api-key/index.ts";
import { DEFAULT_GRACE, rotateKey } from "../../../../providers/api-key/management/rotate.ts";
import { revokeKey } from "../../../../providers/api-key/management/status.ts";
import type { ApiKeysConfig } from "../../../../shared/domain/config/api-keys.ts";
import { NOW, requestFor } from "../../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../fixture.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

const change = { by: "alice", time: NOW + 10 };
const location = { in: "header", name: "x-api-key" } as const;

async function verify(value: string, time: number, config: ApiKeysConfig = table.config) {
  const provider = apiKeyProvider(config, { openStore: async () => table.store });
  const { signal } = new AbortController();
  const verdict = await provider.verify(
    { scheme: "api-key", value, location },
    requestFor("GET", "/a", { time }),
    signal,
  );
  if (verdict.status !== "authenticated") return verdict.reason;
  return { end: verdict.principal.expiresAt, warnings: verdict.warnings };
}

describe("after a rotation", () => {
  test("the new secret was issued by it, and the old one with the key: what was issued before can be revoked", async () => {
    const provider = apiKeyProvider(table.config, { openStore: async () => table.store });
    const issuedAt = async (value: string) => {
      const credential = { scheme: "api-key", value, location } as const;
      const verdict = await provider.verify(credential, requestFor("GET", "/a"), new AbortController().signal);
      return verdict.status === "authenticated" ? verdict.principal.issuedAt : verdict;
    };
    const { key, record } = await table.issue();
    expect(await issuedAt(key)).toBe(NOW);
    const rotated = await rotateKey(table.store, record.id, table.config, change);
    expect([await issuedAt(key), await issuedAt(rotated.key)]).toEqual([NOW, change.time]);
  });

  test("both secrets are accepted until the grace of the old one ends, which is a day by default", async () => {
    const { key, record } = await table.issue();
    const rotated = await rotateKey(table.store, record.id, table.config, change);
    const end = change.time + DEFAULT_GRACE;
    expect(await verify(rotated.key, end)).toEqual({ end: undefined, warnings: undefined });
    expect(await verify(key, end - 1)).toEqual({ end, warnings: ["key_secret_superseded"] });
    expect(await verify(key, end)).toBe("key_secret_replaced");
  });

  test("a policy made with the old secret ends with the grace or with the key, whichever is first", async () => {
    const { key, record } = await table.issue({ expiresIn: 600 });
    await rotateKey(table.store, record.id, table.config, change, { grace: 60 });
    expect(await verify(key, NOW + 11)).toMatchObject({ end: NOW + 70 });
    const longer = await table.issue({ expiresIn: 600 });
    await rotateKey(table.store, longer.record.id, table.config, change, { grace: 6000 });
    expect(await verify(longer.key, NOW + 11)).toMatchObject({ end: NOW + 600 });
  });

  test("without a grace the old secret is refused at once", async () => {
    const { key, record } = await table.issue();
    const rotated = await rotateKey(table.store, record.id, table.config, change, { grace: 0 });
    expect(await verify(key, change.time)).toBe("key_secret_replaced");
    expect(await verify(rotated.key, change.time)).toHaveProperty("end");
  });

  test("the new secret is hashed with the newest pepper, and the old one is verified with its own", async () => {
    const { key, record } = await table.issue();
    const config = { ...table.config, peppers: table.config.peppers.toReversed() };
    const rotated = await rotateKey(table.store, record.id, config, change);
    expect(rotated.record).toMatchObject({ pepper: "old", previousPepper: "new" });
    expect(await verify(key, NOW + 11)).toHaveProperty("end");
    expect(await verify(rotated.key, NOW + 11)).toHaveProperty("end");
  });

  test("a pepper may be retired when the grace of its last secret has ended, and not before", async () => {
    const { key, record } = await table.issue();
    const config = { ...table.config, peppers: table.config.peppers.toReversed() };
    const rotated = await rotateKey(table.store, record.id, config, change, { grace: 60 });
    const retired = { ...config, peppers: config.peppers.filter(({ id }) => id === "old") };
    expect(await verify(key, NOW + 69, retired)).toBe("key_record_invalid");
    expect(await verify(key, NOW + 70, retired)).toBe("key_mismatch");
    expect(await verify(rotated.key, NOW + 69, retired)).toHaveProperty("end");
  });

  test("no secret is in the record", async () => {
    const { key, record } = await table.issue();
    const rotated = await rotateKey(table.store, record.id, table.config, change);
    const text = JSON.stringify(await table.store.get(record.id, new AbortController().signal));
    for (const secret of [key, rotated.key]) expect(text).not.toContain(secret.slice(25, 68));
    expect(rotated.key).toContain(`_${record.id}_`);
  });
});

describe("a rotation is refused", () => {
  test("for a revoked key", async () => {
    const { record } = await table.issue();
    await revokeKey(table.store, record.id, change);
    await expect(rotateKey(table.store, record.id, table.config, change)).rejects.toThrow("revoked for good");
  });

  test("while the secret before is in its grace, which a third one would end without a word", async () => {
    const { key, record } = await table.issue();
    await rotateKey(table.store, record.id, table.config, change, { grace: 60 });
    const again = (options: object) =>
      rotateKey(table.store, record.id, table.config, { ...change, time: NOW + 20 }, options);
    await expect(again({ grace: 60 })).rejects.toThrow("its previous secret is accepted until 2026");
    await again({ grace: 60, endsEarlierGrace: true });
    expect(await verify(key, NOW + 21)).toBe("key_mismatch");
    await again({ grace: 0 });
  });
});

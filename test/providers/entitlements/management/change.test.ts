import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generateApiKey } from "../../../../providers/api-key/format.ts";
import { dynamoDbEntitlements } from "../../../../providers/entitlements/dynamodb-store.ts";
import { itemOf } from "../../../../providers/entitlements/item.ts";
import { removeRecord } from "../../../../providers/entitlements/management/change.ts";
import {
  ChangeRefused,
  type EntitlementTable,
  VersionConflict,
} from "../../../../providers/entitlements/management/entitlement-table.ts";
import {
  disable,
  enable,
  revokeToken,
  revokeTokens,
  setEntitlements,
} from "../../../../providers/entitlements/management/entitlements.ts";
import type { EntitlementRecord } from "../../../../providers/entitlements/record.ts";
import { recordKey } from "../../../../providers/entitlements/record-key.ts";
import { CursorError } from "../../../../shared/infrastructure/dynamodb/cursor.ts";
import { NOW } from "../../../fixtures.ts";
import { LONG } from "../../../shared/infrastructure/dynamodb/faulty-database.ts";
import { ISSUER, subjectRecord } from "../fixture.ts";
import { createEntitlementTableFixture, type EntitlementTableFixture } from "../table-fixture.ts";

let fixture: EntitlementTableFixture;
let table: EntitlementTable;
beforeAll(async () => {
  fixture = await createEntitlementTableFixture();
  table = fixture.table;
});
afterAll(() => fixture.close());

let count = 0;
const newSubject = () => ({ kind: "subject", issuer: ISSUER, subject: `s${count++}` }) as const;
const newTenant = () => ({ kind: "tenant", tenant: `t${count++}` }) as const;
const newToken = () => ({ kind: "token", issuer: ISSUER, tokenId: `j${count++}` }) as const;
const change = { by: "carol", reason: "left the company", time: NOW };

describe("setEntitlements", () => {
  test("makes a record, and later changes what it is given and nothing else", async () => {
    const ref = newSubject();
    const { record } = await setEntitlements(table, ref, { roles: ["a", "a"], tenant: "acme" }, change);
    expect(record).toMatchObject({ ...ref, roles: ["a"], scopes: [], tenant: "acme", version: 1, createdAt: NOW });
    expect(record).toMatchObject({ changedBy: "carol", changeReason: "left the company" });
    await disable(table, ref, change);
    const second = await setEntitlements(table, ref, { scopes: ["read"], tenant: null }, { by: "bob", time: NOW + 1 });
    expect(second.record).toMatchObject({ roles: ["a"], scopes: ["read"], disabledSince: NOW, version: 3 });
    expect(second.record).not.toHaveProperty("tenant");
    expect(second.record).not.toHaveProperty("changeReason");
    expect(await table.get(ref)).toEqual(second.record);
  });

  test("writes nothing if nothing changes", async () => {
    const ref = newSubject();
    await setEntitlements(table, ref, { roles: ["a"] }, change);
    expect(await setEntitlements(table, ref, { roles: ["a"] }, change)).toMatchObject({
      isChanged: false,
      record: { version: 1 },
    });
  });

  test("refuses an issuer with a place for the tenant, which no token names", async () => {
    const ref = { kind: "subject", issuer: "https://login.microsoftonline.com/{tenantid}/v2.0", subject: "a" } as const;
    await expect(setEntitlements(table, ref, { roles: ["admin"] }, change)).rejects.toThrow("{tenantid}");
    await expect(disable(table, ref, change)).rejects.toThrow("{tenantid}");
  });

  test("refuses an API key, whose own record has its rights", async () => {
    const ref = { kind: "subject", issuer: "api-keys:live", subject: "partner" } as const;
    await expect(setEntitlements(table, ref, { roles: ["admin"] }, change)).rejects.toThrow(ChangeRefused);
  });

  test.each<[string, object]>([
    ["a scope with a space", { scopes: ["a b"] }],
    ["an empty role", { roles: [""] }],
    ["a role with a control character", { roles: ["a\u0007"] }],
    ["an unknown field", { role: ["a"] }],
    ["too many roles", { roles: Array.from({ length: 257 }, (_, index) => `r${index}`) }],
  ])("refuses %s", async (_what, update) => {
    await expect(setEntitlements(table, newSubject(), update, change)).rejects.toThrow();
  });

  test("refuses more roles and scopes than fit into an answer", async () => {
    const roles = Array.from({ length: 40 }, (_, index) => `${index}${"r".repeat(240)}`);
    await expect(setEntitlements(table, newSubject(), { roles }, change)).rejects.toThrow(ChangeRefused);
  });

  test("refuses a version that is not the table's, and a record where there should be none", async () => {
    const ref = newSubject();
    await setEntitlements(table, ref, { roles: ["a"] }, change, { expected: 0 });
    for (const expected of [0, 2]) {
      await expect(setEntitlements(table, ref, { roles: ["b"] }, change, { expected })).rejects.toThrow(
        VersionConflict,
      );
    }
    await setEntitlements(table, ref, { roles: ["b"] }, change, { expected: 1 });
  });
});

test.each<[string, string]>([
  ["with a line break at its end, as a script may read it", "alice\n"],
  ["with white space at its edges", " alice"],
  ["that is empty", ""],
  ["with half of a surrogate pair", "a\ud800"],
])("a subject %s is refused: nobody has it, so that its lockout would do nothing", async (_what, subject) => {
  await expect(disable(table, { kind: "subject", issuer: ISSUER, subject }, change)).rejects.toThrow();
});

const TOKEN = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJhbGljZSJ9", "c2lnbmF0dXJl"].join(".");

test("a whole token, or a key, is no name: it would stand in the table and in events", async () => {
  const { text: key } = generateApiKey("sp", "live");
  for (const name of [TOKEN, `Bearer ${TOKEN}`, key]) {
    await expect(revokeToken(table, { kind: "token", issuer: ISSUER, tokenId: name }, change)).rejects.toThrow();
    await expect(disable(table, { kind: "subject", issuer: ISSUER, subject: name }, change)).rejects.toThrow();
  }
});

describe("a lockout", () => {
  test.each([
    ["of a subject", newSubject()],
    ["of a tenant", newTenant()],
  ])("%s begins once, and ends by `enable`", async (_what, ref) => {
    expect((await disable(table, ref, change)).record).toMatchObject({ disabledSince: NOW, version: 1 });
    expect(await disable(table, ref, { ...change, time: NOW + 5 })).toMatchObject({
      isChanged: false,
      record: { disabledSince: NOW },
    });
    expect((await enable(table, ref, change)).record).not.toHaveProperty("disabledSince");
    expect(await enable(table, ref, change)).toMatchObject({ isChanged: false });
  });

  test("of nobody cannot be ended", async () => {
    await expect(enable(table, newSubject(), change)).rejects.toThrow("There is no such record.");
  });

  test("takes effect although somebody else changes the record at the same time", async () => {
    const ref = newSubject();
    await setEntitlements(table, ref, { roles: ["a"] }, change);
    const others = Array.from({ length: 3 }, (_, index) =>
      setEntitlements(table, ref, { roles: [`r${index}`] }, change).catch(() => {}),
    );
    await Promise.all([disable(table, ref, change), ...others]);
    expect(await table.get(ref)).toMatchObject({ disabledSince: NOW });
  });

  test("with a version takes effect for that version alone", async () => {
    const ref = newSubject();
    await setEntitlements(table, ref, { roles: ["a"] }, change);
    await expect(disable(table, ref, change, { expected: 2 })).rejects.toThrow(VersionConflict);
  });
});

describe("a revocation of tokens", () => {
  test("counts from the second after it: what is issued in the very second may be older", async () => {
    const ref = newSubject();
    expect((await revokeTokens(table, ref, change)).record).toMatchObject({ revokedBefore: NOW + 1 });
  });

  test("never goes back to an earlier instant", async () => {
    const ref = newTenant();
    await revokeTokens(table, ref, change);
    expect(await revokeTokens(table, ref, change, { before: NOW - 100 })).toMatchObject({
      isChanged: false,
      record: { revokedBefore: NOW + 1 },
    });
  });

  test("is refused for an instant in the future, which a lockout is for", async () => {
    await expect(revokeTokens(table, newSubject(), change, { before: NOW + 301 })).rejects.toThrow(ChangeRefused);
    await expect(revokeTokens(table, newSubject(), change, { before: 1.5 })).rejects.toThrow();
  });
});

describe("a revocation of one token", () => {
  test("may be repeated, and the later end counts", async () => {
    const ref = newToken();
    expect((await revokeToken(table, ref, change, { expiresAt: NOW + 10 })).record).toMatchObject({
      expiresAt: NOW + 10,
    });
    expect(await revokeToken(table, ref, change, { expiresAt: NOW + 5 })).toMatchObject({ isChanged: false });
    expect((await revokeToken(table, ref, change, { expiresAt: NOW + 20 })).record).toMatchObject({
      expiresAt: NOW + 20,
    });
    expect((await revokeToken(table, ref, change)).record).not.toHaveProperty("expiresAt");
    expect(await revokeToken(table, ref, change, { expiresAt: NOW + 30 })).toMatchObject({ isChanged: false });
  });
});

describe("a record", () => {
  test("that was removed is not there, and may be made anew", async () => {
    const ref = newSubject();
    await disable(table, ref, change);
    await expect(removeRecord(table, ref, change, { expected: 2 })).rejects.toThrow(VersionConflict);
    expect(await removeRecord(table, ref, change, { expected: 1 })).toMatchObject({ disabledSince: NOW });
    expect(await table.get(ref)).toBeUndefined();
    await expect(removeRecord(table, ref, change)).rejects.toThrow(VersionConflict);
  });

  test.each([
    ["a subject", newSubject()],
    ["a tenant", newTenant()],
  ])("of %s is emptied before it is removed, so that its stream tells by whom and why", async (_what, ref) => {
    await disable(table, ref, change);
    await revokeTokens(table, ref, change);
    if (ref.kind === "subject") await setEntitlements(table, ref, { roles: ["a"], tenant: "acme" }, change);
    const before = await table.get(ref);
    const puts: EntitlementRecord[] = [];
    const watched = {
      ...table,
      put: (...args: Parameters<typeof table.put>) => {
        puts.push(args[0]);
        return table.put(...args);
      },
    };
    const removal = { by: "dave", reason: "back again", time: NOW + 9 };
    expect(await removeRecord(watched, ref, removal)).toEqual(before);
    expect(puts).toMatchObject([{ ...ref, changedBy: "dave", changeReason: "back again", changedAt: NOW + 9 }]);
    for (const name of ["disabledSince", "revokedBefore"]) expect(puts[0]).not.toHaveProperty(name);
    if (ref.kind === "subject") expect(puts[0]).toMatchObject({ roles: [], scopes: [] });
    expect(await table.get(ref)).toBeUndefined();
  });

  test("that somebody locks out again while it is removed stays", async () => {
    const ref = newSubject();
    await setEntitlements(table, ref, { roles: ["a"] }, change);
    const slow = {
      ...table,
      async put(...args: Parameters<typeof table.put>) {
        await table.put(...args);
        await disable(table, ref, change);
      },
    };
    await expect(removeRecord(slow, ref, change)).rejects.toThrow(VersionConflict);
    expect(await table.get(ref)).toMatchObject({ disabledSince: NOW });
  });

  test("that was made anew with the same version is not taken for the one before", async () => {
    const ref = newSubject();
    const { record: first } = await disable(table, ref, change);
    await removeRecord(table, ref, change);
    await disable(table, ref, change);
    await expect(table.remove(first)).rejects.toThrow(VersionConflict);
    await expect(table.put({ ...first, version: 2, changeId: "other" }, first)).rejects.toThrow(VersionConflict);
  });

  test("whose write is repeated after a lost answer counts once", async () => {
    const ref = newSubject();
    const { record } = await disable(table, ref, change);
    await expect(table.put(record, undefined)).resolves.toBeUndefined();
    await table.remove(record);
    await expect(table.remove(record)).resolves.toBeUndefined();
  });

  test("that is damaged is trouble for a change, and can be removed", async () => {
    const ref = newSubject();
    const client = new DynamoDBClient({ endpoint: fixture.endpoint });
    const Item = { ...itemOf(subjectRecord(ref)), roles: { S: "admin" } };
    await client.send(new PutItemCommand({ TableName: fixture.name, Item }));
    await expect(disable(table, ref, change)).rejects.toThrow("entitlement_record_invalid");
    const { records } = await table.page({ issuer: ISSUER, kind: "subject" }, { limit: 1000 });
    expect(records).toContainEqual({ kind: "damaged", key: recordKey(ref) });
    expect(await table.removeDamaged(ref)).toBe(true);
    expect(await table.removeDamaged(ref)).toBe(false);
  });

  test("has no key or token in its reason", async () => {
    const secret = "x".repeat(60);
    const { record } = await disable(table, newSubject(), { ...change, reason: `found ${secret}` });
    expect(record.changeReason).toBe("found …");
  });
});

test("a decision reads what operators wrote, in one call of the real table", async () => {
  const [subject, tenant, token] = [newSubject(), newTenant(), newToken()];
  await setEntitlements(table, subject, { roles: ["a"] }, change);
  await disable(table, tenant, change);
  await revokeToken(table, token, change);
  const keys = [subject, tenant, token, newSubject()].map(recordKey);
  const { stored } = await dynamoDbEntitlements(fixture.name, LONG).read(keys, new AbortController().signal);
  expect([...stored.keys()]).toEqual(keys);
  expect([...stored.values()]).toMatchObject([
    { kind: "subject", roles: ["a"] },
    { kind: "tenant", disabledSince: NOW },
    { kind: "token" },
    undefined,
  ]);
});

describe("lists", () => {
  const pages = async (query: Parameters<EntitlementTable["page"]>[0], limit: number) => {
    const found = [];
    let cursor: string | undefined;
    do {
      const page = await table.page(query, { limit, ...(cursor !== undefined && { cursor }) });
      found.push(...page.records);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  };

  test("have the subjects of an issuer, or its tokens, the newest first, page by page", async () => {
    const issuer = "https://lists.example.com";
    for (let index = 0; index < 5; index++) {
      await disable(table, { kind: "subject", issuer, subject: `s${index}` }, { ...change, time: NOW + index });
      await revokeToken(table, { kind: "token", issuer, tokenId: `t${index}` }, { ...change, time: NOW + index });
    }
    const subjects = await pages({ issuer, kind: "subject" }, 2);
    expect(subjects.map((record) => "subject" in record && record.subject)).toEqual(["s4", "s3", "s2", "s1", "s0"]);
    const tokens = await pages({ issuer, kind: "token" }, 3);
    expect(tokens.map((record) => "tokenId" in record && record.tokenId)).toEqual(["t4", "t3", "t2", "t1", "t0"]);
    expect(await pages({ issuer: `${issuer}/`, kind: "subject" }, 2)).toEqual([]);
  });

  test("have what a tenant has: its own record, and its subjects", async () => {
    const ref = newTenant();
    await disable(table, ref, change);
    await setEntitlements(table, newSubject(), { tenant: ref.tenant }, { ...change, time: NOW + 1 });
    expect((await pages({ tenant: ref.tenant }, 1)).map(({ kind }) => kind)).toEqual(["subject", "tenant"]);
  });

  test("have everything by a scan", async () => {
    const all = await pages({ all: true }, 7);
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(["subject", "tenant", "token"]));
  });

  test("of records that do not fit into an answer have smaller pages, and all of them", async () => {
    const issuer = "https://large.example.com";
    const roles = Array.from({ length: 30 }, (_, index) => `${index}${"r".repeat(240)}`);
    for (let index = 0; index < 160; index++) {
      const ref = { kind: "subject", issuer, subject: `s${index}` } as const;
      await setEntitlements(table, ref, { roles }, { ...change, time: NOW + index });
    }
    expect(await pages({ issuer, kind: "subject" }, 1000)).toHaveLength(160);
  });

  test("take no cursor that they did not make", async () => {
    const { cursor = "" } = await table.page({ all: true }, { limit: 1 });
    await expect(table.page({ tenant: "acme" }, { cursor })).rejects.toThrow(CursorError);
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await expect(table.page({ tenant: "acme" }, { cursor: text })).rejects.toThrow(CursorError);
      }),
    );
  });
});

import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { pepperOf } from "../../../providers/api-key/hash.ts";
import { keyOptions } from "../../../providers/api-key/management/issue.ts";
import { keyRecord } from "../../../providers/api-key/record.ts";
import { configOf } from "../../fixtures.ts";

const mistakeIn = (options: object) => {
  const result = v.safeParse(keyOptions, { name: "Partner", ...options });
  return result.success ? undefined : result.issues[0].message;
};

test("a record without lists has none, and one in milliseconds is named as such", () => {
  const record = {
    ...{ id: "a", hash: new Uint8Array(32), pepper: "p", environment: "live", status: "active", name: "Partner" },
    createdAt: 1,
  };
  expect(v.parse(keyRecord, record)).toMatchObject({ scopes: [], roles: [], attributes: {} });
  const result = v.safeParse(keyRecord, { ...record, createdAt: 1e15 });
  expect(result.issues?.[0].message).toBe("seconds since the epoch, before the year 10000");
});

test("a key without options has no scope, no role, no address and no attribute", () => {
  expect(v.parse(keyOptions, { name: "Partner" })).toEqual({
    ...{ name: "Partner", scopes: [], roles: [], addresses: [], attributes: {}, metadata: {} },
  });
});

describe("a key is not issued, and the mistake is named, with", () => {
  test.each<[string, object, string]>([
    ["65 addresses", { addresses: Array.from({ length: 65 }, (_, n) => `192.0.2.${n}`) }, "up to 64 addresses"],
    ["an attribute called keyId", { attributes: { keyId: "x" } }, "names other than keyId"],
    ["an attribute of 1,025 characters", { attributes: { plan: "x".repeat(1025) } }, "texts of up to 1,024 characters"],
    ["an attribute that is not exact", { attributes: { level: 2 ** 53 } }, "a number that is exact in the table"],
    ["an attribute with half a character", { attributes: { plan: "a\ud800" } }, "text without lone surrogates"],
    ["a short usage key", { usageIdentifierKey: "x".repeat(19) }, "20 to 128 letters, digits, '-' or '_'"],
    ["a subject that ends with a space", { subject: "partner " }, "without white space at its edges"],
    ["a usage key with a space", { usageIdentifierKey: `${"x".repeat(20)} ${"x".repeat(20)}` }, "20 to 128 letters"],
    ["a long usage key", { usageIdentifierKey: "x".repeat(129) }, "20 to 128 letters"],
    ["a name with a line break", { name: "a\nb" }, "text of 1 to 256 characters without control characters"],
    ["a scope with a space", { scopes: ["a b"] }, "a scope: printable ASCII without spaces, quotes and backslashes"],
    ["attributes in a list", { attributes: ["gold"] }, "values by their names"],
    ["no time", { expiresIn: 0 }, ">=1"],
  ])("%s", (_, options, mistake) => {
    expect(mistakeIn(options)).toContain(mistake);
  });

  test("but is with what just fits", () => {
    const addresses = Array.from({ length: 64 }, (_, n) => `192.0.2.${n}`);
    expect(mistakeIn({ addresses, attributes: { plan: "x".repeat(1024) }, expiresIn: 1 })).toBeUndefined();
    for (const length of [20, 128]) expect(mistakeIn({ usageIdentifierKey: "x".repeat(length) })).toBeUndefined();
  });
});

test("a pepper has 16 bytes or more", async () => {
  const { apiKeys } = configOf({
    apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] },
  });
  if (!apiKeys) throw new Error("no section");
  vi.stubEnv("PEPPER", "x".repeat(15));
  await expect(pepperOf("p1", apiKeys).current()).rejects.toThrow("secret_unavailable");
  const again = structuredClone(apiKeys);
  vi.stubEnv("PEPPER", "x".repeat(16));
  expect((await pepperOf("p1", again).current()).symmetricKeySize).toBe(16);
});

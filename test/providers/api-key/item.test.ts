import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Item, itemOf, recordOf } from "../../../providers/api-key/item.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import { isExactNumber } from "../../../shared/infrastructure/dynamodb/attribute-value.ts";
import { dayBuckets } from "../../../shared/infrastructure/dynamodb/day-buckets.ts";
import { NOW } from "../../fixtures.ts";

const RECORD: KeyRecord = {
  id: "8J2kQp0vXnYd3RtL",
  hash: new Uint8Array(32).fill(7),
  pepper: "p1",
  environment: "live",
  status: "active",
  name: "Partner",
  subject: "partner-1",
  tenant: "acme",
  scopes: ["orders:read"],
  roles: ["batch"],
  addresses: ["192.0.2.0/24"],
  attributes: { plan: "gold", level: 3, share: 0.25, trial: false },
  usageIdentifierKey: "u".repeat(20),
  createdAt: NOW,
  expiresAt: NOW + 600,
  owner: "team-a",
  metadata: { ticket: "T-1" },
  version: 3,
  changeId: "c1",
  createdBy: "alice",
  changedAt: NOW + 5,
  changedBy: "bob",
  changeReason: "rotated",
  rotatedAt: NOW + 5,
  revokedAt: NOW + 6,
  revokedBy: "carol",
  revokeReason: "leaked",
  previousHash: new Uint8Array(32).fill(9),
  previousPepper: "p0",
  previousUntil: NOW + 300,
};

/** The record with one attribute added or replaced, or the reason why it is invalid. */
function read(name: string, value: AttributeValue): KeyRecord | string {
  try {
    return recordOf(RECORD.id, { ...itemOf(RECORD), [name]: value });
  } catch (error) {
    return (error as Error).message;
  }
}
const inAttributes = (name: string, value: AttributeValue) =>
  read("attributes", { M: Object.fromEntries([[name, value]]) });

test("reads a record back as it was written", () => {
  expect(recordOf(RECORD.id, itemOf(RECORD))).toEqual(RECORD);
});

test("a record without an end, and one whose time to live is its very end, are records", () => {
  const { expiresAt: _, ...endless } = RECORD;
  expect(recordOf(RECORD.id, itemOf(endless))).toEqual(endless);
  expect(read("ttl", { N: String(NOW + 600) })).toEqual(RECORD);
});

test("the table deletes a record 30 days after its end, and one without an end never", () => {
  for (const expiresAt of [NOW, NOW + 1, NOW + 600, NOW + 1e9]) {
    expect(itemOf({ ...RECORD, expiresAt }).ttl).toEqual({ N: String(expiresAt + 2_592_000) });
  }
  const { expiresAt: _, ...endless } = RECORD;
  expect(itemOf(endless)).not.toHaveProperty("ttl");
  expect(itemOf({ ...endless, expiresAt: undefined })).not.toHaveProperty("ttl");
});

test("a record of more addresses and longer texts than a key is issued with today is read as ever", () => {
  const addresses = Array.from({ length: 256 }, (_, index) => `192.0.2.${index}/32`);
  const long = { ...RECORD, addresses, attributes: { plan: "x".repeat(4096) } };
  expect(recordOf(RECORD.id, itemOf(long))).toEqual(long);
});

test("a record of before there were versions, owners and indexes is read as ever, and is the first version", () => {
  const { id, hash, pepper, environment, status, name, scopes, roles, attributes, createdAt, expiresAt } = RECORD;
  const old = { id, hash, pepper, environment, status, name, scopes, roles, attributes, createdAt, expiresAt };
  const { expiryBucket: _, ...item } = itemOf(old as KeyRecord);
  expect(recordOf(id, item)).toEqual(old);
  expect(versionOf(recordOf(id, item))).toBe(1);
});

test("ends of one day are spread over the partitions of the day", () => {
  const days = dayBuckets(NOW + 600);
  const used = Array.from("ABCDEFGHIJKL", (last) => {
    const { expiryBucket } = itemOf({ ...RECORD, id: `8J2kQp0vXnYd3Rt${last}` });
    return expiryBucket?.S ?? "";
  });
  expect(days).toEqual(expect.arrayContaining(used));
  expect(new Set(used).size).toBe(days.length);
});

test("reads a string set as a list", () => {
  expect(read("scopes", { SS: ["a", "b"] })).toMatchObject({ scopes: ["a", "b"] });
});

describe("refuses a record with", () => {
  const names = Object.keys(itemOf(RECORD)).filter((name) => name !== "pk");
  const types: [string, AttributeValue][] = [
    ["NULL", { NULL: true }],
    ["a set of numbers", { NS: ["1"] }],
    ["a set of bytes", { BS: [new Uint8Array(32)] }],
    ["an unknown type", { $unknown: ["Z", "1"] }],
    ["no type", {} as AttributeValue],
    ["two types", { S: "a", N: "1" } as never],
  ];
  test.each(types)("%s in place of any attribute", (_type, value) => {
    for (const name of names) expect([name, read(name, value)]).toEqual([name, "key_record_invalid"]);
    expect(inAttributes("plan", value)).toBe("key_record_invalid");
    expect(read("scopes", { L: [{ S: "a" }, value] })).toBe("key_record_invalid");
  });

  test.each<[string, string, AttributeValue]>([
    ["an expiry in milliseconds", "expiresAt", { N: String((NOW + 600) * 1000) }],
    ["an expiry in the year 10000", "expiresAt", { N: "253402300800" }],
    ["a negative expiry", "expiresAt", { N: "-1" }],
    ["an expiry with a fraction", "expiresAt", { N: "1.5" }],
    ["an expiry as text", "expiresAt", { S: String(NOW) }],
    ["an expiry as a boolean", "expiresAt", { BOOL: false }],
    ["a creation time in milliseconds", "createdAt", { N: String(NOW * 1000) }],
    ["a time to live that is not a number", "ttl", { S: "never" }],
    ["an empty list of addresses", "addresses", { L: [] }],
    ["an invalid address", "addresses", { L: [{ S: "10/8" }] }],
    ["addresses as one text", "addresses", { S: "10.0.0.0/8" }],
    ["a scope with a space", "scopes", { L: [{ S: "a b" }] }],
    ["a role with a control character", "roles", { L: [{ S: "a\nb" }] }],
    ...["tenant", "subject", "name", "pepper", "environment", "usageIdentifierKey"].map(
      (name): [string, string, AttributeValue] => [`a lone surrogate in ${name}`, name, { S: "a\ud800" }],
    ),
    ["a lone surrogate in a role", "roles", { L: [{ S: "a\ud800" }] }],
    ["a lone surrogate in an attribute", "attributes", { M: { plan: { S: "a\ud800" } } }],
    ["attributes that are a list", "attributes", { L: [] }],
    ["attributes that are bytes", "attributes", { B: new Uint8Array() }],
  ])("%s", (_what, name, value) => {
    expect(read(name, value)).toBe("key_record_invalid");
  });

  test.each(["previousHash", "previousPepper", "previousUntil"])("a previous secret without its %s", (name) => {
    const { [name]: _, ...item } = itemOf(RECORD);
    expect(() => recordOf(RECORD.id, item)).toThrow("key_record_invalid");
  });

  test("a partition of the index of ends that is not that of its end", () => {
    expect(read("expiryBucket", { S: `${new Date((NOW + 600) * 1000).toISOString().slice(0, 10)}#9` })).toBe(
      "key_record_invalid",
    );
    const { expiresAt: _, ttl: __, ...item } = itemOf(RECORD);
    expect(() => recordOf(RECORD.id, item)).toThrow("key_record_invalid");
  });

  test("none: a revoked record without a time to live, or with that of before", () => {
    const revoked = { ...RECORD, status: "revoked" } as const;
    const { ttl } = itemOf(RECORD);
    expect(itemOf(revoked)).not.toHaveProperty("ttl");
    expect(recordOf(RECORD.id, itemOf(revoked))).toEqual(revoked);
    expect(recordOf(RECORD.id, { ...itemOf(revoked), ttl } as Item)).toEqual(revoked);
  });

  test.each<[string, Partial<Item>, readonly string[]]>([
    ["a time to live and no end", {}, ["expiresAt"]],
    ["an end and no time to live", {}, ["ttl"]],
    ["a time to live before its end", { ttl: { N: String(NOW + 599) } }, []],
    ["a beginning after its end", { createdAt: { N: String(NOW + 601) } }, []],
  ])("%s", (_what, changed, missing) => {
    const item = Object.fromEntries(
      Object.entries({ ...itemOf(RECORD), ...changed }).filter(([name]) => !missing.includes(name)),
    ) as Item;
    expect(() => recordOf(RECORD.id, item)).toThrow("key_record_invalid");
  });

  test.each([
    "tenant",
    "reason",
    "subject",
    "principalId",
    "a-b",
    "1a",
    "",
    "a".repeat(65),
    "constructor",
    "prototype",
    "__proto__",
  ])("an attribute with the invalid name %j", (name) => {
    expect(inAttributes(name, { S: "x" })).toBe("key_record_invalid");
  });

  test.each([
    "9007199254740993",
    "9007199254740992",
    "-1e20",
    "0.12345678901234567891",
    "1e125",
    "",
    "NaN",
    "0x10",
    "1e-131",
    "Infinity",
    " 1",
    "1 ",
    "+1",
    "1.",
    ".5",
  ])("the number %j, which JavaScript would round", (text) => {
    expect(inAttributes("level", { N: text })).toBe("key_record_invalid");
  });
});

test.each([
  ["9007199254740991", 9007199254740991],
  ["1E+2", 100],
  ["-0.50", -0.5],
  ["0.0000001", 1e-7],
  ["0", 0],
  ["0.0", 0],
  ["120", 120],
  ["1203.040", 1203.04],
  ["1e2", 100],
  ["5e-1", 0.5],
  ["1e-130", 1e-130],
])("reads the number %j as %d", (text, value) => {
  expect(inAttributes("level", { N: text })).toMatchObject({ attributes: { level: value } });
});

test("a number is exact unless DynamoDB or JavaScript would round it", () => {
  for (const value of [0, -0, 3, -3.5, 1e-130, 2 ** 53 - 1]) expect(isExactNumber(value), String(value)).toBe(true);
  for (const value of [2 ** 53, 1e-131, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(isExactNumber(value), String(value)).toBe(false);
  }
});

test("a value of a type that a record does not have is damaged, and a type without a value is none", () => {
  expect(inAttributes("plan", { S: "gold", NULL: undefined } as never)).toMatchObject({ attributes: { plan: "gold" } });
  expect(inAttributes("plan", { S: "gold", NULL: true } as never)).toBe("key_record_invalid");
  expect(inAttributes("plan", { NS: ["1"] })).toBe("key_record_invalid");
});

test("a record may end in the second in which it begins", () => {
  expect(read("createdAt", { N: String(NOW + 600) })).toMatchObject({ createdAt: NOW + 600 });
});

test("every number that a record may hold comes back exactly", () => {
  const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1e6, max: 1e6 }));
  fc.assert(
    fc.property(number, (value) => {
      fc.pre(Number.isInteger(value) || Math.abs(value) >= 1e-130);
      const item: Item = itemOf({ ...RECORD, attributes: { value } });
      expect(recordOf(RECORD.id, item).attributes.value).toBe(value === 0 ? 0 : value);
    }),
  );
});

import { describe, expect, test } from "vitest";
import { checkPattern, matches } from "../../../local/cloud/bus/event-pattern.ts";

/** Event patterns, as EventBridge documents them. */

const EVENT = {
  source: "sallyport",
  "detail-type": "KeyRevoked",
  resources: ["key/a", "key/b"],
  detail: {
    ...{ id: "a", count: 3, price: 1.5, live: true, gone: null, empty: "", address: "10.0.0.7", list: [] },
    key: { owner: "Partner Ltd", version: 12, scopes: ["orders:read", "orders:write"] },
    parts: [
      { name: "one", size: 1 },
      { name: "two", size: 2 },
    ],
  },
};

const detail = (pattern: object) => ({ detail: pattern });

const CASES: readonly [boolean, string, object][] = [
  [true, "an exact value", { source: ["sallyport"] }],
  [false, "another value", { source: ["other"] }],
  [true, "one of several values", { source: ["other", "sallyport"] }],
  [true, "all of several fields", { source: ["sallyport"], "detail-type": ["KeyRevoked"] }],
  [false, "only one of several fields", { source: ["sallyport"], "detail-type": ["KeyIssued"] }],
  [true, "one value of a list", { resources: ["key/b"] }],
  [false, "no value of a list", { resources: ["key/c"] }],
  [true, "a number", detail({ count: [3] })],
  [false, "a number for a text", detail({ id: [3] })],
  [false, "a text for a number", detail({ count: ["3"] })],
  [true, "true", detail({ live: [true] })],
  [true, "null", detail({ gone: [null] })],
  [false, "null for an absent field", detail({ none: [null] })],
  [true, "an empty text", detail({ empty: [""] })],
  [true, "a deep field", detail({ key: { version: [12] } })],
  [false, "a field of a text", detail({ id: { deep: ["a"] } })],
  [true, "a prefix", detail({ key: { owner: [{ prefix: "Part" }] } })],
  [false, "a prefix in another case", detail({ key: { owner: [{ prefix: "part" }] } })],
  [true, "a prefix in any case", detail({ key: { owner: [{ prefix: { "equals-ignore-case": "part" } }] } })],
  [true, "a suffix", detail({ key: { owner: [{ suffix: "Ltd" }] } })],
  [false, "another suffix", detail({ key: { owner: [{ suffix: "GmbH" }] } })],
  [true, "a text in any case", detail({ key: { owner: [{ "equals-ignore-case": "PARTNER LTD" }] } })],
  [true, "a wildcard", detail({ key: { owner: [{ wildcard: "P*r*td" }] } })],
  [false, "a wildcard in the whole text only", detail({ key: { owner: [{ wildcard: "artner*" }] } })],
  [false, "a dot as itself in a wildcard", detail({ key: { owner: [{ wildcard: "Partner.Ltd" }] } })],
  [true, "anything but a value", detail({ id: [{ "anything-but": "b" }] })],
  [false, "anything but the value", detail({ id: [{ "anything-but": ["b", "a"] }] })],
  [true, "anything but a number", detail({ count: [{ "anything-but": [4, 5] }] })],
  [false, "anything but, for an absent field", detail({ none: [{ "anything-but": "b" }] })],
  [false, "anything but a prefix", detail({ id: [{ "anything-but": { prefix: "a" } }] })],
  [true, "anything but suffixes", detail({ id: [{ "anything-but": { suffix: ["b", "c"] } }] })],
  [false, "anything but a text in any case", detail({ id: [{ "anything-but": { "equals-ignore-case": ["A"] } }] })],
  [true, "anything but a wildcard", detail({ id: [{ "anything-but": { wildcard: "b*" } }] })],
  [true, "a field that exists", detail({ id: [{ exists: true }] })],
  [true, "a field that does not exist", detail({ none: [{ exists: false }] })],
  [false, "a field that exists and should not", detail({ id: [{ exists: false }] })],
  [false, "an object as an existing field", detail({ key: [{ exists: true }] })],
  [true, "absent, or a value", detail({ none: [{ exists: false }, "a"] })],
  [true, "a deep field that does not exist", detail({ none: { deep: [{ exists: false }] } })],
  [true, "a number within bounds", detail({ price: [{ numeric: [">", 1, "<=", 1.5] }] })],
  [false, "a number at its bound", detail({ price: [{ numeric: ["<", 1.5] }] })],
  [true, "an equal number", detail({ count: [{ numeric: ["=", 3] }] })],
  [false, "a text as a number", detail({ id: [{ numeric: ["=", 3] }] })],
  [true, "an address in a network", detail({ address: [{ cidr: "10.0.0.0/24" }] })],
  [false, "an address outside of a network", detail({ address: [{ cidr: "10.0.1.0/24" }] })],
  [false, "an address of another kind", detail({ address: [{ cidr: "2001:db8::/32" }] })],
  [false, "a text that is no address", detail({ id: [{ cidr: "10.0.0.0/8" }] })],
  [true, "one of two patterns", { $or: [{ source: ["other"] }, detail({ id: ["a"] })] }],
  [false, "neither of two patterns", { $or: [{ source: ["other"] }, detail({ id: ["b"] })] }],
  [
    false,
    "one of two patterns without the rest",
    { source: ["other"], $or: [{ source: ["x"] }, detail({ id: ["a"] })] },
  ],
  [true, "one of two patterns inside", detail({ $or: [{ id: ["b"] }, { count: [3] }] })],
  [true, "one object of a list", detail({ parts: { name: ["two"], size: [2] } })],
  [false, "parts of two objects of a list", detail({ parts: { name: ["one"], size: [2] } })],
];

test.each(CASES)("%s: %s", (expected, _, pattern) => {
  checkPattern(pattern, "Rule");
  expect(matches(pattern, EVENT)).toBe(expected);
});

describe("is refused at the start", () => {
  test.each<[string, unknown]>([
    ["no object", ["sallyport"]],
    ["an empty object", {}],
    ["an empty object inside", { detail: {} }],
    ["a value without a list", { source: "sallyport" }],
    ["an empty list", { source: [] }],
    ["an unknown operator", { source: [{ contains: "sally" }] }],
    ["a member of every object as an operator", { source: [{ toString: "sally" }] }],
    ["two operators in one", { source: [{ prefix: "a", suffix: "b" }] }],
    ["an operator with a wrong argument", { source: [{ prefix: 1 }] }],
    ["anything but nothing", { source: [{ "anything-but": [] }] }],
    ["anything but an unknown operator", { source: [{ "anything-but": { numeric: ["=", 1] } }] }],
    ["an unknown comparison", { detail: { count: [{ numeric: ["~", 1] }] } }],
    ["half a comparison", { detail: { count: [{ numeric: [">"] }] } }],
    ["what is no network", { detail: { address: [{ cidr: "10.0.0.0" }] } }],
    ["an unknown operator in one of two patterns", { $or: [{ source: [{ like: "a" }] }, { source: ["b"] }] }],
    ["a list in a list", { source: [["sallyport"]] }],
  ])("%s", (_, pattern) => {
    expect(() => checkPattern(pattern, "Rule")).toThrow("Rule");
  });
});

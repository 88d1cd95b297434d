import { describe, expect, test } from "vitest";
import { eventsOf } from "../../../functions/key-events/events-of.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { NOW } from "../../fixtures.ts";
import { changed, RECORD, streamRecord } from "./stream-record.ts";

type Fields = { readonly [Name in keyof KeyRecord]?: KeyRecord[Name] | undefined };

const only = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<KeyRecord>;
function flushes(before: Fields, fields: Fields): boolean {
  const old = only({ ...RECORD, ...before }) as KeyRecord;
  const after = only({ ...changed(old, {}), ...fields }) as KeyRecord;
  return eventsOf(streamRecord({ before: old, after })).needsFlush;
}

const NEW = { hash: new Uint8Array(32).fill(8), pepper: "pepper-2", rotatedAt: NOW };
const rotated = (grace: number) => ({
  ...NEW,
  ...{ previousHash: RECORD.hash, previousPepper: RECORD.pepper, previousUntil: NOW + grace },
});
const OLDER = { previousHash: new Uint8Array(32).fill(6), previousPepper: "pepper-0" };
const HOUR = 3600;

describe("the caches are flushed", () => {
  test.each<[string, Fields, Fields]>([
    ["a revocation", {}, { status: "revoked" }],
    ["a revocation of a disabled key", { status: "disabled" }, { status: "revoked" }],
    ["a disabling", {}, { status: "disabled" }],
    ["a rotation at once", {}, rotated(0)],
    ["a rotation whose grace ends while policies of before may be cached", {}, rotated(HOUR)],
    ["a new secret without a previous one, by hand", {}, NEW],
    ["another pepper, by hand, with which no secret is right", {}, { pepper: "pepper-2" }],
    [
      "another pepper of the previous secret, by hand",
      { ...OLDER, previousUntil: NOW + 9 * HOUR },
      { ...OLDER, previousUntil: NOW + 9 * HOUR, previousPepper: "pepper-2" },
    ],
    ["a grace that ends early", { ...OLDER, previousUntil: NOW + 9 * HOUR }, { ...OLDER, previousUntil: NOW }],
    [
      "a previous secret that is removed in its grace",
      { ...OLDER, previousUntil: NOW + 9 * HOUR },
      { previousHash: undefined, previousPepper: undefined, previousUntil: undefined },
    ],
    ["a third secret in the grace of the first", { ...OLDER, previousUntil: NOW + 60 }, rotated(9 * HOUR)],
    ["a lost scope", {}, { scopes: ["orders:read"] }],
    ["a new scope, by which a rule may deny", {}, { scopes: [...RECORD.scopes, "x"] }],
    ["a lost role", {}, { roles: [] }],
    ["a lost range of addresses", {}, { addresses: ["192.0.2.0/24"] }],
    ["the first range of addresses", { addresses: undefined }, { addresses: ["192.0.2.0/24"] }],
    ["an earlier end", { expiresAt: NOW + 9 * HOUR }, { expiresAt: NOW + HOUR }],
    ["a first end", {}, { expiresAt: NOW + 60 }],
    ["another tenant", {}, { tenant: "other" }],
    ["no tenant", {}, { tenant: undefined }],
    ["another subject", {}, { subject: "other" }],
    ["other attributes, which backends read", {}, { attributes: {} }],
    ["another usage identifier", {}, { usageIdentifierKey: "u".repeat(20) }],
  ])("after %s", (_, before, fields) => expect(flushes(before, fields)).toBe(true));
});

describe("the caches are left alone", () => {
  test.each<[string, Fields, Fields]>([
    ["an enabling", { status: "disabled" }, { status: "active" }],
    ["a change of a disabled key", { status: "disabled" }, { scopes: [] }],
    ["a change of a revoked key", { status: "revoked" }, { scopes: [] }],
    ["a revocation that is repeated", { status: "revoked" }, { status: "revoked" }],
    ["a rotation whose grace is longer than any cache", {}, rotated(2 * HOUR)],
    ["a rotation after the grace of the one before", { ...OLDER, previousUntil: NOW - 60 }, rotated(2 * HOUR)],
    ["a further range of addresses", {}, { addresses: [...(RECORD.addresses ?? []), "203.0.113.0/24"] }],
    ["no addresses any more", {}, { addresses: undefined }],
    ["the same scopes in another order", {}, { scopes: RECORD.scopes.toReversed() }],
    ["a later end", { expiresAt: NOW + 60 }, { expiresAt: NOW + HOUR }],
    ["no end any more", { expiresAt: NOW + 60 }, { expiresAt: undefined }],
    ["an end that is later than any cache", {}, { expiresAt: NOW + 2 * HOUR }],
    ["another name, owner and other metadata", {}, { name: "x", owner: "y", metadata: { a: "b" } }],
  ])("after %s", (_, before, fields) => expect(flushes(before, fields)).toBe(false));

  test("after an issue", () => expect(eventsOf(streamRecord({ after: RECORD })).needsFlush).toBe(false));
});

describe("a deletion", () => {
  test.each<[string, Fields, boolean]>([
    ["of an active key flushes", {}, true],
    ["of a key that has not ended flushes", { expiresAt: NOW + 1 }, true],
    ["of a key that has ended does not", { expiresAt: NOW }, false],
    ["of a disabled key does not", { status: "disabled" }, false],
    ["of a revoked key does not", { status: "revoked" }, false],
  ])("%s", (_, fields, expected) => {
    const before = only({ ...RECORD, ...fields }) as KeyRecord;
    expect(eventsOf(streamRecord({ before })).needsFlush).toBe(expected);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Item, itemOf, recordOf } from "../../../providers/entitlements/item.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import { NOW } from "../../fixtures.ts";
import { anyEntitlement } from "./any-entitlement.ts";
import { subjectRecord, tenantRecord, tokenRecord } from "./fixture.ts";

const INVALID = expect.objectContaining({ reason: "entitlement_record_invalid" });

test("any record is read back as it was written", () => {
  fc.assert(
    fc.property(anyEntitlement, (record) => {
      expect(recordOf(recordKey(record), itemOf(record))).toEqual(record);
    }),
  );
});

describe("an item is damaged, and decides nothing,", () => {
  const damaged = (record: EntitlementRecord, change: Item) =>
    recordOf(recordKey(record), { ...itemOf(record), ...change });
  const own = subjectRecord({ roles: ["admin"] });

  test.each<[string, EntitlementRecord, Item]>([
    ["if it is a copy of another subject's", own, { subject: { S: "mallory" } }],
    ["if it is a copy of another issuer's", own, { issuer: { S: "https://other.example.com" } }],
    ["if it has the partition key of another record", own, { pk: { S: recordKey(tenantRecord()) } }],
    ["if it says that it is of another kind", own, { kind: { S: "tenant" } }],
    ["if it stands in the index of another issuer", own, { issuerKey: { S: "x" } }],
    ["if its role is empty", own, { roles: { L: [{ S: "" }] } }],
    ["if its roles are a set, whose order nobody wrote", own, { roles: { NS: ["1"] } }],
    ["if its roles are a text", own, { roles: { S: "admin" } }],
    ["if its scope has a space, so that it would be two", own, { scopes: { L: [{ S: "orders read" }] } }],
    ["if its scope has lone surrogates", own, { scopes: { L: [{ S: "a\ud800" }] } }],
    ["if its tenant is null, which is not absent", own, { tenant: { NULL: true } }],
    ["if its disabledSince is a text", own, { disabledSince: { S: "yesterday" } }],
    ["if its disabledSince is null", own, { disabledSince: { NULL: true } }],
    ["if its revokedBefore is in milliseconds", own, { revokedBefore: { N: String(NOW * 1000) } }],
    ["if its revokedBefore has a fraction", own, { revokedBefore: { N: "1772445600.5" } }],
    ["if its revokedBefore would be rounded", own, { revokedBefore: { N: "12345678901234567890" } }],
    ["if its revokedBefore is negative", own, { revokedBefore: { N: "-1" } }],
    ["if a misspelt attribute may have meant a lockout", own, { disabledsince: { N: String(NOW) } }],
    ["if a subject's record would be deleted by its time to live", own, { ttl: { N: String(NOW) } }],
    ["if a lockout would be deleted by its time to live", tenantRecord(), { ttl: { N: String(NOW) } }],
    ["if a token's record is deleted before its end", tokenRecord({ expiresAt: NOW }), { ttl: { N: String(NOW - 1) } }],
    ["if a token's record that stays has a time to live", tokenRecord(), { ttl: { N: String(NOW) } }],
  ])("%s", (_what, record, change) => {
    expect(() => damaged(record, change)).toThrow(INVALID);
  });

  test("if it lacks a member that every record has", () => {
    for (const record of [own, tokenRecord(), tenantRecord()]) {
      for (const name of Object.keys(itemOf(record)).filter((each) => each !== "roles" && each !== "scopes")) {
        const { [name]: _, ...rest } = itemOf(record);
        expect(() => recordOf(recordKey(record), rest), name).toThrow(INVALID);
      }
    }
  });
});

test("the revocation of a token is kept for a day after the token has ended", () => {
  expect(itemOf(tokenRecord({ expiresAt: NOW }))).toMatchObject({ ttl: { N: String(NOW + 86_400) } });
  expect(itemOf(tokenRecord())).not.toHaveProperty("ttl");
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindOfKey, type RecordRef, recordKey } from "../../../providers/entitlements/record-key.ts";

/** Names that meet each other at separators, quotes, prototypes and the ends of Unicode. */
const awkward = fc.oneof(
  fc.constantFrom("", "a", "#", "|", '"', '","', "\\", "__proto__", "constructor", "\u0000", "SUBJECT#", "a|b", "é"),
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 1, maxLength: 2048, unit: "grapheme" }),
);
const anyRef: fc.Arbitrary<RecordRef> = fc.oneof(
  fc.record({ kind: fc.constant("subject" as const), issuer: awkward, subject: awkward }),
  fc.record({ kind: fc.constant("token" as const), issuer: awkward, tokenId: awkward }),
  fc.record({ kind: fc.constant("tenant" as const), tenant: awkward }),
);

const partsOf = (ref: RecordRef) => JSON.stringify(Object.entries(ref).sort());

describe("the key of a record", () => {
  test("is that of no other record", () => {
    fc.assert(
      fc.property(anyRef, anyRef, (one, other) => {
        expect(recordKey(one) === recordKey(other)).toBe(partsOf(one) === partsOf(other));
      }),
    );
  });

  test.each<[string, RecordRef, RecordRef]>([
    [
      "a separator that moves from the issuer to the subject",
      { kind: "subject", issuer: "https://id.example.com|a", subject: "b" },
      { kind: "subject", issuer: "https://id.example.com", subject: "a|b" },
    ],
    [
      "quotes and commas that look like the end of a text",
      { kind: "subject", issuer: 'a","b', subject: "c" },
      { kind: "subject", issuer: "a", subject: 'b","c' },
    ],
    [
      "a token with the name of a subject",
      { kind: "subject", issuer: "a", subject: "b" },
      { kind: "token", issuer: "a", tokenId: "b" },
    ],
    [
      "letters that look alike",
      { kind: "subject", issuer: "a", subject: "\u00e9" },
      { kind: "subject", issuer: "a", subject: "e\u0301" },
    ],
  ])("tells apart %s", (_what, one, other) => {
    expect(recordKey(one)).not.toBe(recordKey(other));
  });

  test("fits into DynamoDB's 2,048 bytes, however long the issuer and the subject are, and says its kind", () => {
    fc.assert(
      fc.property(anyRef, (ref) => {
        expect(recordKey(ref)).toMatch(/^(SUBJECT|TOKEN|TENANT)#[\w-]{43}$/);
        expect(kindOfKey(recordKey(ref))).toBe(ref.kind);
      }),
    );
    expect(kindOfKey("KEY#a")).toBeUndefined();
  });
});

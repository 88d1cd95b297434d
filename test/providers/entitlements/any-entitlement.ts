import fc from "fast-check";
import * as v from "valibot";
import { type EntitlementRecord, entitlementRecord } from "../../../providers/entitlements/record.ts";
import { NOW } from "../../fixtures.ts";

const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
const time = fc.integer({ min: NOW - 1_000_000, max: NOW });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const bookkeeping = {
  version: fc.integer({ min: 1, max: 1_000_000 }),
  changeId: word,
  createdAt: time,
  changedAt: time,
  changedBy: word,
  changeReason: optional(word),
};
const lockout = { disabledSince: optional(time), revokedBefore: optional(time) };

/** Any record of the table of entitlements. */
export const anyEntitlement: fc.Arbitrary<EntitlementRecord> = fc
  .oneof(
    fc.record({
      kind: fc.constant("subject"),
      issuer: word,
      subject: word,
      roles: fc.array(word, { maxLength: 4 }),
      scopes: fc.array(fc.stringMatching(/^[a-z:]{1,12}$/), { maxLength: 4 }),
      tenant: optional(word),
      ...lockout,
      ...bookkeeping,
    }),
    fc.record({
      kind: fc.constant("token"),
      issuer: word,
      tokenId: word,
      expiresAt: optional(fc.integer({ min: NOW, max: NOW + 1_000_000 })),
      ...bookkeeping,
    }),
    fc.record({ kind: fc.constant("tenant"), tenant: word, ...lockout, ...bookkeeping }),
  )
  .map((record) =>
    v.parse(entitlementRecord, Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))),
  );

import fc from "fast-check";
import * as v from "valibot";
import { type KeyRecord, keyRecord } from "../../../providers/api-key/record.ts";
import { NOW } from "../../fixtures.ts";

/** Any record of a key. What must not leave the table can be recognised: `secretsOf`. */
export function anyRecord(fixed: Partial<KeyRecord> = {}): fc.Arbitrary<KeyRecord> {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme-ascii" });
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const key = fc.constantFrom("plan", "level", "region");
  const time = fc.integer({ min: NOW - 1_000_000, max: NOW });
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  return fc
    .record({
      id: fc.stringMatching(/^[A-Za-z0-9]{16}$/),
      hash,
      pepper: marked("pepper"),
      environment: fc.constantFrom("live", "test"),
      status: fc.constantFrom("active" as const, "disabled" as const, "revoked" as const),
      name,
      subject: optional(name),
      tenant: optional(name),
      owner: optional(name),
      scopes: fc.array(word, { maxLength: 4 }),
      roles: fc.array(name, { maxLength: 4 }),
      addresses: optional(fc.array(fc.ipV4(), { minLength: 1, maxLength: 3 })),
      attributes: fc.dictionary(key, marked("attribute"), { maxKeys: 3, noNullPrototype: true }),
      metadata: optional(fc.dictionary(key, name, { maxKeys: 3, noNullPrototype: true })),
      usageIdentifierKey: optional(marked("usage")),
      createdAt: fc.integer({ min: NOW - 2_000_000, max: NOW - 1_000_000 }),
      createdBy: optional(name),
      expiresAt: optional(fc.integer({ min: NOW, max: NOW + 10_000_000 })),
      version: optional(fc.integer({ min: 1, max: 1_000_000 })),
      changeId: optional(marked("change")),
      changedAt: optional(time),
      changedBy: optional(name),
      changeReason: optional(name),
      rotatedAt: optional(time),
      revokedAt: optional(time),
      revokedBy: optional(name),
      revokeReason: optional(name),
      previous: optional(fc.record({ previousHash: hash, previousPepper: marked("pepper"), previousUntil: time })),
    })
    .map(({ previous, ...record }) => {
      const members = Object.entries({ ...record, ...previous, ...fixed });
      return v.parse(keyRecord, Object.fromEntries(members.filter(([, value]) => value !== undefined)));
    });
}

const marked = (kind: string) => fc.stringMatching(/^[0-9a-f]{16}$/).map((text) => `secret-${kind}-${text}`);

/** Every text by which something that must not leave the table would be found in an event. */
export function secretsOf({ hash, previousHash, pepper, previousPepper, ...record }: KeyRecord): string[] {
  const hashes = [hash, previousHash].filter((each) => each !== undefined).map((each) => Buffer.from(each));
  return [
    ...hashes.flatMap((each) => [each.toString("base64"), each.toString("base64url"), each.toString("hex")]),
    ...hashes.map((each) => JSON.stringify([...each]).slice(1, -1)),
    ...[pepper, previousPepper, record.usageIdentifierKey, record.changeId].filter((each) => each !== undefined),
    ...Object.values(record.attributes).map(String),
    // Whatever the members above became, the mark of them stays.
    "secret-",
  ];
}

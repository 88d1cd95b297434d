import * as fc from "fast-check";
import { NOW } from "../../fixtures.ts";

/** What happens to a table and in front of it. Few names, so that records and principals often meet. */

/** Two names whose parts make the same text when they are joined. */
const ISSUERS = ["https://id.example.com", "https://idp.example.com", "api-keys:live", "own", "own#a"] as const;
const SUBJECTS = ["alice", "a#alice", "Alice"] as const;
const TENANTS = ["acme", "globex"] as const;
const PROVIDERS: Readonly<Record<(typeof ISSUERS)[number], string>> = {
  ...{ "https://id.example.com": "jwt", "https://idp.example.com": "saml", "api-keys:live": "api-key" },
  ...{ own: "own", "own#a": "own" },
};

const optional = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: undefined, freq });
const issuer = fc.constantFrom(...ISSUERS, ISSUERS[0], ISSUERS[0], ISSUERS[0], ISSUERS[2]);
const subject = fc.oneof({ weight: 6, arbitrary: fc.constant(SUBJECTS[0]) }, fc.constantFrom(...SUBJECTS));
const tenant = fc.constantFrom(...TENANTS);
const tokenId = fc.constantFrom("t1", "t2");
const words = fc.subarray(["read", "write", "admin"]);
const instant = fc.integer({ min: NOW - 45, max: NOW + 45 });
const lockout = {
  disabledSince: optional(fc.constantFrom(0, NOW - 5, NOW + 1_000_000), 8),
  revokedBefore: optional(instant, 4),
};

const change = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant("subject" as const), issuer, subject, ...lockout },
      ...{ roles: words, scopes: words, tenant: optional(tenant) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("token" as const), issuer, tokenId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tenant" as const), tenant, ...lockout }) },
);
export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const principal = fc
  .record({
    ...{ issuer, subject, tenant: optional(tenant), tokenId: optional(tokenId), issuedAt: optional(instant, 8) },
    ...{ roles: words, scopes: words, kind: fc.constantFrom("user", "client", "unknown" as const) },
  })
  .map((facts) => ({ ...facts, provider: PROVIDERS[facts.issuer] }));
export type Planned = typeof principal extends fc.Arbitrary<infer T> ? T : never;

/** A partner beside others, whose rights are its own. */
const partner: fc.Arbitrary<Planned> = fc.record({
  ...{ issuer: fc.constant(ISSUERS[2]), subject: fc.constant(SUBJECTS[1]), provider: fc.constant("api-key") },
  ...{ tenant: fc.constant(undefined), tokenId: fc.constant(undefined), issuedAt: fc.constant(NOW + 45) },
  ...{ roles: words, scopes: words, kind: fc.constant("client" as const) },
});

const decide = fc.record({
  do: fc.constant("decide" as const),
  instance: fc.nat({ max: 1 }),
  principals: fc.oneof(
    { weight: 3, arbitrary: fc.tuple(principal) },
    { weight: 2, arbitrary: fc.tuple(principal, principal) },
    { weight: 2, arbitrary: fc.tuple(principal, partner) },
    fc.tuple(principal, principal, principal),
  ),
  fails: fc.constantFrom(...Array.from({ length: 19 }, () => false), true),
});

export const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("put" as const), change }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("damage" as const, "remove" as const), change }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 4, 5, 6, 60) }) },
    { weight: 5, arbitrary: decide },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("again" as const) }) },
  ),
  { minLength: 4, maxLength: 20, size: "max" },
);
export type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;
export type Decide = typeof decide extends fc.Arbitrary<infer T> ? T : never;

export const setting = fc.record({
  maxCacheAge: fc.constantFrom(0, 0, 5, 60),
  rights: fc.constantFrom("add", "replace" as const),
  jwtTolerance: optional(fc.constantFrom<number>(0, 3)),
  samlTolerance: optional(fc.constantFrom<number>(0, 7)),
});
export type Given = typeof setting extends fc.Arbitrary<infer T> ? T : never;

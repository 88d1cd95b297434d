import * as fc from "fast-check";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, type Entry, ISSUER } from "./judge.ts";

const optional = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: undefined, freq });

export const entry: fc.Arbitrary<Entry> = fc.record({
  isForJwts: fc.boolean(),
  cacheAge: fc.constantFrom(0, 1, 3, 30, 300),
  clockTolerance: fc.constantFrom(0, 5, 60),
  maxTokenAge: fc.constantFrom(undefined, undefined, 60, 600),
  clientIds: fc.constantFrom(undefined, undefined, ["web"]),
  required: fc.constantFrom(false, false, false, true),
});

const GOOD = {
  ...{ active: true, iss: ISSUER, aud: AUDIENCE, sub: "alice", client_id: "web", scope: "read write" },
  ...{ iat: NOW - 10, exp: NOW + 3600 },
};

const time = fc.constantFrom<unknown>(
  ...[NOW - 601, NOW - 60, NOW - 1, NOW, NOW + 1, NOW + 4, NOW + 5, NOW + 6, NOW + 31, NOW + 61, NOW + 300.5],
  ...["2026", -1, null, NOW * 1000],
);

/** Members that an answer may have other than the good one; undefined leaves it out. */
const CHANGES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  active: fc.constantFrom(false, false, "true", 1, null, undefined),
  iss: fc.constantFrom(undefined, "https://other.example.com", `${ISSUER}/`, [ISSUER], 7),
  aud: fc.constantFrom<unknown>(undefined, "other", ["other", AUDIENCE], [AUDIENCE, 7], [], { a: AUDIENCE }, 7),
  sub: fc.constantFrom<unknown>(undefined, "bob", "", " alice", "alice "),
  client_id: fc.constantFrom<unknown>(undefined, "other", 7),
  scope: fc.constantFrom<unknown>(undefined, "read", "", "  read  "),
  tenant: fc.constantFrom<unknown>("acme"),
  ...{ iat: fc.oneof(time, fc.constantFrom(NOW + 61, NOW + 300)), exp: time, nbf: time },
  jti: fc.constantFrom<unknown>("t1", "t2", 7),
  token_type: fc.constantFrom<unknown>("Bearer", "bearer", "access_token", "DPoP", "dpop", "refresh_token", ["x"]),
  token_use: fc.constantFrom<unknown>("access", "access_token", "refresh", "id"),
  typ: fc.constantFrom<unknown>("Bearer", "Refresh", "Offline", "ID"),
  cnf: fc.constantFrom<unknown>({ jkt: "x" }, {}, null),
};

/** An answer's members, good but for a few. */
const body = fc
  .record({
    changes: fc.record(CHANGES),
    names: fc.subarray(Object.keys(CHANGES), { maxLength: 2 }),
  })
  .map(({ changes, names }) => {
    const changed = Object.fromEntries(names.map((name) => [name, changes[name]]));
    return Object.fromEntries(Object.entries({ ...GOOD, ...changed }).filter(([, value]) => value !== undefined));
  });

/** The claims of a JWT of its own, which may leave out what the answer has. */
const claims = fc
  .record({
    names: fc.subarray(["sub", "aud", "scope", "client_id"], { minLength: 2 }),
    exp: fc.constantFrom(NOW + 4, NOW + 61, NOW + 3600),
    jti: optional(fc.constantFrom("t1", "t2")),
  })
  .map(({ names, exp, jti }) => ({
    ...{ iss: ISSUER, iat: NOW - 10, exp },
    ...(jti && { jti }),
    ...Object.fromEntries(names.map((name) => [name, GOOD[name as "sub"]])),
  }));
export const tokens = fc.tuple(claims, claims);

const failure = fc.constantFrom<string | number>(...[200, 201, 302, 400, 401, 403, 404, 429, 500, 503], "none", "text");

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), token: fc.nat({ max: 1 }), body }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fail" as const), token: fc.nat({ max: 1 }), failure }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.constantFrom(1, 2, 3, 4, 5, 29, 30, 300) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant("ask" as const), token: fc.nat({ max: 1 }), instance: fc.nat({ max: 1 }) },
      ...{ isTwice: fc.constantFrom(false, false, true), delay: fc.constantFrom(0, 0, 0, 1) },
    }),
  },
);
export const steps = fc.array(step, { minLength: 3, maxLength: 16, size: "max" });
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

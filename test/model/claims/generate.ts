import * as fc from "fast-check";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, ISSUER } from "../../providers/jwt/mint.ts";
import type { Rule } from "../types.ts";
import type { Claims } from "./principal.ts";

/** Rules, and claims of tokens that are near them. */

export const ENDPOINTS = ["vpce-0aaaaaaa", "vpce-0bbbbbbb"];
const STAGES = ["prod", "dev", "$default"];

const optional = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: undefined, freq });
const contexts = fc.subarray(["low", "high"], { minLength: 1 });
const methods = fc.subarray(["pwd", "otp", "hwk"], { minLength: 1 });
const requirement = fc.oneof(
  methods.map((anyOf) => ({ anyOf })),
  methods.map((allOf) => ({ allOf })),
);

const authentication = fc
  .record({
    contexts: optional(contexts),
    methods: optional(requirement),
    maxAge: optional(fc.constantFrom(1, 10, 60)),
  })
  .filter(({ contexts, methods, maxAge }) => Boolean(contexts ?? methods ?? maxAge));

const rule = fc
  .record({
    effect: fc.constantFrom("allow", "allow", "deny" as const),
    paths: fc.subarray(["/a", "/a/*", "/u/{subject}", "/*"], { minLength: 1, maxLength: 2 }),
    kind: optional(fc.constantFrom("user", "client" as const), 4),
    attributes: optional(
      fc.subarray(["gold-*", "*", "7", "tr*l", "true", "a:*", "*/b", "*-*-*"], { minLength: 1, maxLength: 2 }),
      3,
    ),
    authentication: optional(authentication),
    stages: optional(fc.subarray(STAGES, { minLength: 1 }), 3),
    vpcEndpoints: optional(fc.subarray(ENDPOINTS, { minLength: 1 }), 3),
  })
  .map(({ effect, attributes, authentication: asked, ...rest }) => {
    const { maxAge: _, ...denied } = asked ?? {};
    const signIn = effect === "allow" ? asked : Object.values(denied).some(Boolean) ? denied : undefined;
    const others = {
      ...rest,
      authentication: signIn && defined(signIn),
      attributes: attributes && { plan: attributes },
    };
    return { ...(effect === "deny" && { effect }), methods: ["GET"], ...defined(others) } as unknown as Omit<
      Rule,
      "name"
    >;
  });

const defined = (object: object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const claims = fc
  .record({
    sub: fc.constantFrom("alice", "bob"),
    kind: optional(fc.constantFrom("user", "user", "client"), 4),
    plan: optional(
      fc.constantFrom<unknown>(
        ...["gold-1", "gold-", "gold", "silver-gold-1", "trial", "7", 7, true, "a:b", "a:b:c", "x/b", "x/y/b", "a-b-c"],
        ...["", ["gold-1"], { a: 1 }],
      ),
    ),
    acr: optional(fc.constantFrom<unknown>("low", "high", "high", "", 1, ["high"])),
    amr: optional(fc.constantFrom<unknown>(["pwd"], ["pwd", "otp"], ["hwk"], [], "otp", [1], ["otp", 1])),
    auth_time: optional(
      fc.constantFrom<unknown>(...[0, 1, 9, 10, 11, 59, 61, 900].map((age) => NOW - age), NOW + 5, "now"),
    ),
    ref: optional(
      fc.constantFrom<unknown>("acme/app:main", "acme/app:x:main", "acme-evil/app:main", ["x", "acme/b:main"], 7),
      4,
    ),
    iat: fc.constantFrom(NOW - 5, NOW),
  })
  .map((given) => ({ iss: ISSUER, aud: AUDIENCE, exp: NOW + 300, ...defined(given) }) as Claims);

export const question = fc.record({
  rules: fc.array(rule, { minLength: 1, maxLength: 4 }),
  claims,
  likes: optional(fc.subarray(["acme/*:main", "*", "*/*:*"], { minLength: 1, maxLength: 2 }), 3),
  stage: fc.constantFrom(...STAGES),
  endpoint: optional(fc.constantFrom(...ENDPOINTS)),
});
export type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

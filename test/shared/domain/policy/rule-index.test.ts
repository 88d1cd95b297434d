import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RouteRule } from "../../../../shared/domain/config/routes.ts";
import { isDenied, partiesFor } from "../../../../shared/domain/policy/requirements.ts";
import { candidateRules } from "../../../../shared/domain/policy/rule-index.ts";
import type { Principal } from "../../../../shared/domain/principal/principal.ts";
import { client, user } from "../../../fixtures.ts";

const names = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 });
const requirement = fc.oneof(
  names.map((anyOf) => ({ anyOf })),
  names.map((allOf) => ({ allOf })),
);
const rule = fc
  .record(
    {
      effect: fc.constantFrom("allow" as const, "deny" as const),
      tenants: names,
      roles: requirement,
      scopes: requirement,
      issuers: names,
      credentials: requirement,
      kind: fc.constantFrom("user" as const, "client" as const),
    },
    { requiredKeys: ["effect"] },
  )
  .map((drawn, index = 0) => ({ name: `rule-${index}`, methods: ["GET"], paths: ["/a"], ...drawn }) as RouteRule);
const facts = fc.record(
  {
    scopes: fc.subarray(["a", "b", "c"]),
    roles: fc.subarray(["a", "b", "c"]),
    issuer: fc.constantFrom("a", "b"),
    provider: fc.constantFrom("a", "b"),
    tenant: fc.constantFrom("a", "b"),
  },
  { requiredKeys: ["scopes", "roles", "issuer", "provider"] },
);

test("every rule that applies is among the candidates, in the order of the configuration", () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 24, maxLength: 60 }),
      fc.tuple(facts, facts),
      fc.constantFrom("union" as const, "intersection" as const),
      (rules, [first, second], scopes) => {
        const principals: Principal[] = [user(first), client(second)];
        const applies = (each: RouteRule) =>
          each.effect === "deny"
            ? isDenied(each, principals, { scopes })
            : partiesFor(each, principals, { scopes }).length > 0;
        const candidates = candidateRules(rules, principals);
        expect(candidates.filter(applies)).toEqual(rules.filter(applies));
        expect(candidates).toEqual(rules.filter((each) => candidates.includes(each)));
      },
    ),
    { numRuns: 500 },
  );
});

describe("in a long configuration, a rule that asks for", () => {
  const others = Array.from({ length: 40 }, (_, index) => ({
    name: `other-${index}`,
    effect: "allow",
    tenants: [`tenant-${index}`],
  }));
  const isCandidate = (asks: Partial<RouteRule>, ...principals: Principal[]) =>
    candidateRules([...others, { name: "rule", effect: "allow", ...asks }] as RouteRule[], principals).some(
      ({ name }) => name === "rule",
    );

  test.each<[string, Partial<RouteRule>, Partial<Principal>, Partial<Principal>]>([
    ["a tenant", { tenants: ["acme", "globex"] }, { tenant: "globex" }, { tenant: "initech" }],
    ["a tenant, where none is stated", { tenants: ["undefined"] }, { tenant: "undefined" }, {}],
    ["a role", { roles: { anyOf: ["a", "b"] } }, { roles: ["b"] }, { roles: ["c"] }],
    ["all of two roles", { roles: { allOf: ["a", "b"] } }, { roles: ["a", "b"] }, { roles: ["b"] }],
    ["a scope", { scopes: { anyOf: ["a", "b"] } }, { scopes: ["b"] }, { roles: ["a"] }],
    ["an issuer", { issuers: ["i", "j"] }, { issuer: "j" }, { issuer: "k" }],
    ["a credential", { credentials: { anyOf: ["saml", "jwt"] } }, { provider: "jwt" }, { provider: "api-key" }],
    ["two credentials", { credentials: { allOf: ["saml", "jwt"] } }, { provider: "saml" }, { provider: "api-key" }],
  ])("%s is a candidate for who has it, and not for who does not", (_, asks, having, lacking) => {
    expect(isCandidate(asks, user(having))).toBe(true);
    expect(isCandidate(asks, client({ tenant: "initech" }), user(having))).toBe(true);
    expect(isCandidate(asks, user(lacking))).toBe(false);
  });

  test("nothing of it is a candidate for everybody", () => {
    expect(isCandidate({}, user())).toBe(true);
    expect(isCandidate({ kind: "client" }, user())).toBe(true);
  });
});

test("rules that ask for a role nobody has are not looked at", () => {
  const rules = Array.from({ length: 1000 }, (_, index) => ({
    name: `rule-${index}`,
    effect: "allow" as const,
    roles: { anyOf: [`role-${index}`] },
  }));
  expect(candidateRules(rules as RouteRule[], [user({ roles: ["role-7"] })]).map(({ name }) => name)).toEqual([
    "rule-7",
  ]);
});

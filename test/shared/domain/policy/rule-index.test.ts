import fc from "fast-check";
import { expect, test } from "vitest";
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

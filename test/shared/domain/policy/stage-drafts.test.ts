import fc from "fast-check";
import { expect, test } from "vitest";
import { compilePolicy } from "../../../../shared/domain/policy/compile.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { NOW, requestFor } from "../../../fixtures.ts";

const grant = fc.record({
  rule: fc.constant("rule"),
  effect: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
  routes: fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          method: fc.constantFrom("GET", "PUT", "*"),
          path: fc.constantFrom("/a", "/a/*", "/b*c", "/*"),
        }),
      },
      { weight: 1, arbitrary: fc.constant({ method: "$connect", path: "" }) },
    ),
    { minLength: 1, maxLength: 3 },
  ),
});
const bounds = fc.record(
  {
    end: fc.integer({ min: NOW + 1, max: NOW + 3600 }),
    addresses: fc.subarray(["203.0.113.7/32", "2001:db8::/32"]),
    explicitDeny: fc.boolean(),
  },
  { requiredKeys: ["end", "explicitDeny"] },
);
const request = fc
  .tuple(
    fc.constantFrom("prod", "test"),
    fc.constantFrom("GET", "$connect"),
    fc.boolean(),
    fc.integer({ min: NOW - 3600, max: NOW }),
  )
  .map(([stage, method, viaVpcEndpoint, time]) => {
    const made = requestFor(method, method === "GET" ? "/a" : "", {
      time,
      source: { address: "203.0.113.7", viaVpcEndpoint },
    });
    return { ...made, resource: { ...made.resource, stage } };
  });

test("a policy made of kept drafts is the policy that is made anew, for every end, address and stage", () => {
  fc.assert(
    fc.property(
      fc.array(grant, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(request, bounds), { minLength: 1, maxLength: 6 }),
      (grants: Grant[], uses) => {
        for (const [made, limits] of uses) {
          // Another list with the same grants has nothing kept with it.
          expect(compilePolicy(made, grants, limits)).toEqual(compilePolicy(made, [...grants], limits));
        }
      },
    ),
    { numRuns: 500 },
  );
});

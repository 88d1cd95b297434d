import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicy, denyAll } from "../../../../shared/domain/policy/compile.ts";
import { denyRoute } from "../../../../shared/domain/policy/deny-route.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { lengthBound } from "../../../../shared/domain/policy/length-bound.ts";
import { withSpellings } from "../../../../shared/domain/policy/spellings.ts";
import { NOW, requestFor } from "../../../fixtures.ts";

const grant = fc.record({
  rule: fc.constant("rule"),
  effect: fc.constantFrom("allow" as const, "deny" as const),
  routes: fc.array(fc.record({ method: fc.constantFrom("GET", "*"), path: fc.constantFrom("/a", "/a/*", "/*") }), {
    minLength: 1,
    maxLength: 4,
  }),
});

test("a policy is never longer than its bound, whatever grants and addresses it is made of", () => {
  fc.assert(
    fc.property(
      fc.array(grant, { maxLength: 5 }),
      fc.array(fc.ipV6(), { maxLength: 5 }),
      fc.boolean(),
      (grants: Grant[], ips, explicitDeny) => {
        const bounds = {
          end: NOW + 60,
          explicitDeny,
          ...(ips.length > 0 && { addresses: ips.map((ip) => `${ip}/128`) }),
        };
        const policy = compilePolicy(requestFor("GET", "/a"), withSpellings(grants), bounds);
        expect(lengthBound(policy)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(policy)));
      },
    ),
  );
});

describe("a policy of many", () => {
  const bounds = { end: NOW + 60, explicitDeny: true };
  const lengths = (count: number, addresses: string[] = []) => {
    const routes = Array.from({ length: count }, (_, index) => ({ method: "GET", path: `/${index}` }));
    const policy = compilePolicy(requestFor("GET", "/a"), [{ rule: "r", effect: "allow", routes }], {
      ...bounds,
      ...(addresses.length > 0 && { addresses }),
    });
    return { bound: lengthBound(policy), length: JSON.stringify(policy).length };
  };
  test.each<[string, () => ReturnType<typeof lengths>]>([
    ["resources", () => lengths(500)],
    [
      "addresses",
      () =>
        lengths(
          1,
          Array.from({ length: 500 }, (_, n) => `10.0.${n >> 8}.${n & 255}/32`),
        ),
    ],
  ])("%s is not longer than its bound, and not much shorter", (_, made) => {
    const { bound, length } = made();
    expect(bound).toBeGreaterThanOrEqual(length);
    expect(bound).toBeLessThan(length + 2600);
  });

  test("texts that JSON lengthens by a backslash each is not longer than its bound", () => {
    const path = "/x/\\*";
    const routes = Array.from({ length: 300 }, (_, index) => ({ method: "GET", path: `${path}${index}` }));
    const policy = compilePolicy(requestFor("GET", "/a"), [{ rule: "r", effect: "allow", routes }], bounds);
    expect(lengthBound(policy)).toBeGreaterThanOrEqual(JSON.stringify(policy).length);
  });
});

test("a policy that names the path of a request has no bound: the caller wrote that path", () => {
  const request = requestFor("GET", `/${"\u0000".repeat(10)}`);
  const policy = compilePolicy(request, [{ rule: "r", effect: "allow", routes: [{ method: "GET", path: "/a" }] }], {
    end: NOW + 60,
    explicitDeny: false,
  });
  expect(lengthBound(denyRoute(policy, request, []))).toBe(Number.POSITIVE_INFINITY);
  expect(lengthBound(denyAll(request.resource))).toBe(Number.POSITIVE_INFINITY);
});

import { describe, expect, test } from "vitest";
import { evaluate } from "../../../../iam/evaluate.ts";
import { compilePolicy } from "../../../../shared/domain/policy/compile.ts";
import { denyRoute } from "../../../../shared/domain/policy/deny-route.ts";
import { instant } from "../../../../shared/domain/policy/document.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { API, NOW, requestFor } from "../../../fixtures.ts";

const BOUNDS = { end: NOW + 600, explicitDeny: false };
const grant = (overrides: Partial<Grant> = {}): Grant => ({
  rule: "rule",
  effect: "allow",
  routes: [{ method: "GET", path: "/a" }],
  ...overrides,
});

function refuse(path: string, ...grants: Grant[]) {
  const request = requestFor("GET", path);
  const policy = denyRoute(compilePolicy(request, [grant(), ...grants], BOUNDS), request, grants);
  return (other: string, after = 0, from = "203.0.113.7") =>
    evaluate(policy, {
      resource: `${API}/prod/GET${other}`,
      context: { "aws:currenttime": instant(NOW + after), "aws:sourceip": from },
    }).effect;
}

describe("the explicit denial of a refused route", () => {
  test("denies the route and leaves the others", () => {
    const effect = refuse("/secret");
    expect(effect("/secret")).toBe("explicit-deny");
    expect(effect("/a")).toBe("allow");
    expect(effect("/other")).toBe("implicit-deny");
  });

  test("ends when a window opens that allows the route", () => {
    const effect = refuse(
      "/b",
      grant({ routes: [{ method: "GET", path: "/b" }], intervals: [{ start: NOW + 60, end: NOW + 120 }] }),
    );
    expect([0, 59, 60, 119].map((after) => effect("/b", after))).toEqual([
      "explicit-deny",
      "explicit-deny",
      "allow",
      "allow",
    ]);
  });

  test("does not hold for addresses from which a rule allows the route", () => {
    const effect = refuse("/b", grant({ routes: [{ method: "GET", path: "/b" }], addresses: ["198.51.100.0/24"] }));
    expect(effect("/b")).toBe("explicit-deny");
    expect(effect("/b", 0, "198.51.100.1")).toBe("allow");
  });

  test("does not hold for the addresses of a credential that is used from elsewhere", () => {
    const request = requestFor("GET", "/a");
    const addresses = ["198.51.100.0/24"];
    const policy = denyRoute(
      compilePolicy(request, [grant()], { ...BOUNDS, addresses }),
      request,
      [grant()],
      addresses,
    );
    const from = (address: string) =>
      evaluate(policy, {
        resource: `${API}/prod/GET/a`,
        context: { "aws:currenttime": instant(NOW), "aws:sourceip": address },
      }).effect;
    expect(from("203.0.113.7")).toBe("explicit-deny");
    expect(from("198.51.100.1")).toBe("allow");
  });

  test.each([["/x*"], ["/x?"], ["/$" + "{x}"], [`/${"x".repeat(512)}`]])(
    "leaves %.8s unsaid: no pattern stands for it exactly, and a wider one would refuse other routes from the cache",
    (path) => {
      const effect = refuse(path, grant({ routes: [{ method: "GET", path: "/xy" }] }));
      expect(effect(path)).toBe("implicit-deny");
      expect(effect("/a")).toBe("allow");
      expect(effect("/xy")).toBe("allow");
    },
  );
});

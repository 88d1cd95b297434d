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

  test("ends when the first of several windows opens", () => {
    const opening = (after: number) =>
      grant({ routes: [{ method: "GET", path: "/b" }], intervals: [{ start: NOW + after, end: NOW + 120 }] });
    const effect = refuse("/b", opening(90), opening(60));
    expect([59, 60].map((after) => effect("/b", after))).toEqual(["explicit-deny", "allow"]);
  });

  test("does not end when a window opens that denies the route, or one that allows another", () => {
    const intervals = [{ start: NOW + 60, end: NOW + 120 }];
    const effect = refuse(
      "/b",
      grant({ effect: "deny", routes: [{ method: "GET", path: "/b" }], intervals }),
      grant({ routes: [{ method: "GET", path: "/c" }], intervals }),
    );
    expect([0, 60, 120].map((after) => effect("/b", after))).toEqual([
      "explicit-deny",
      "explicit-deny",
      "explicit-deny",
    ]);
  });

  test.each([60, 0])("holds where a window is open since %i seconds for other addresses", (since) => {
    const effect = refuse(
      "/b",
      grant({
        routes: [{ method: "GET", path: "/b" }],
        intervals: [{ start: NOW - since, end: NOW + 120 }],
        addresses: ["198.51.100.0/24"],
      }),
    );
    expect(effect("/b", 1)).toBe("explicit-deny");
    expect(effect("/b", 1, "198.51.100.1")).toBe("allow");
  });

  test("holds for the addresses of a rule that is closed, and of one that denies", () => {
    const routes = [{ method: "GET", path: "/b" }];
    const addresses = ["198.51.100.0/24"];
    const effect = refuse(
      "/b",
      grant({ routes, addresses, intervals: [{ start: NOW + 60, end: NOW + 120 }] }),
      grant({ routes, addresses, effect: "deny", intervals: [{ start: NOW - 60, end: NOW - 1 }] }),
      grant({ routes, addresses: ["192.0.2.0/24"], effect: "deny" }),
    );
    expect(effect("/b", 0, "198.51.100.1")).toBe("explicit-deny");
    expect(effect("/b", 0, "192.0.2.1")).toBe("explicit-deny");
  });

  test("holds wherever the request may come from, where nobody tells its address", () => {
    const request = requestFor("GET", "/b", { source: { viaVpcEndpoint: false } });
    const addresses = ["198.51.100.0/24"];
    const policy = denyRoute(compilePolicy(request, [grant()], { ...BOUNDS, addresses }), request, [], addresses);
    expect(policy.Statement.at(-1)).toEqual({
      Action: "execute-api:Invoke",
      Effect: "Deny",
      Resource: [`${API}/prod/GET/b`],
    });
  });

  test("is said of a route of 512 characters, the longest that API Gateway accepts", () => {
    const path = `/${"x".repeat(512 - `${API}/prod/GET/`.length)}`;
    expect(refuse(path)(path)).toBe("explicit-deny");
    expect(refuse(`${path}x`)(`${path}x`)).toBe("implicit-deny");
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

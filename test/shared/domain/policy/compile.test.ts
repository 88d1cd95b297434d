import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../../../iam/evaluate.ts";
import { isInRanges } from "../../../../shared/domain/address/address-range.ts";
import { METHODS } from "../../../../shared/domain/config/routes.ts";
import { type Bounds, compilePolicy, denyAll } from "../../../../shared/domain/policy/compile.ts";
import { instant, type PolicyDocument } from "../../../../shared/domain/policy/document.ts";
import type { Grant } from "../../../../shared/domain/policy/grant.ts";
import { resourceOnStage } from "../../../../shared/domain/resource/arn.ts";
import { matchesPattern } from "../../../../shared/domain/resource/pattern.ts";
import { isWithin } from "../../../../shared/domain/time/interval.ts";
import { API, NOW, requestFor } from "../../../fixtures.ts";

const OWN = "203.0.113.7";
const BOUNDS: Bounds = { end: NOW + 600, addresses: [`${OWN}/32`], explicitDeny: true };
const REQUEST = requestFor("GET", "/a");

const allow = (overrides: Partial<Grant> = {}, path = "/a"): Grant => ({
  rule: "rule",
  effect: "allow",
  routes: [{ method: "GET", path }],
  ...overrides,
});

function effectOf(
  policy: PolicyDocument,
  method: string,
  path: string,
  at: { time?: number; from?: string; vpc?: boolean } = {},
) {
  const { time = NOW, from = OWN, vpc = false } = at;
  return evaluate(policy, {
    resource: resourceOnStage(REQUEST.resource, method, path),
    context: { "aws:currenttime": instant(time), [vpc ? "aws:vpcsourceip" : "aws:sourceip"]: from },
  }).effect;
}

describe("a policy", () => {
  test("for one route says what it allows, from where, until when, and denies the rest", () => {
    expect(compilePolicy(REQUEST, [allow()], BOUNDS)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Action: "execute-api:Invoke",
          Effect: "Allow",
          Resource: [`${API}/prod/GET/a`],
          Condition: {
            DateLessThan: { "aws:CurrentTime": "2026-03-02T10:10:00Z" },
            IpAddress: { "aws:SourceIp": [`${OWN}/32`] },
          },
        },
        { Action: "execute-api:Invoke", Effect: "Deny", NotResource: [`${API}/prod/GET/a`] },
        {
          Action: "execute-api:Invoke",
          Effect: "Deny",
          Resource: [`${API}/prod/*`],
          Condition: { NotIpAddress: { "aws:SourceIp": [`${OWN}/32`] } },
        },
        {
          Action: "execute-api:Invoke",
          Effect: "Deny",
          Resource: [`${API}/prod/*`],
          Condition: { DateGreaterThanEquals: { "aws:CurrentTime": "2026-03-02T10:10:00Z" } },
        },
      ],
    });
  });

  test("allows every granted route of the stage, not only the one at hand", () => {
    const policy = compilePolicy(REQUEST, [allow(), allow({}, "/b/*")], BOUNDS);
    expect(effectOf(policy, "GET", "/b/c/d")).toBe("allow");
    expect(effectOf(policy, "POST", "/a")).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/c")).toBe("explicit-deny");
  });

  test("ends with the credential, to the second", () => {
    const policy = compilePolicy(REQUEST, [allow()], BOUNDS);
    expect(effectOf(policy, "GET", "/a", { time: NOW + 599 })).toBe("allow");
    expect(effectOf(policy, "GET", "/a", { time: NOW + 600 })).toBe("explicit-deny");
  });

  test("refuses another address, also from the cache", () => {
    const policy = compilePolicy(REQUEST, [allow()], BOUNDS);
    expect(effectOf(policy, "GET", "/a", { from: "203.0.113.8" })).toBe("explicit-deny");
  });

  test("binds to aws:VpcSourceIp behind a VPC endpoint, where aws:SourceIp is missing", () => {
    const inside = { ...REQUEST, source: { address: OWN, viaVpcEndpoint: true } };
    const policy = compilePolicy(inside, [allow()], BOUNDS);
    expect(effectOf(policy, "GET", "/a", { vpc: true })).toBe("allow");
    expect(effectOf(policy, "GET", "/a")).toBe("explicit-deny");
  });

  test("of a caller without grants, or without an address, denies the stage", () => {
    expect(compilePolicy(REQUEST, [], BOUNDS)).toEqual(denyAll(REQUEST.resource));
    expect(compilePolicy(REQUEST, [allow()], { ...BOUNDS, addresses: [] })).toEqual(denyAll(REQUEST.resource));
  });

  test("denies what a deny rule covers, whatever else allows it", () => {
    const policy = compilePolicy(REQUEST, [allow({}, "/*"), allow({ effect: "deny" }, "/b/*")], BOUNDS);
    expect(effectOf(policy, "GET", "/b/c")).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b")).toBe("allow");
  });

  test("does not name in a denial what nothing allows", () => {
    const policy = compilePolicy(REQUEST, [allow(), allow({ effect: "deny" }, "/b/*")], BOUNDS);
    expect(JSON.stringify(policy)).not.toContain("/b/*");
    expect(effectOf(policy, "GET", "/b/c")).toBe("explicit-deny");
  });

  test("limits a deny rule to the rule's own addresses", () => {
    const grants = [allow({}, "/*"), allow({ effect: "deny", addresses: ["198.51.100.0/24"] }, "/b")];
    const { addresses: _, ...anywhere } = BOUNDS;
    const policy = compilePolicy(REQUEST, grants, anywhere);
    expect(effectOf(policy, "GET", "/b")).toBe("allow");
    expect(effectOf(policy, "GET", "/b", { from: "198.51.100.1" })).toBe("explicit-deny");
  });

  test("limits a deny rule to its addresses under whichever key the request that is served has its address", () => {
    const grants = [allow({}, "/*"), allow({ effect: "deny", addresses: ["198.51.100.0/24"] }, "/b")];
    const { addresses: _, ...anywhere } = BOUNDS;
    const policy = compilePolicy(REQUEST, grants, anywhere);
    expect(effectOf(policy, "GET", "/b", { from: "198.51.100.1", vpc: true })).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b", { vpc: true })).toBe("allow");
  });

  test("for a rule with a thousand addresses is refused or made at once, and not after comparing each with each", () => {
    const { addresses: _, ...anywhere } = BOUNDS;
    const list = (second: number) =>
      Array.from({ length: 500 }, (_, index) => `10.${second}.${index >> 8}.${index & 255}/32`);
    const one = compilePolicy(REQUEST, [allow({ addresses: list(1) })], anywhere);
    expect(effectOf(one, "GET", "/a", { from: "10.1.0.7" })).toBe("allow");
    expect(() =>
      compilePolicy(REQUEST, [allow({ addresses: list(1) }), allow({ addresses: list(2) }, "/b")], anywhere),
    ).toThrow("policy_too_large");
  });

  test("without explicit denials is silent on what it does not allow", () => {
    const policy = compilePolicy(REQUEST, [allow()], { ...BOUNDS, explicitDeny: false });
    expect(policy.Statement).toHaveLength(1);
    expect(effectOf(policy, "GET", "/b")).toBe("implicit-deny");
  });

  test("is trouble where a resource is longer than API Gateway accepts", () => {
    const longest = 512 - `${API}/prod/GET/`.length;
    expect(() => compilePolicy(REQUEST, [allow({}, `/${"x".repeat(longest)}`)], BOUNDS)).not.toThrow();
    expect(() => compilePolicy(REQUEST, [allow({}, `/${"x".repeat(longest + 1)}`)], BOUNDS)).toThrow(
      "policy_too_large",
    );
  });
});

describe("a resource that is longer than API Gateway accepts is trouble", () => {
  const long = `/${"x".repeat(512)}`;
  const soon = [{ start: NOW + 60, end: NOW + 120 }];

  test.each<[string, Grant[]]>([
    ["beside a short one", [allow(), allow({}, long)]],
    ["in one rule with a short one", [allow({ routes: [allow(), allow({}, long)].flatMap(({ routes }) => routes) })]],
    ["where a window opens later", [allow(), allow({ intervals: soon }, long)]],
    ["in a denial", [allow({}, "/*"), allow({ effect: "deny" }, long)]],
    ["in a denial with a window", [allow({}, "/*"), allow({ effect: "deny", intervals: soon }, long)]],
  ])("%s", (_, grants) => {
    for (const explicitDeny of [true, false]) {
      expect(() => compilePolicy(REQUEST, grants, { ...BOUNDS, explicitDeny })).toThrow("policy_too_large");
    }
  });
});

describe("the fewest statements", () => {
  const allowing = (grants: Grant[]) =>
    compilePolicy(REQUEST, grants, BOUNDS).Statement.filter(({ Effect }) => Effect === "Allow");

  test("routes of several rules with equal limits share one, and none is covered by another", () => {
    const grants = [allow({}, "/a/b"), allow({ rule: "other" }, "/a/*"), allow({}, "/c"), allow({}, "/c")];
    const Statement = allowing(grants);
    expect(Statement.map(({ Resource }) => Resource)).toEqual([[`${API}/prod/GET/a/*`, `${API}/prod/GET/c`]]);
  });

  test("what is allowed at all times is not allowed again at some", () => {
    const windowed = allow({ intervals: [{ start: NOW, end: NOW + 60 }] }, "/a");
    const Statement = allowing([windowed, allow({}, "/*")]);
    expect(Statement).toHaveLength(1);
    expect(Statement[0]?.Resource).toEqual([`${API}/prod/GET/*`]);
  });

  test("a limit that the whole policy has anyway makes no group of its own", () => {
    const grants = [
      allow(),
      allow({ addresses: ["203.0.113.0/24"], intervals: [{ start: NOW, end: NOW + 9999 }] }, "/b"),
    ];
    expect(allowing(grants)).toHaveLength(1);
    expect(compilePolicy(REQUEST, grants, BOUNDS)).toEqual(compilePolicy(REQUEST, [allow(), allow({}, "/b")], BOUNDS));
  });

  test("stars in a row are one", () => {
    expect(allowing([allow({}, "/a/**")]).map(({ Resource }) => Resource)).toEqual([[`${API}/prod/GET/a/*`]]);
  });

  test("slices of time in a row that are alike are one, and the shorter list of names is written", () => {
    const windowed = (start: number, end: number, path: string) =>
      allow({ intervals: [{ start: NOW + start, end: NOW + end }] }, path);
    const named = (grants: Grant[]) =>
      compilePolicy(REQUEST, grants, BOUNDS)
        .Statement.slice(-1)
        .map(({ Resource, NotResource }) => ({ Resource, NotResource }));
    const one = windowed(0, 60, "/b");
    expect(named([allow(), allow({}, "/c"), one])).toEqual([{ Resource: [`${API}/prod/GET/b`] }]);
    expect(named([allow(), one, windowed(0, 60, "/c")])).toEqual([{ NotResource: [`${API}/prod/GET/a`] }]);
    const split = allow(
      {
        intervals: [
          { start: NOW, end: NOW + 30 },
          { start: NOW + 30, end: NOW + 60 },
        ],
      },
      "/b",
    );
    expect(compilePolicy(REQUEST, [allow(), split], BOUNDS)).toEqual(compilePolicy(REQUEST, [allow(), one], BOUNDS));
    const denials = (grants: Grant[]) =>
      compilePolicy(REQUEST, grants, BOUNDS).Statement.filter(({ Effect }) => Effect === "Deny").length;
    expect(denials([allow(), one])).toBe(4);
    // Within a window that allows more, a shorter one changes nothing.
    const within = [allow(), windowed(0, 60, "/b/*"), windowed(20, 40, "/b/c")];
    expect(denials(within)).toBe(denials(within.slice(0, 2)));
  });

  test("what is closed for a while is not denied by a name that an open one shares", () => {
    const windowed = (path: string) => allow({ intervals: [{ start: NOW + 60, end: NOW + 120 }] }, path);
    const policy = compilePolicy(
      REQUEST,
      [allow({}, "/b/y"), allow({}, "/e"), windowed("/b/*"), windowed("/c")],
      BOUNDS,
    );
    expect(["/b/y", "/e", "/b/z", "/c"].map((path) => effectOf(policy, "GET", path))).toEqual([
      "allow",
      "allow",
      "explicit-deny",
      "explicit-deny",
    ]);
  });
});

describe("a time window", () => {
  const grants = [allow(), allow({ intervals: [{ start: NOW + 60, end: NOW + 120 }] }, "/b")];

  test.each([
    [59, "explicit-deny"],
    [60, "allow"],
    [119, "allow"],
    [120, "explicit-deny"],
  ])("opens and closes while the policy is cached: after %i s %s", (after, expected) => {
    const policy = compilePolicy(REQUEST, grants, BOUNDS);
    expect(effectOf(policy, "GET", "/b", { time: NOW + after })).toBe(expected);
    expect(effectOf(policy, "GET", "/a", { time: NOW + after })).toBe("allow");
  });

  test("that opens after the credential has ended allows nothing", () => {
    const late = compilePolicy(REQUEST, [allow({ intervals: [{ start: NOW + 600, end: NOW + 700 }] })], BOUNDS);
    expect(late).toEqual(denyAll(REQUEST.resource));
  });
});

describe("a window that opens later and outlasts the credential", () => {
  const grants = [allow(), allow({ intervals: [{ start: NOW + 60, end: NOW + 600 }] }, "/b")];

  test("is denied explicitly before it opens", () => {
    const policy = compilePolicy(REQUEST, grants, BOUNDS);
    expect(effectOf(policy, "GET", "/b", { time: NOW + 59 })).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b", { time: NOW + 60 })).toBe("allow");
    expect(effectOf(policy, "GET", "/b", { time: NOW + 600 })).toBe("explicit-deny");
  });

  test("does not take the place of a rule that is open now", () => {
    const policy = compilePolicy(REQUEST, [allow({ intervals: grants[1]?.intervals ?? [] }, "/*"), allow()], BOUNDS);
    expect(effectOf(policy, "GET", "/a")).toBe("allow");
  });
});

describe("addresses", () => {
  const { addresses: _, ...anywhere } = BOUNDS;
  const range = (from: string) => ({ addresses: [from] });
  const effectsFrom = (grants: Grant[], path: string, addresses: string[], bounds: Bounds = anywhere) => {
    const policy = compilePolicy(REQUEST, grants, bounds);
    return addresses.map((from) => {
      const effect = effectOf(policy, "GET", path, { from });
      // What is not allowed is denied in so many words, where the policy says so.
      expect([bounds.explicitDeny ? "explicit-deny" : "implicit-deny", "explicit-deny", "allow"]).toContain(effect);
      if (bounds.explicitDeny) expect(effect).not.toBe("implicit-deny");
      return effect === "allow";
    });
  };

  test("of a rule narrow those of the credential", () => {
    const bounds = { ...BOUNDS, ...range("203.0.113.0/24") };
    const grants = [allow(), allow(range("203.0.113.64/26"), "/b")];
    for (const explicitDeny of [true, false]) {
      const from = ["203.0.113.7", "203.0.113.64", "198.51.100.1"];
      expect(effectsFrom(grants, "/b", from, { ...bounds, explicitDeny })).toEqual([false, true, false]);
      expect(effectsFrom(grants, "/a", from, { ...bounds, explicitDeny })).toEqual([true, true, false]);
    }
  });

  test("of several rules may lie within one another: each rule counts from where it says", () => {
    const grants = [
      allow(range("10.0.0.0/8"), "/a"),
      allow({ addresses: ["10.1.0.0/16", "192.0.2.0/24"] }, "/b"),
      allow({ addresses: ["10.1.2.0/24", "10.2.0.0/16", "198.51.100.0/24"] }, "/c"),
      allow({}, "/d"),
    ];
    const from = ["10.9.0.1", "10.1.0.1", "10.1.2.1", "10.2.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1"];
    expect(effectsFrom(grants, "/a", from)).toEqual([true, true, true, true, false, false, false]);
    expect(effectsFrom(grants, "/b", from)).toEqual([false, true, true, false, true, false, false]);
    expect(effectsFrom(grants, "/c", from)).toEqual([false, false, true, true, false, true, false]);
    expect(effectsFrom(grants, "/d", from)).toEqual(from.map(() => true));
  });

  test("that no rule counts from are denied what the limited rules allow, and what is allowed is not denied", () => {
    const grants = [allow(range("10.0.0.0/8"), "/a"), allow(range("10.1.0.0/16"), "/b"), allow({}, "/d")];
    const policy = compilePolicy(REQUEST, grants, anywhere);
    const effects = ["/a", "/b", "/d"].map((path) =>
      ["10.1.0.1", "10.2.0.1", "192.0.2.1"].map((from) => effectOf(policy, "GET", path, { from })),
    );
    expect(effects).toEqual([
      ["allow", "allow", "explicit-deny"],
      ["allow", "explicit-deny", "explicit-deny"],
      ["allow", "allow", "allow"],
    ]);
  });

  test("of a denial are named without those that lie within others", () => {
    const grants = [allow(range("10.0.0.0/8"), "/a"), allow(range("10.1.0.0/16"), "/b")];
    const outside = compilePolicy(REQUEST, grants, anywhere).Statement.flatMap(
      ({ Condition }) => Condition?.NotIpAddress?.["aws:SourceIp"] ?? [],
    );
    expect(outside.toSorted()).toEqual(["10.0.0.0/8", "10.1.0.0/16"]);
  });

  test("alone make no denial that begins or ends with the policy", () => {
    const policy = compilePolicy(REQUEST, [allow(), allow(range("10.0.0.0/8"), "/b")], anywhere);
    const denials = policy.Statement.filter(({ Condition }) => Condition?.NotIpAddress);
    expect(denials.map(({ Condition }) => Object.keys(Condition ?? {}))).toEqual([["NotIpAddress"]]);
  });

  test("and windows in more parts than a policy has room for are trouble", () => {
    const intervals = Array.from({ length: 25 }, (_, index) => ({
      start: NOW + index * 20,
      end: NOW + index * 20 + 10,
    }));
    const grants = [
      allow({ ...range("10.0.0.0/8"), intervals }, "/a"),
      allow({ ...range("192.0.2.0/24"), intervals }, "/b"),
      allow({ intervals }, "/c"),
    ];
    expect(() => compilePolicy(REQUEST, grants, anywhere)).toThrow("policy_too_large");
  });

  test("in which the same rules count share one denial", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`);
    const grants = [allow({ addresses: many(20) }, "/a"), allow(range("192.0.2.0/24"), "/b")];
    expect(compilePolicy(REQUEST, grants, anywhere).Statement.length).toBeLessThan(10);
  });

  test("may be 128 ranges in several rules, and no more", () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`);
    const grants = (count: number) => [allow({ addresses: many(count) }, "/a"), allow(range("192.0.2.0/24"), "/b")];
    expect(() => compilePolicy(REQUEST, grants(127), anywhere)).not.toThrow();
    expect(() => compilePolicy(REQUEST, grants(128), anywhere)).toThrow("policy_too_large");
  });

  test("of a denial hold under either key behind a VPC endpoint too", () => {
    const inside = { ...REQUEST, source: { address: "10.0.0.1", viaVpcEndpoint: true } };
    const grants = [allow({}, "/*"), allow({ effect: "deny", ...range("198.51.100.0/24") }, "/b")];
    const policy = compilePolicy(inside, grants, anywhere);
    expect(effectOf(policy, "GET", "/b", { from: "198.51.100.1", vpc: true })).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b", { from: "198.51.100.1" })).toBe("explicit-deny");
  });

  test("that leave none allow nothing, also in a rule with a window", () => {
    const windowed = allow({ intervals: [{ start: NOW, end: NOW + 60 }] });
    expect(compilePolicy(REQUEST, [windowed], { ...BOUNDS, addresses: [] })).toEqual(denyAll(REQUEST.resource));
  });
});

describe("a denial", () => {
  const denialsIn = (grants: Grant[], bounds = BOUNDS) =>
    compilePolicy(REQUEST, grants, bounds).Statement.filter(
      ({ Effect, Resource }) => Effect === "Deny" && Resource?.includes(`${API}/prod/GET/b/x`),
    );

  test("holds whichever of several allowing rules its path is in", () => {
    const grants = [allow({}, "/b/*"), allow({}, "/c"), allow({ effect: "deny" }, "/b/x")];
    const policy = compilePolicy(REQUEST, grants, BOUNDS);
    expect(effectOf(policy, "GET", "/b/x")).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b/y")).toBe("allow");
    expect(effectOf(policy, "GET", "/c")).toBe("allow");
  });

  test("has none of the limits that the whole policy has anyway", () => {
    const intervals = [{ start: NOW - 60, end: NOW + 600 }];
    for (const limits of [{}, { intervals }]) {
      const [denial, ...others] = denialsIn([allow({}, "/b/*"), allow({ effect: "deny", ...limits }, "/b/x")]);
      expect(others).toEqual([]);
      expect(denial).not.toHaveProperty("Condition");
    }
  });

  test("of an explicit kind ends with its window, where nothing else is limited", () => {
    const ending = allow({ effect: "deny", intervals: [{ start: NOW, end: NOW + 60 }] }, "/b/x");
    const policy = compilePolicy(REQUEST, [allow({}, "/b/*"), ending], BOUNDS);
    expect(effectOf(policy, "GET", "/b/x", { time: NOW + 59 })).toBe("explicit-deny");
    expect(effectOf(policy, "GET", "/b/x", { time: NOW + 60 })).toBe("allow");
  });
});

describe("the route of a WebSocket API", () => {
  const both = allow({
    routes: [
      { method: "GET", path: "/a" },
      { method: "$connect", path: "" },
    ],
  });
  const connect = requestFor("$connect", "");
  const named = (policy: PolicyDocument) => JSON.stringify(policy.Statement[0]?.Resource);

  test("is the one that its policy allows, and is in no other API's policy", () => {
    expect(named(compilePolicy(connect, [both], BOUNDS))).toBe(JSON.stringify([`${API}/prod/$connect`]));
    expect(named(compilePolicy(REQUEST, [both], BOUNDS))).toBe(JSON.stringify([`${API}/prod/GET/a`]));
  });

  test("is all that a rule for it alone allows", () => {
    const alone = allow({ routes: [{ method: "$connect", path: "" }] });
    expect(compilePolicy(REQUEST, [alone], BOUNDS)).toEqual(denyAll(REQUEST.resource));
    expect(compilePolicy(connect, [allow()], BOUNDS)).toEqual(denyAll(REQUEST.resource));
  });
});

describe.each([true, false])("two windows, where explicit denials are %s,", (explicitDeny) => {
  const bounds = { ...BOUNDS, explicitDeny };
  const refused = explicitDeny ? "explicit-deny" : "implicit-deny";
  const intervals = [
    { start: NOW + 60, end: NOW + 120 },
    { start: NOW + 180, end: NOW + 240 },
  ];
  const instants = [0, 59, 60, 119, 120, 179, 180, 239, 240, 599];
  const inOneOfThem = [false, false, true, true, false, false, true, true, false, false];

  test("allow from the start of each to its end, and not in the gap between them", () => {
    const policy = compilePolicy(REQUEST, [allow(), allow({ intervals }, "/b")], bounds);
    expect(instants.map((after) => effectOf(policy, "GET", "/b", { time: NOW + after }))).toEqual(
      inOneOfThem.map((isOpen) => (isOpen ? "allow" : refused)),
    );
  });

  test("of a denial deny from the start of each to its end, and not in the gap between them", () => {
    const policy = compilePolicy(REQUEST, [allow({}, "/*"), allow({ effect: "deny", intervals }, "/b")], bounds);
    expect(instants.map((after) => effectOf(policy, "GET", "/b", { time: NOW + after }))).toEqual(
      inOneOfThem.map((isClosed) => (isClosed ? "explicit-deny" : "allow")),
    );
  });
});

describe("routes that several rules allow, each with limits of its own", () => {
  const { addresses: _, ...anywhere } = BOUNDS;
  const office = allow({ addresses: ["203.0.113.0/24"] }, "/*");
  const lunch = allow({ intervals: [{ start: NOW, end: NOW + 60 }] }, "/menu");
  const grants = [office, lunch, allow({}, "/news")];

  test.each([
    ["/menu", 0, OWN, "allow"],
    ["/menu", 60, OWN, "allow"],
    ["/menu", 0, "192.0.2.1", "allow"],
    ["/menu", 60, "192.0.2.1", "explicit-deny"],
    ["/other", 0, "192.0.2.1", "explicit-deny"],
    ["/other", 0, OWN, "allow"],
    ["/news", 60, "192.0.2.1", "allow"],
  ])("%s after %i s from %s: %s", (path, after, from, expected) => {
    const policy = compilePolicy(REQUEST, grants, anywhere);
    expect(effectOf(policy, "GET", path, { time: NOW + after, from })).toBe(expected);
  });

  test("in more ways than a policy has room for are trouble, and no endless work", () => {
    const many = Array.from({ length: 200 }, (_, index) => allow({ addresses: [`10.0.${index}.0/24`] }, `/*${index}`));
    expect(() => compilePolicy(REQUEST, many, anywhere)).toThrow("policy_too_large");
  });
});

const grant = fc.record({
  rule: fc.constant("rule"),
  effect: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
  routes: fc.array(
    fc.record({
      method: fc.constantFrom(...METHODS.slice(0, 2)),
      path: fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), maxLength: 4 }).map((text) => `/${text}`),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  addresses: fc.option(fc.array(fc.constantFrom("203.0.113.0/24", "198.51.100.0/24"), { minLength: 1, maxLength: 2 }), {
    nil: null,
  }),
  intervals: fc.option(
    fc.array(
      fc
        .tuple(fc.integer({ min: NOW - 60, max: NOW + 60 }), fc.integer({ min: 1, max: 120 }))
        .map(([start, length]) => ({ start, end: start + length })),
      { maxLength: 2 },
    ),
    { nil: null },
  ),
});

/** Undefined where there is no room for the policy: none is better than half of one. */
function compiled(grants: readonly Grant[], bounds: Bounds): PolicyDocument | undefined {
  try {
    return compilePolicy(REQUEST, grants, bounds);
  } catch (error) {
    expect(error).toMatchObject({ reason: "policy_too_large" });
    return undefined;
  }
}

test("whatever the grants, a policy allows exactly what they say, and denies all else in so many words", () => {
  fc.assert(
    fc.property(
      fc.array(grant, { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom(...METHODS.slice(0, 2)),
      fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 4 }),
      fc.integer({ min: NOW, max: NOW + 700 }),
      fc.constantFrom(OWN, "203.0.113.99", "198.51.100.1", "192.0.2.1"),
      (drawn, bound, method, tail, time, from) => {
        const grants: Grant[] = drawn.map(({ addresses, intervals, ...rest }) => ({
          ...rest,
          ...(addresses && { addresses }),
          ...(intervals && { intervals }),
        }));
        const { addresses: _, ...anywhere } = BOUNDS;
        const bounds = bound ? BOUNDS : anywhere;
        const path = `/${tail}`;
        const covering = grants.filter(
          ({ routes, addresses, intervals }) =>
            routes.some((route) => matchesPattern(route.method + route.path, method + path)) &&
            (!addresses || isInRanges(from, addresses)) &&
            (!intervals || isWithin(intervals, time)),
        );
        const inBounds = time < bounds.end && (!bound || from === OWN);
        const allowed = covering.some(({ effect }) => effect === "allow") && inBounds;
        const denied = covering.some(({ effect }) => effect === "deny");
        const policy = compiled(grants, bounds);
        fc.pre(policy !== undefined);
        const effect = effectOf(policy, method, path, { time, from });
        expect(effect === "allow").toBe(allowed && !denied);
        expect(effect).not.toBe("implicit-deny");
      },
    ),
    { numRuns: 2000 },
  );
});

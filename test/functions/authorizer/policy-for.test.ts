import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { pathSegment, policyFor } from "../../../entry-points/policy.ts";
import { evaluate } from "../../../iam/evaluate.ts";
import { routeRule } from "../../../shared/domain/config/routes.ts";
import { NOW } from "../../fixtures.ts";

const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";
const event = (identity: object = { sourceIp: "192.0.2.1" }) => ({
  type: "REQUEST",
  methodArn: `${API}/GET/orders`,
  requestContext: { identity },
});
const alice = { principalId: "alice", expiresAt: NOW + 600, ttl: 300 };

interface At {
  readonly time?: number;
  readonly address?: string;
  readonly endpoint?: string;
  readonly resource?: string;
}

const effectOf = (policy: object, route: string, { time = NOW, address = "192.0.2.1", endpoint }: At = {}) =>
  evaluate(policy, {
    resource: `${API}/${route}`,
    context: {
      "aws:currenttime": new Date(time * 1000).toISOString(),
      ...(endpoint === undefined
        ? { "aws:sourceip": address }
        : { "aws:vpcsourceip": address, "aws:sourcevpce": endpoint }),
    },
  }).effect;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a policy in code", () => {
  const example = () =>
    policyFor(event(), alice).allow("GET", "/orders").allow("ANY", "/pets/*").build().policyDocument;

  test.each([
    ["a route that it names", "GET/orders"],
    ["every method of ANY", "DELETE/pets/1"],
  ])("allows %s", (_what, route) => {
    expect(effectOf(example(), route)).toBe("allow");
  });

  test.each<[string, string, At]>([
    ["another route", "GET/reports", {}],
    ["another method", "POST/orders", {}],
    ["a way up out of a wildcard", "GET/pets/../admin", {}],
    ["another address", "GET/orders", { address: "192.0.2.2" }],
    ["the end of the cache, and what follows", "GET/orders", { time: NOW + 360 }],
  ])("denies %s explicitly", (_what, route, at) => {
    expect(effectOf(example(), route, at)).toBe("explicit-deny");
  });

  test("ends with the credential", () => {
    const short = policyFor(event(), { ...alice, expiresAt: NOW + 10 })
      .allow("GET", "/orders")
      .build();
    expect(effectOf(short.policyDocument, "GET/orders", { time: NOW + 9 })).toBe("allow");
    expect(effectOf(short.policyDocument, "GET/orders", { time: NOW + 10 })).toBe("explicit-deny");
  });

  test("denies every spelling of a path that it denies", () => {
    const { policyDocument: denied } = policyFor(event(), alice)
      .allow("ANY", "/admin/*")
      .deny("DELETE", "/admin/audit")
      .build();
    for (const route of ["DELETE/admin/audit", "DELETE/admin//audit", "DELETE/admin/%61udit", "DELETE/admin/audit/"])
      expect(effectOf(denied, route)).toBe("explicit-deny");
    expect(effectOf(denied, "DELETE/admin/users")).toBe("allow");
  });

  test("holds a rule to its own instants, addresses and VPC endpoints", () => {
    const limited = policyFor(event({ sourceIp: "10.0.0.1", vpceId: "vpce-0aaaaaaa" }), {
      ...alice,
      bindAddress: false,
    })
      .allow("GET", "/orders", { notBefore: NOW + 10, notAfter: NOW + 20 })
      .allow("GET", "/reports", { addresses: ["10.0.0.0/8"], vpcEndpoints: ["vpce-0aaaaaaa"] })
      .build().policyDocument;
    const from = { address: "10.0.0.1", endpoint: "vpce-0aaaaaaa" };
    expect(effectOf(limited, "GET/orders", { ...from, time: NOW + 9 })).toBe("explicit-deny");
    expect(effectOf(limited, "GET/orders", { ...from, time: NOW + 10 })).toBe("allow");
    expect(effectOf(limited, "GET/orders", { ...from, time: NOW + 20 })).toBe("explicit-deny");
    expect(effectOf(limited, "GET/reports", from)).toBe("allow");
    expect(effectOf(limited, "GET/reports", { ...from, address: "192.0.2.1" })).toBe("explicit-deny");
    expect(effectOf(limited, "GET/reports", { ...from, endpoint: "vpce-0bbbbbbb" })).toBe("explicit-deny");
    expect(effectOf(limited, "GET/reports", { address: "10.0.0.1" })).toBe("explicit-deny");
  });

  test.each<[string, object]>([
    ["without a rule", {}],
    ["from nowhere", { addresses: [] }],
    ["from addresses that are none", { addresses: ["10/8"] }],
    ["from others than the caller's", { addresses: ["10.0.0.0/8"] }],
  ])("%s denies everything", (_what, options) => {
    const policy = policyFor(event(), { ...alice, ...options });
    if ("addresses" in options) policy.allow("GET", "/orders");
    expect(effectOf(policy.build().policyDocument, "GET/orders")).toBe("explicit-deny");
  });

  test("carries what names the caller, and the context", () => {
    const result = policyFor(event(), { ...alice, context: { plan: "gold", admin: true }, usageIdentifierKey: "u" });
    expect(result.allow("GET", "/orders").build()).toMatchObject({
      principalId: "alice",
      context: { plan: "gold", admin: true },
      usageIdentifierKey: "u",
    });
  });

  test.each<[string, () => unknown]>([
    ["a stage event without an ARN", () => policyFor({}, alice)],
    ["more than 8 KB", () => many(200).build()],
    ["a context that leaves no room", () => policyFor(event(), { ...alice, context: { a: "x".repeat(9000) } }).build()],
  ])("is trouble for %s", (_what, make) => {
    expect(make).toThrow(expect.objectContaining({ name: "TroubleError" }));
  });

  const many = (count: number) => {
    const policy = policyFor(event(), alice);
    for (let index = 0; index < count; index += 1) policy.allow("GET", `/resource-of-some-length-${index}`);
    return policy;
  };

  test.each<[string, (policy: ReturnType<typeof policyFor>) => unknown]>([
    ["a path without a slash", (policy) => policy.allow("GET", "orders")],
    ["a path with a placeholder", (policy) => policy.allow("GET", "/users/{subject}")],
    ["a path that climbs", (policy) => policy.allow("GET", "/a/../b")],
    ["a path with a character that IAM reads", (policy) => policy.allow("GET", "/a?b")],
    ["an unknown method", (policy) => policy.allow("BREW" as never, "/a")],
    ["an address that is none", (policy) => policy.allow("GET", "/a", { addresses: ["10/8"] })],
    ["no address at all", (policy) => policy.allow("GET", "/a", { addresses: [] })],
    ["an endpoint that is none", (policy) => policy.allow("GET", "/a", { vpcEndpoints: ["vpc-1"] })],
    ["an instant that is none", (policy) => policy.allow("GET", "/a", { notAfter: Number.NaN })],
    ["encoding on a denial", (policy) => policy.deny("GET", "/a/*", { encodedPaths: true })],
    ["a limit by another name", (policy) => policy.allow("GET", "/a", { until: 1 } as never)],
  ])("refuses %s", (_what, add) => {
    expect(() => add(policyFor(event(), alice))).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
  });

  // As JavaScript, JSON or a variable of another type hands them over.
  const NO_LIMITS: [string, object][] = [
    ["windows", { windows: [{ notAfter: "2020-01-01T00:00:00Z" }] }],
    ["stages", { stages: ["dev"] }],
    ["roles", { roles: { allOf: ["admin"] } }],
    ["scopes", { scopes: { allOf: ["a"] } }],
    ["tenants", { tenants: ["acme"] }],
    ["issuers", { issuers: ["https://id.example.com"] }],
    ["credentials", { credentials: { allOf: ["jwt"] } }],
    ["kind", { kind: "user" }],
    ["attributes", { attributes: { plan: "gold" } }],
    ["authentication", { authentication: { maxAge: 60 } }],
    ["senderConstrained", { senderConstrained: "dpop" }],
    ["effect", { effect: "allow" }],
    ["name", { name: "mine" }],
    ["methods", { methods: "ANY" }],
    ["paths", { paths: ["/*"] }],
    ["webSocket", { webSocket: true }],
    ["fields", { fields: ["Query.orders"] }],
    ["an option without a value", { roles: undefined }],
    ["a Date", new Date(0)],
    ["a Map", new Map([["notAfter", 1]])],
    ["a list", [{ notAfter: 1 }]],
    ["a number", 1 as never],
    ["null", null as never],
    ["an end in milliseconds", { notAfter: NOW * 1000 }],
    ["an end as a text", { notAfter: "1" }],
    ["an end as a Date", { notAfter: new Date(0) }],
    ["an end of null", { notAfter: null }],
    ["addresses of null", { addresses: null }],
  ];

  test.each(NO_LIMITS)("takes no limit for another: refuses %s", (_what, limits) => {
    const refusal = expect.objectContaining({ name: "ConfigurationError" });
    expect(() => policyFor(event(), alice).allow("GET", "/orders", limits)).toThrow(refusal);
    expect(() => policyFor(event(), alice).deny("GET", "/orders", limits)).toThrow(refusal);
    expect(() => policyFor(event(), alice).allowConnect(limits)).toThrow(refusal);
  });

  test("refuses every option of a rule that is no limit", () => {
    const limits = ["addresses", "encodedPaths", "vpcEndpoints"];
    const options = Object.keys(routeRule.pipe[0].entries).filter((name) => !limits.includes(name));
    expect(NO_LIMITS.map(([name]) => name)).toEqual(expect.arrayContaining(options));
  });

  test("denies for no part of a second too short, and allows for none too long", () => {
    const limits = { notBefore: NOW + 10.5, notAfter: NOW + 20.5 };
    const allowed = policyFor(event(), alice).allow("GET", "/orders", limits).build().policyDocument;
    expect(effectOf(allowed, "GET/orders", { time: NOW + 10 })).toBe("explicit-deny");
    expect(effectOf(allowed, "GET/orders", { time: NOW + 11 })).toBe("allow");
    expect(effectOf(allowed, "GET/orders", { time: NOW + 20 })).toBe("explicit-deny");
    const denied = policyFor(event(), alice).allow("GET", "/*").deny("GET", "/orders", limits).build().policyDocument;
    expect(effectOf(denied, "GET/orders", { time: NOW + 9 })).toBe("allow");
    expect(effectOf(denied, "GET/orders", { time: NOW + 10 })).toBe("explicit-deny");
    expect(effectOf(denied, "GET/orders", { time: NOW + 20 })).toBe("explicit-deny");
    expect(effectOf(denied, "GET/orders", { time: NOW + 21 })).toBe("allow");
  });

  test.each([Number.NaN, NOW * 1000, null, "1", new Date(0)])(
    "refuses the end %s, which would be none",
    (expiresAt) => {
      expect(() => policyFor(event(), { ...alice, expiresAt: expiresAt as number })).toThrow(RangeError);
      expect(() => policyFor(event(), { ...alice, ttl: expiresAt as number })).toThrow(RangeError);
    },
  );

  test.each<[string, object]>([
    ["an option by another name", { expires: NOW }],
    ["a binding that is neither true nor false", { bindAddress: 0 }],
    ["a denial that is neither true nor false", { explicitDeny: null }],
    ["addresses that are no list", { addresses: "10.0.0.0/8" }],
  ])("refuses %s", (_what, options) => {
    expect(() => policyFor(event(), { ...alice, ...options })).toThrow(
      expect.objectContaining({ name: "ConfigurationError" }),
    );
  });
});

test("a path segment is the value itself, or an error: nothing in it has a meaning in a policy", () => {
  expect(pathSegment("alice@example.com")).toBe("alice@example.com");
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab.*?/$%; "), maxLength: 6 }), (value) => {
      try {
        expect(pathSegment(value)).toBe(value);
        expect(value).toMatch(/^[ab](?:\.?[ab])*$/);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }),
  );
});

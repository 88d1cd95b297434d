import { describe, expect, test } from "vitest";
import { client, user } from "../fixtures.ts";
import { allows } from "./allows.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Rule } from "./types.ts";

/** Tests of the model with examples derived from docs/policy.md by hand. compare.test.ts uses the model. */

const MINE = "203.0.113.7";

interface Question {
  readonly path?: string;
  readonly method?: string;
  readonly address?: string;
  /** Instant of use in ISO 8601; by default that of the decision. */
  readonly at?: string;
  readonly decision?: Partial<ModelDecision>;
  readonly config?: Omit<ModelConfig, "routes">;
}

/** Asks the model about a policy made at an instant, for callers without an end of their own. */
function ask(made: string, rules: readonly Partial<Rule>[], principals: readonly ModelPrincipal[], question: Question) {
  const { path = "/a", method = "GET", address = MINE, at = made, decision, config } = question;
  const routes = rules.map((rule, index) => ({ name: `rule-${index}`, methods: ["GET"], paths: ["/a"], ...rule }));
  const use = { time: Date.parse(at) / 1000, address, method, path };
  const decided = { time: Date.parse(made) / 1000, address: MINE, ...decision };
  return allows({ routes, ...config }, principals, decided, use);
}

const lasting = ({ expiresAt: _, ...principal }: ModelPrincipal): ModelPrincipal => principal;
const someone = (overrides: Partial<ModelPrincipal> = {}): ModelPrincipal => ({ ...lasting(user()), ...overrides });
const partner = (overrides: Partial<ModelPrincipal> = {}): ModelPrincipal => ({ ...lasting(client()), ...overrides });
const MONDAY = "2026-03-02T10:00:00Z";

describe("time", () => {
  const weekend: Partial<Rule>[] = [
    { paths: ["/*"] },
    { effect: "deny", windows: [{ days: ["sat", "sun"], from: "00:00", until: "24:00" }] },
  ];

  test.each([
    ["2026-03-07T23:55:00Z", "2026-03-08T00:05:00Z", false],
    ["2026-03-08T23:55:00Z", "2026-03-08T23:59:59Z", false],
    ["2026-03-08T23:55:00Z", "2026-03-09T00:00:00Z", true],
    ["2026-03-06T23:55:00Z", "2026-03-07T00:00:00Z", false],
  ])("a denial at weekends, decided %s and used %s: %s", (made, at, expected) => {
    expect(ask(made, weekend, [someone()], { at })).toBe(expected);
  });

  // On 2026-04-05 Lord Howe goes from 02:00 (UTC+11) back to 01:30 (UTC+10:30), at 15:00Z of the day before.
  test.each([
    ["2026-04-04T14:29:59Z", false],
    ["2026-04-04T14:30:00Z", true],
    ["2026-04-04T14:44:59Z", true],
    ["2026-04-04T14:45:00Z", false],
    ["2026-04-04T15:00:00Z", true],
    ["2026-04-04T15:15:00Z", false],
  ])("a time that Lord Howe's clocks repeat counts both times: %s %s", (at, expected) => {
    const windows = [{ from: "01:30", until: "01:45", timeZone: "Australia/Lord_Howe" }];
    expect(ask("2026-04-04T14:20:00Z", [{ windows }], [someone()], { at })).toBe(expected);
  });

  test.each([
    ["2026-03-29T00:59:59Z", false],
    ["2026-03-29T01:00:00Z", false],
    ["2026-03-29T01:30:00Z", false],
  ])("a time that Berlin's clocks skip does not come: %s", (at, expected) => {
    const windows = [{ from: "02:00", until: "03:00", timeZone: "Europe/Berlin" }];
    expect(ask("2026-03-29T00:50:00Z", [{ windows }], [someone()], { at })).toBe(expected);
  });

  test("a day that Apia skipped has no windows", () => {
    const windows = [{ days: ["fri"], from: "00:00", until: "24:00", timeZone: "Pacific/Apia" }];
    expect(ask("2011-12-30T09:59:59Z", [{ windows }], [someone()], { at: "2011-12-30T10:00:00Z" })).toBe(false);
    const saturday = [{ days: ["sat"], from: "00:00", until: "24:00", timeZone: "Pacific/Apia" }];
    expect(ask("2011-12-30T09:59:59Z", [{ windows: saturday }], [someone()], { at: "2011-12-30T10:00:00Z" })).toBe(
      true,
    );
  });

  test.each([
    ["the cache's TTL and a minute", { ttl: 300 }, {}, {}, "2026-03-02T10:06:00Z"],
    ["an hour where the TTL is not known", {}, {}, {}, "2026-03-02T11:00:00Z"],
    ["policy.maxLifetime", { ttl: 3600 }, { policy: { maxLifetime: 60 } }, {}, "2026-03-02T10:01:00Z"],
    [
      "the end of a credential, which maxLifetime does not shorten",
      {},
      { policy: { maxLifetime: 60 } },
      { expiresAt: Date.parse("2026-03-02T10:10:00Z") / 1000 },
      "2026-03-02T10:10:00Z",
    ],
  ])("a policy ends with %s", (_, decision, config, principal, end) => {
    const before = new Date(Date.parse(end) - 1000).toISOString();
    const asked = (at: string) => ask(MONDAY, [{}], [someone(principal)], { at, decision, config });
    expect([asked(before), asked(end)]).toEqual([true, false]);
  });
});

describe("several credentials", () => {
  const needsBoth: Partial<Rule> = { roles: { allOf: ["operator"] }, tenants: ["acme"] };

  test("a user's role and a key's tenant together open no route that neither opens alone", () => {
    const both = [someone({ roles: ["operator"] }), partner({ tenant: "acme" })];
    expect(ask(MONDAY, [needsBoth], both, {})).toBe(false);
    expect(ask(MONDAY, [needsBoth], [someone({ roles: ["operator"], tenant: "acme" }), partner()], {})).toBe(true);
  });

  test("a rule that names both credentials combines them", () => {
    const rule: Partial<Rule> = { ...needsBoth, credentials: { allOf: ["jwt", "api-key"] } };
    expect(ask(MONDAY, [rule], [someone({ roles: ["operator"] }), partner({ tenant: "acme" })], {})).toBe(true);
    expect(ask(MONDAY, [rule], [someone({ roles: ["operator"], tenant: "acme" })], {})).toBe(false);
  });

  test("a list that another principal states narrows, and a missing list does not", () => {
    const rule: Partial<Rule> = { scopes: { anyOf: ["read"] } };
    const reader = someone({ scopes: ["read"] });
    expect(ask(MONDAY, [rule], [reader, partner()], {})).toBe(true);
    expect(ask(MONDAY, [rule], [reader, partner({ scopes: ["write"] })], {})).toBe(false);
    const union = { merge: { scopes: "union" } } as const;
    expect(ask(MONDAY, [rule], [reader, partner({ scopes: ["write"] })], { config: union })).toBe(true);
  });

  test.each([
    ["two clients", [partner(), partner({ subject: "other" })], false],
    ["two tenants", [someone({ tenant: "acme" }), partner({ tenant: "beta" })], false],
    ["two users", [someone(), someone({ provider: "saml" })], false],
    ["a user and one of unknown kind", [someone(), someone({ kind: "unknown" })], false],
    ["a user and a client", [someone(), partner()], true],
  ])("%s are one caller: %s", (_, principals, expected) => {
    expect(ask(MONDAY, [{}], principals, {})).toBe(expected);
  });

  test("a denial applies if each requirement is met by any principal, and an unknown kind meets it", () => {
    const rules: Partial<Rule>[] = [{}, { ...needsBoth, effect: "deny", kind: "client" }];
    expect(ask(MONDAY, rules, [someone({ roles: ["operator"] }), partner({ tenant: "acme" })], {})).toBe(false);
    expect(ask(MONDAY, rules, [someone({ roles: ["operator"], tenant: "acme" })], {})).toBe(true);
    const unknown = someone({ roles: ["operator"], tenant: "acme", kind: "unknown" });
    expect(ask(MONDAY, rules, [unknown], {})).toBe(false);
  });

  test("placeholders open a usable value and deny * for an unusable one", () => {
    const rules: Partial<Rule>[] = [{ paths: ["/u/*", "/v/{subject}"] }, { effect: "deny", paths: ["/u/{subject}"] }];
    const asked = (subject: string, path: string) => ask(MONDAY, rules, [someone({ subject })], { path });
    expect([asked("alice", "/v/alice"), asked("alice", "/u/alice"), asked("alice", "/u/bob")]).toEqual([
      true,
      false,
      true,
    ]);
    expect([asked("a/b", "/v/a/b"), asked("a/b", "/u/bob")]).toEqual([false, false]);
  });
});

describe("paths and addresses", () => {
  const audit: Partial<Rule>[] = [
    { methods: "ANY", paths: ["/admin/*"] },
    { effect: "deny", methods: ["GET"], paths: ["/admin/audit"] },
  ];

  test.each([
    ["/admin/audit", false],
    ["/admin//audit", false],
    ["/admin/./audit", false],
    ["/admin/%61udit", false],
    ["/admin/x/../audit", false],
    ["/admin/audit/", false],
    ["/admin/audit;v=1", false],
    ["/admin/audit\\", false],
    ["/admin/audit#", false],
    ["/admin/audit ", false],
    ["/admin/x..y", false],
    ["/admin/audits", true],
    ["/admin/audit/x", true],
    ["/admin/audit?", true],
  ])("a denied path below a wildcard, written %s: %s", (path, expected) => {
    expect(ask(MONDAY, audit, [someone()], { path })).toBe(expected);
  });

  test("encodedPaths permits encoded letters, but no dot segments", () => {
    const rules = audit.map((rule) => (rule.effect ? rule : { ...rule, encodedPaths: true }));
    expect(ask(MONDAY, rules, [someone()], { path: "/admin/%61udit" })).toBe(true);
    expect(ask(MONDAY, rules, [someone()], { path: "/admin/%2e%2e/x" })).toBe(false);
    expect(ask(MONDAY, rules, [someone()], { path: "/admin//audit" })).toBe(false);
  });

  test("ANY /* allows methods outside ANY too, and a denial with ANY denies them there", () => {
    const open: Partial<Rule> = { methods: "ANY", paths: ["/*"] };
    const asked = (rules: readonly Partial<Rule>[], path: string) =>
      ask(MONDAY, rules, [someone()], { path, method: "PROPFIND" });
    expect(asked([open], "/x")).toBe(true);
    expect(asked([{ methods: "ANY", paths: ["/x"] }], "/x")).toBe(false);
    const health: Partial<Rule> = { effect: "deny", methods: "ANY", paths: ["/health"] };
    expect([
      asked([open, health], "/health"),
      asked([open, health], "/api/health"),
      asked([open, health], "/x"),
    ]).toEqual([false, false, true]);
  });

  test("the root path is not another spelling, and a path with a trailing slash is one", () => {
    const rules: Partial<Rule>[] = [{ paths: ["/*"] }, { effect: "deny", paths: ["/x"] }];
    expect([ask(MONDAY, rules, [someone()], { path: "/" }), ask(MONDAY, rules, [someone()], { path: "/x/" })]).toEqual([
      true,
      false,
    ]);
  });

  test("a use must match the addresses of all credentials, of the rule, and of the caller", () => {
    const both = [someone({ addresses: ["203.0.113.0/24"] }), partner({ addresses: ["203.0.113.0/29", "10.0.0.0/8"] })];
    const config = { policy: { bindAddress: false } };
    const asked = (address: string) => ask(MONDAY, [{}], both, { address, config });
    expect([asked(MINE), asked("203.0.113.8"), asked("10.0.0.1")]).toEqual([true, false, false]);
    expect(ask(MONDAY, [{}], both, { address: "203.0.113.6" })).toBe(false);
    expect(ask(MONDAY, [{ addresses: ["2001:db8::/32"] }], [someone()], { address: "2001:db8::1", config })).toBe(true);
  });
});

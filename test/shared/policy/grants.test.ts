import { describe, expect, test } from "vitest";
import type { SallyportConfig } from "../../../shared/config/schema.ts";
import { grantsFor } from "../../../shared/policy/grants.ts";
import { callerOf, client, configOf, NOW, user } from "../../fixtures.ts";

type Rule = SallyportConfig["routes"][number];

const grants = (rule: Partial<Rule>, caller = callerOf()) =>
  grantsFor(caller, configOf({ routes: [{ name: "rule", methods: ["GET"], paths: ["/a"], ...rule }] }).routes, NOW);

const applies = (rule: Partial<Rule>, caller = callerOf()) => grants(rule, caller).length === 1;

const partnerWithUser = callerOf({ principals: [client(), user()], client: "partner" });

describe("a rule applies", () => {
  test.each<[string, Partial<Rule>, ReturnType<typeof callerOf>, boolean]>([
    ["to everyone if it asks for nothing", {}, callerOf(), true],
    ["with one of the providers", { credentials: { anyOf: ["saml", "jwt"] } }, callerOf(), true],
    ["not with another provider", { credentials: { anyOf: ["saml"] } }, callerOf(), false],
    ["with a partner's key and a user's token", { credentials: { allOf: ["api-key", "jwt"] } }, partnerWithUser, true],
    ["not with the user's token alone", { credentials: { allOf: ["api-key", "jwt"] } }, callerOf(), false],
    ["with all scopes", { scopes: { allOf: ["a", "b"] } }, callerOf({ scopes: ["b", "a"] }), true],
    ["not with some of the scopes", { scopes: { allOf: ["a", "b"] } }, callerOf({ scopes: ["a"] }), false],
    ["with any of the scopes", { scopes: { anyOf: ["a", "b"] } }, callerOf({ scopes: ["b"] }), true],
    ["with a role", { roles: { anyOf: ["admin"] } }, callerOf({ roles: ["admin"] }), true],
    ["not without the role", { roles: { anyOf: ["admin"] } }, callerOf({ roles: ["Admin"] }), false],
    ["to one of the tenants", { tenants: ["acme"] }, callerOf(), true],
    ["not to another tenant", { tenants: ["globex"] }, callerOf(), false],
    ["to users only", { kind: "user" }, callerOf({ kind: "client" }), false],
    ["to callers of an issuer", { issuers: ["https://id.example.com"] }, callerOf(), true],
    ["not to callers of another issuer", { issuers: ["https://other.example.com"] }, callerOf(), false],
  ])("%s", (_what, rule, caller, expected) => {
    expect(applies(rule, caller)).toBe(expected);
  });

  test("not to a caller without a tenant, where tenants are named", () => {
    const { tenant: _, ...stateless } = callerOf();
    expect(applies({ tenants: ["acme"] }, stateless)).toBe(false);
  });
});

describe("a path", () => {
  test("is filled from the caller, one whole segment each", () => {
    const caller = callerOf({ client: "partner", attributes: { region: "eu" } });
    const [grant] = grants({ paths: ["/{tenant}/{subject}/{client}/{attributes.region}/*"] }, caller);
    expect(grant?.routes).toEqual([{ method: "GET", path: "/acme/alice/partner/eu/*" }]);
  });

  test.each([
    "a*b",
    "*",
    "a?",
    "a/b",
    "..",
    ".",
    "",
    "$" + "{aws:username}",
    "a b",
    "ä",
    "a%2Fb",
    "x".repeat(129),
    "a\n",
  ])("grants nothing where the value would be %j", (tenant) => {
    expect(grants({ paths: ["/{tenant}/a"] }, callerOf({ tenant }))).toEqual([]);
  });

  test("grants nothing where the caller has no such value", () => {
    const { tenant: _, ...stateless } = callerOf();
    expect(grants({ paths: ["/{tenant}/a"] }, stateless)).toEqual([]);
    expect(grants({ paths: ["/{client}/a"] }, callerOf())).toEqual([]);
    expect(grants({ paths: ["/{attributes.toString}/a"] }, callerOf())).toEqual([]);
  });

  test("denies every value where a denying rule cannot be filled", () => {
    const [grant] = grants({ effect: "deny", paths: ["/{tenant}/a"] }, callerOf({ tenant: "a*" }));
    expect(grant?.routes).toEqual([{ method: "GET", path: "/*/a" }]);
  });

  test("keeps the paths that can be filled", () => {
    expect(grants({ paths: ["/{client}", "/b"] })[0]?.routes).toEqual([{ method: "GET", path: "/b" }]);
  });
});

describe("methods", () => {
  test("ANY is every method by name, because a wildcard would cross the slash behind it", () => {
    const methods = grants({ methods: "ANY" })[0]?.routes.map(({ method }) => method);
    expect(methods).toEqual(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
  });

  test("ANY on every path is one wildcard", () => {
    expect(grants({ methods: "ANY", paths: ["/*"] })[0]?.routes).toEqual([{ method: "*", path: "/*" }]);
  });
});

test("a rule whose windows are closed for longer than a policy is cached has no interval", () => {
  expect(grants({ windows: [{ from: "20:00", until: "21:00" }] })[0]?.intervals).toEqual([]);
});

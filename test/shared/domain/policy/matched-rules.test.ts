import { expect, test } from "vitest";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";
import { matchedRules } from "../../../../shared/domain/policy/matched-rules.ts";
import type { Principal } from "../../../../shared/domain/principal/principal.ts";
import { client, configOf, user } from "../../../fixtures.ts";

const route = (name: string, rule: Partial<SallyportConfig["routes"][number]>) => ({
  ...{ name, methods: ["GET" as const], paths: [`/${name}`] },
  ...rule,
});

const rules = configOf({
  routes: [
    route("everybody", {}),
    route("admins", { roles: { anyOf: ["admin"] } }),
    route("readers", { scopes: { allOf: ["read", "list"] } }),
    route("tenant", { tenants: ["acme"] }),
    route("issuer", { issuers: ["https://other.example.com"] }),
    route("users", { kind: "user" }),
    route("saml", { credentials: { anyOf: ["saml"] } }),
    route("own", { paths: ["/users/{subject}"] }),
    route("region", { paths: ["/regions/{attributes.region}"] }),
    route("closed", { effect: "deny", roles: { anyOf: ["guest"] } }),
  ],
});

const pathsFor = (...principals: Principal[]) =>
  matchedRules(principals, rules).flatMap(({ rule, paths }) => paths.map((path) => `${rule.name} ${path}`));

const base: Partial<Principal> = { subject: "alice", attributes: { region: "eu" } };

test.each<[string, Partial<Principal>]>([
  ["a role", { roles: ["admin"] }],
  ["a role that a rule denies", { roles: ["guest"] }],
  ["scopes", { scopes: ["read", "list"] }],
  ["a tenant", { tenant: "acme" }],
  ["an issuer", { issuer: "https://other.example.com" }],
  ["a kind", { kind: "unknown" }],
  ["a provider", { provider: "saml" }],
  ["a subject", { subject: "bob" }],
  ["an attribute", { attributes: { region: "us" } }],
])("callers that differ in %s do not share their rules", (_what, difference) => {
  const [one, other] = [user(base), user({ ...base, ...difference })];
  const alone = matchedRules([other], configOf({ routes: rules.routes as SallyportConfig["routes"] }));
  const before = pathsFor(one);
  const after = pathsFor(other);
  expect(after).not.toEqual(before);
  expect(after).toEqual(alone.flatMap(({ rule, paths }) => paths.map((path) => `${rule.name} ${path}`)));
  expect(pathsFor(one)).toEqual(before);
});

test("a caller with a second credential does not get the rules that it has with the first alone", () => {
  const person = user({ ...base, roles: ["admin"] });
  expect(pathsFor(person)).toContain("admins /admins");
  expect(pathsFor(person, client({ roles: ["guest"] }))).not.toContain("admins /admins");
});

test("the union of scopes, set for one configuration, does not answer for another with the same routes", () => {
  const [person, key] = [user({ ...base, scopes: ["read"] }), client({ scopes: ["list"] })];
  const names = (scopes: "union" | "intersection") =>
    matchedRules([person, key], { ...rules, merge: { ...rules.merge, scopes } }).map(({ rule }) => rule.name);
  expect(names("union")).toContain("readers");
  expect(names("intersection")).not.toContain("readers");
});

test("credentials of one caller that end at different times share the rules that were found", () => {
  const first = matchedRules([user({ ...base, issuedAt: 1, expiresAt: 100 })], rules);
  expect(matchedRules([user({ ...base, issuedAt: 2, expiresAt: 200 })], rules)).toBe(first);
});

test("what is known of a caller with many roles is not kept", () => {
  const many = user({ ...base, roles: Array.from({ length: 200 }, (_, index) => `role-of-some-length-${index}`) });
  expect(matchedRules([many], rules)).not.toBe(matchedRules([many], rules));
});

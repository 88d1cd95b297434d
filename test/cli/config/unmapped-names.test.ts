import { describe, expect, test } from "vitest";
import { unmappedNames } from "../../../cli/config/unmapped-names.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";
import { identity } from "../../providers/saml/fixture.ts";

type Issuer = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
type Provider = NonNullable<SallyportConfig["saml"]>["identityProviders"][number];
type Rule = Partial<SallyportConfig["routes"][number]>;

const ISSUER = "https://id.example.com";
const apiKeys = { table: "t", peppers: [{ id: "p1", secret: { ssm: "/s" } }] };

const warned = (rule: Rule, issuer: Partial<Issuer> = {}, others: Partial<SallyportConfig> = {}) =>
  unmappedNames(
    configOf({
      jwt: { issuers: [{ issuer: ISSUER, audience: "a", ...issuer }] },
      routes: [{ name: "rule", methods: ["GET"], paths: ["/a"], ...rule }],
      ...others,
    }),
  ).map(({ path, message }) => `${path}: ${message}`);

const samlWith = (provider: Partial<Provider>) => ({
  saml: {
    ...{ audience: "a", recipients: "r" },
    identityProviders: [{ issuer: "idp", certificates: [identity.certificate], ...provider }],
  },
});

test("nothing that a table of entitlements supplies is said to be missing: roles, scopes and the tenant", () => {
  const entitlements = { entitlements: { table: "t" } };
  const rule = {
    paths: ["/tenants/{tenant}"],
    roles: { allOf: ["admin"] },
    scopes: { allOf: ["read"] },
    tenants: ["a"],
  };
  const bare = { claims: { scopes: [] } };
  expect(warned(rule, bare)).toHaveLength(4);
  expect(warned(rule, bare, entitlements)).toEqual([]);
  expect(warned({ paths: ["/a/{attributes.region}"] }, bare, entitlements)).toHaveLength(1);
  // A record must not contradict the tenant of the credential.
  expect(warned({ tenants: ["other"] }, { fixed: { tenant: "acme" } }, entitlements)).toHaveLength(1);
});

describe("a placeholder is said to have no value", () => {
  test("where no issuer maps a tenant", () => {
    const rule = { paths: ["/tenants/{tenant}/orders"] };
    expect(warned(rule)).toEqual([
      'routes[0] (rule): "/tenants/{tenant}/orders": no issuer maps a value for {tenant}, so that the path is never open',
    ]);
    expect(warned(rule, { claims: { tenant: "tid" } })).toEqual([]);
    expect(warned(rule, { fixed: { tenant: "acme" } })).toEqual([]);
    expect(warned(rule, {}, samlWith({ attributes: { tenant: "tenant" } }))).toEqual([]);
    expect(warned(rule, {}, { apiKeys })).toEqual([]);
  });

  test("where no issuer maps the attribute", () => {
    const rule = { paths: ["/regions/{attributes.region}", "/own/{subject}"] };
    expect(warned(rule, { claims: { attributes: { area: "region" } } })).toEqual([
      expect.stringContaining("{attributes.region}"),
    ]);
    expect(warned(rule, { claims: { attributes: { region: "area" } } })).toEqual([]);
  });

  test("where only an issuer maps it that the rule does not take", () => {
    const rule = { paths: ["/tenants/{tenant}"], issuers: [ISSUER] };
    expect(warned(rule, {}, { apiKeys })).toHaveLength(1);
    expect(warned({ ...rule, issuers: [ISSUER, "api-keys:live"] }, {}, { apiKeys })).toEqual([]);
    expect(warned({ paths: rule.paths, credentials: { allOf: ["jwt"] } }, {}, { apiKeys })).toHaveLength(1);
  });

  test("but not in a denying rule, which closes the path for every value then", () => {
    expect(warned({ effect: "deny", paths: ["/tenants/{tenant}"] })).toEqual([]);
  });
});

describe("a requirement is said to be met by nobody", () => {
  test("where no issuer maps roles", () => {
    const rule = { roles: { anyOf: ["admin", "owner"] } };
    expect(warned(rule)).toEqual([
      'routes[0] (rule): no issuer maps roles, so that nobody has the role "admin": the rule opens nothing',
    ]);
    expect(warned({ ...rule, effect: "deny" })).toEqual([expect.stringMatching(/: the denial never applies$/)]);
    expect(warned(rule, { claims: { roles: ["groups"] } })).toEqual([]);
    expect(warned(rule, {}, { apiKeys })).toEqual([]);
  });

  test("where every caller has other roles, and no others", () => {
    const fixed = { roles: ["owner"] };
    expect(warned({ roles: { anyOf: ["admin", "owner"] } }, { fixed })).toEqual([]);
    expect(warned({ roles: { allOf: ["admin", "owner"] } }, { fixed })).toHaveLength(1);
    expect(warned({ roles: { anyOf: ["admin"] } }, { fixed })).toHaveLength(1);
  });

  test("where no issuer maps scopes", () => {
    expect(warned({ scopes: { allOf: ["read"] } })).toEqual([]);
    expect(warned({ scopes: { allOf: ["read"] } }, { claims: { scopes: [] } })).toEqual([
      expect.stringContaining("no issuer maps scopes"),
    ]);
  });

  test("where every caller is of another tenant", () => {
    const rule = { tenants: ["globex"] };
    expect(warned(rule)).toHaveLength(1);
    expect(warned(rule, { fixed: { tenant: "acme" } })).toHaveLength(1);
    expect(warned(rule, { fixed: { tenant: "globex" } })).toEqual([]);
    expect(warned(rule, { claims: { tenant: "tid" } })).toEqual([]);
  });
});

test("a rule whose issuer or provider is not configured has a warning elsewhere", () => {
  expect(warned({ roles: { anyOf: ["admin"] }, issuers: ["https://other.example.com"] })).toEqual([]);
  expect(warned({ roles: { anyOf: ["admin"] }, credentials: { anyOf: ["own"] } })).toEqual([]);
});

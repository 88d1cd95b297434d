import { describe, expect, test } from "vitest";
import { doubtfulValues } from "../../../cli/config/doubtful-values.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf } from "../../fixtures.ts";
import { identity } from "../../providers/saml/fixture.ts";

const shown = (config: Partial<SallyportConfig>) =>
  doubtfulValues(configOf({ jwt: { issuers: [{ issuer: "https://id.acme.test", audience: "a" }] }, ...config })).map(
    ({ path, message }) => `${path}: ${message}`,
  );
const onIssuer = (issuer: string) => shown({ jwt: { issuers: [{ issuer, audience: "a" }] } });
const onRule = (rule: object) => shown({ routes: [{ name: "rule", methods: ["GET"], paths: ["/a"], ...rule }] });

describe("an issuer", () => {
  test.each([
    ["https://id.example.com"],
    ["https://example.org/"],
    ["https://id.acme.example"],
    ["https://tenant.invalid"],
  ])("%s is a name for documentation", (issuer) => {
    expect(onIssuer(issuer)).toEqual([expect.stringMatching(/^jwt\.issuers\[0\]\.issuer: .*RFC 2606/)]);
  });

  test.each([
    ["https://login.microsoftonline.com/common/v2.0"],
    ["https://login.microsoftonline.com/organizations/v2.0"],
    ["https://login.microsoftonline.com/consumers/v2.0"],
    ["https://sts.windows.net/common/"],
  ])("%s stands for every tenant of Entra, so that no token names it", (issuer) => {
    expect(onIssuer(issuer)).toEqual([expect.stringContaining("stands for every tenant")]);
  });

  test("of GitHub Actions with a slash at its end matches no token", () => {
    const issuer = "https://token.actions.githubusercontent.com";
    expect(onIssuer(`${issuer}/`)).toEqual([expect.stringContaining("GitHub Actions")]);
    expect(onIssuer(issuer)).toEqual([]);
  });

  test("of Auth0 without the slash at its end matches no token", () => {
    expect(onIssuer("https://acme.eu.auth0.com")).toEqual([expect.stringContaining("'/' at its end")]);
    expect(onIssuer("https://acme.eu.auth0.com/")).toEqual([]);
  });

  test.each([
    ["https://login.microsoftonline.com/7d1b3c4e-0000-4000-8000-000000000000/v2.0"],
    ["https://example.company.test/common"],
    ["https://notexample.com"],
    ["urn:acme:issuer"],
  ])("%s is in order", (issuer) => {
    const keys = { jwks: { keys: [{ kty: "RSA" }] } };
    expect(shown({ jwt: { issuers: [{ issuer, audience: "a", keys }] } })).toEqual([]);
  });

  test("of SAML, and the address of its metadata, may be names for documentation too", () => {
    const saml = (entry: object) =>
      shown({
        saml: { audience: "a", recipients: "r", identityProviders: [{ issuer: "urn:idp", ...entry }] },
      });
    expect(saml({ issuer: "https://idp.example.com", certificates: [identity.certificate] })).toHaveLength(1);
    expect(saml({ metadata: { url: "https://idp.example.com/metadata" } })).toHaveLength(1);
    expect(saml({ certificates: [identity.certificate] })).toEqual([]);
  });
});

describe("a path", () => {
  test("with a parameter as routers of web frameworks write it", () => {
    expect(onRule({ paths: ["/users/:id/orders"] })).toEqual([
      'routes[0] (rule): "/users/:id/orders": ":id" stands for itself; write "*", or a placeholder such as {subject}',
    ]);
    expect(onRule({ paths: ["/urn:isbn:1"] })).toEqual([]);
  });

  test("that begins with what is probably a stage", () => {
    expect(onRule({ paths: ["/prod/orders", "/prod/users"] })).toEqual([expect.stringContaining('is "/prod" one?')]);
    expect(onRule({ paths: ["/production"] })).toHaveLength(1);
    expect(onRule({ paths: ["/products", "/devices", "/v1/prod"] })).toEqual([]);
  });

  test("that ends with a slash", () => {
    expect(onRule({ paths: ["/orders/"] })).toEqual([expect.stringContaining('another path than "/orders"')]);
    expect(onRule({ paths: ["/"] })).toEqual([]);
  });
});

describe("a scope", () => {
  test("with a comma is probably two", () => {
    expect(onRule({ scopes: { allOf: ["read,write"] } })).toEqual([expect.stringContaining("several are a list")]);
  });

  test("with a space is what nobody can have", () => {
    expect(onRule({ scopes: { anyOf: ["read write", "list"] } })).toEqual([expect.stringContaining("nobody has it")]);
  });

  test("that every caller has is looked at too", () => {
    const fixed = { scopes: ["read,write"] };
    expect(shown({ jwt: { issuers: [{ issuer: "https://id.acme.test", audience: "a", fixed }] } })).toEqual([
      expect.stringMatching(/^jwt\.issuers\[0\]\.fixed\.scopes: /),
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { LOGIN_KEY, localLogin } from "../../../../local/stack/login/local-login.ts";
import { withLocalLogin } from "../../../../local/stack/login/login-config.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";

/** A project's login on this machine: what is local, and what stays as it is deployed. */

const PROJECT: SallyportConfig = {
  jwt: {
    issuers: [
      { issuer: "https://id.acme.test", audience: "orders" },
      { issuer: "https://login.acme.test", audience: "orders", maxTokenAge: 300 },
    ],
  },
  saml: {
    ...{ audience: "urn:orders", recipients: "https://orders.acme.test/acs" },
    identityProviders: [
      {
        ...{ issuer: "https://idp.acme.test", metadata: { url: "https://idp.acme.test/metadata" } },
        login: { connection: "acme", singleSignOnUrl: "https://idp.acme.test/sso", binding: "post", signRequest: true },
      },
    ],
  },
  federation: {
    ...{ issuer: "https://login.acme.test", table: "login", resources: "orders:api", signing: "kms" },
    ...{ tokenLifetime: 300, requestSigning: { key: { secretsManager: "key" }, certificate: "MII" } },
    clients: [
      { id: "backend", authentication: "api-key", redirectUris: ["https://app.acme.test/a"] },
      { id: "web", redirectUris: ["https://app.acme.test/b"] },
    ],
  },
  routes: [{ name: "orders", methods: ["GET"], paths: ["/orders"], issuers: ["https://login.acme.test"] }],
};

const route = { method: "POST", path: "/saml/{connection}/acs", function: "Federation", payload: "2.0" };
const api = { kind: "http", name: "LoginApi", routes: [route] };
const login = localLogin({ apis: [api as never] }, { LoginApi: "http://127.0.0.1:4004" }, "http://127.0.0.1:4005");
const local = () => withLocalLogin(PROJECT, login, (table) => `local-${table}`, "LOCAL");

test("finds the login by its route, and names its hosts so that they are two sites", () => {
  expect(login).toEqual({
    ...{ api: "LoginApi", function: "Federation", url: "http://localhost:4004" },
    ...{ singleSignOnUrl: "http://127.0.0.1:4005/login/sso", redirectUri: "http://127.0.0.1:4005/login/callback" },
  });
  expect(localLogin({ apis: [{ ...api, routes: [] } as never] }, {}, "http://127.0.0.1:4005")).toBeUndefined();
});

describe("with a login in the template", () => {
  test("the issuer is local wherever it is named, with keys of its own", () => {
    const { federation, jwt, routes } = local();
    expect(federation).toMatchObject({ issuer: "http://localhost:4004", table: "local-login", tokenLifetime: 300 });
    expect(jwt?.issuers).toEqual([
      PROJECT.jwt?.issuers[0],
      {
        ...{ issuer: "http://localhost:4004", audience: "orders", maxTokenAge: 300 },
        keys: { jwksUri: "http://localhost:4004/jwks" },
      },
    ]);
    expect(routes[0]?.issuers).toEqual(["http://localhost:4004"]);
  });

  test("no key of the project is asked for, and the tokens are signed with one of this run", () => {
    expect(local().federation?.signing).toEqual({ development: { environment: LOGIN_KEY } });
    expect(JSON.stringify(local())).not.toContain("secretsManager");
    expect(local().federation?.requestSigning).toEqual({
      ...{ key: { environment: "SALLYPORT_LOCAL_SAML_KEY" }, certificate: "LOCAL" },
    });
  });

  test("the first public client alone gets the redirect URI of the local application", () => {
    expect(local().federation?.clients.map(({ redirectUris }) => redirectUris)).toEqual([
      ["https://app.acme.test/a"],
      ["https://app.acme.test/b", "http://127.0.0.1:4005/login/callback"],
    ]);
  });

  test("people are sent to the local identity provider, as the project has it", () => {
    expect(local().saml?.identityProviders[0]?.login).toEqual({
      ...{ connection: "acme", singleSignOnUrl: "http://127.0.0.1:4005/login/sso", binding: "post", signRequest: true },
    });
  });

  test("the configuration is valid", () => {
    expect(() => parseConfig(local())).not.toThrow();
  });
});

test("without a login in the template the configuration has none, and its other parts are as they were", () => {
  const without = withLocalLogin(PROJECT, undefined, (table) => table, "LOCAL");
  expect(without).not.toHaveProperty("federation");
  expect(JSON.stringify(without.saml)).not.toContain("singleSignOnUrl");
  expect(without.jwt).toEqual(PROJECT.jwt);
  expect(() => parseConfig(without)).not.toThrow();
});

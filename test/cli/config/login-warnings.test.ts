import { expect, test } from "vitest";
import { loginWarnings } from "../../../cli/config/login-warnings.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";

const ISSUER = "https://login.example.com";
const rule = { name: "orders", methods: ["GET"], paths: ["/orders"] };

/** The warnings about a denying rule with a requirement. */
const about = (requirement: object, subjectTokens: readonly object[] = []) =>
  loginWarnings(
    parseConfig({
      apiKeys: { table: "keys", peppers: [{ id: "one", secret: { ssm: "/pepper" } }] },
      saml: { audience: "https://api.example.com", recipients: "https://api.example.com/acs", identityProviders: [] },
      federation: {
        ...{ issuer: ISSUER, table: "login", resources: "https://api.example.com", signing: "kms", subjectTokens },
        clients: [{ id: "gateway", grants: ["exchange"], authentication: "api-key" }],
      },
      routes: [rule, { ...rule, name: "no", effect: "deny", ...requirement }],
    }),
  ).map(({ path, message }) => `${path}: ${message}`);

test.each([
  ["attributes", { attributes: { department: ["contractor"] } }, "attributes"],
  ["issuers without the login", { issuers: ["https://idp.example.com"] }, "other issuers than `federation.issuer`"],
  ["a provider", { credentials: { anyOf: ["saml"] } }, "another provider than `jwt`"],
])("a denying rule by %s refuses tokens, and its name is told", (_, requirement, what) => {
  expect(about(requirement)).toEqual([expect.stringContaining(`routes[1] (no): it asks for ${what}, which`)]);
});

test("a denying rule for clients refuses exchanges with an actor, where there are any", () => {
  expect(about({ kind: "client" })).toEqual([]);
  expect(about({ kind: "client" }, [{ name: "partners", issuer: "api-keys:live" }])).toHaveLength(1);
});

test("a denying rule by what a token shows is no matter", () => {
  expect(about({ roles: { anyOf: ["suspended"] }, tenants: ["acme"] })).toEqual([]);
  expect(about({ issuers: ["https://idp.example.com", ISSUER] })).toEqual([]);
  expect(about({ effect: "allow", attributes: { department: ["sales"] } })).toEqual([]);
});

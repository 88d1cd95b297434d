import { expect, test } from "vitest";
import { createSigningIdentity } from "../../../../local/stage/saml/signing.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";

const { certificate } = await createSigningIdentity();
const ISSUER = { issuer: "https://id.example.com" };
const PROVIDER = { issuer: "https://idp.example.com", certificates: [certificate] };
const PEPPER = { id: "p1", secret: { environment: "PEPPER" } };
const RULE = { name: "all", methods: ["GET" as const], paths: ["/a"] };

const CONFIG: SallyportConfig = {
  jwt: { issuers: [ISSUER] },
  saml: { audience: "a", recipients: "https://api.example.com/acs", identityProviders: [PROVIDER] },
  apiKeys: { table: "keys", peppers: [PEPPER] },
  routes: [RULE],
};

test("accepts a configuration without duplicates", () => {
  expect(() => parseConfig(CONFIG)).not.toThrow();
});

test.each<[string, string, Partial<SallyportConfig>]>([
  ["an issuer", "each issuer once", { jwt: { issuers: [ISSUER, ISSUER] } }],
  [
    "an identity provider",
    "each issuer once",
    { saml: { audience: "a", recipients: "b", identityProviders: [PROVIDER, PROVIDER] } },
  ],
  ["a pepper id", "each pepper id once", { apiKeys: { table: "keys", peppers: [PEPPER, PEPPER] } }],
  ["a rule's name", "a name of its own for each rule", { routes: [RULE, RULE] }],
])("refuses a configuration with a duplicate of %s", (_what, allowed, change) => {
  expect(() => parseConfig({ ...CONFIG, ...change })).toThrow(`allowed: ${allowed}`);
});

import { describe, expect, test } from "vitest";
import { createProviders } from "../../providers/registry.ts";
import { configOf } from "../fixtures.ts";

const jwt = { issuers: [{ issuer: "https://id.example.com", audience: "https://api.example.com" }] };
const saml = {
  audience: "urn:a",
  recipients: "https://a.example.com/acs",
  identityProviders: [{ issuer: "https://idp.example.com", metadata: { url: "https://idp.example.com/metadata" } }],
};
const apiKeys = { table: "keys", peppers: [{ id: "p1", secret: { environment: "PEPPER" } }] };

describe("the chain has the providers that the configuration has a section for", () => {
  test("in the order in which their shapes are cheapest to recognise", () => {
    const names = createProviders(configOf({ saml, jwt, apiKeys })).map(({ name }) => name);
    expect(names).toEqual(["api-key", "jwt", "saml"]);
  });

  test("and no other", () => {
    expect(createProviders(configOf({ jwt })).map(({ name }) => name)).toEqual(["jwt"]);
  });
});

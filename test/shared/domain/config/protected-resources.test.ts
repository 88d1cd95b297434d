import { describe, expect, test } from "vitest";
import { protectedResourceWarnings } from "../../../../cli/config/protected-resource-warnings.ts";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";

type Resource = NonNullable<SallyportConfig["protectedResources"]>[number];

const RESOURCE = "https://api.example.com/mcp";
const ISSUER = "https://id.example.com";
const configWith = (protectedResources: Resource[], audience?: string): SallyportConfig => ({
  jwt: { issuers: [{ issuer: ISSUER, audience: audience ?? RESOURCE }] },
  protectedResources,
  routes: [{ name: "mcp", methods: ["POST"], paths: ["/mcp"], scopes: { allOf: ["mcp:read"] } }],
});

function mistakesIn(protectedResources: unknown): string[] {
  try {
    parseConfig(configWith(protectedResources as Resource[]));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.mistakes.map(({ path, found, allowed }) => `${path}: found ${found}, allowed: ${allowed}`);
  }
}

describe("protectedResources", () => {
  test.each<[string, unknown, RegExp]>([
    ["no resource", [{}], /protectedResources\[0\]\.resource/],
    ["an empty list", [], /protectedResources/],
    [
      "http",
      [{ resource: "http://api.example.com" }],
      /resource: found "http:\/\/api.example.com", allowed: an https URL/,
    ],
    ["a query", [{ resource: `${RESOURCE}?a=1` }], /without a query/],
    ["a fragment", [{ resource: `${RESOURCE}#a` }], /without a query and a fragment/],
    ["a credential in the URL", [{ resource: "https://a:b@api.example.com" }], /without credentials/],
    ["a quote, which would end the text of a header", [{ resource: `${RESOURCE}"` }], /quotes/],
    ["a scope with a space", [{ resource: RESOURCE, scopes: ["a b"] }], /scopes\[0\]: found "a b", allowed: a scope/],
    ["a server that is no URL", [{ resource: RESOURCE, authorizationServers: ["id"] }], /authorizationServers\[0\]/],
    ["an age that is too high", [{ resource: RESOURCE, maxAge: 86_401 }], /maxAge/],
    [
      "two resources that only their hosts tell apart",
      [{ resource: RESOURCE }, { resource: "https://other.example.com/mcp/" }],
      /different paths: the host of a request does not tell them apart/,
    ],
  ])("refuses %s", (_, value, mistake) => {
    expect(mistakesIn(value).join("\n")).toMatch(mistake);
  });

  test("takes loopback addresses over http, for local runs", () => {
    expect(mistakesIn([{ resource: "http://127.0.0.1:4000/prod" }])).toEqual([]);
  });
});

describe("config check warns", () => {
  const warningsOf = (config: SallyportConfig) =>
    protectedResourceWarnings(parseConfig(config)).map(({ path, message }) => `${path}: ${message}`);

  test("of nothing where scopes are named and the issuer's tokens are for the resource", () => {
    expect(warningsOf(configWith([{ resource: RESOURCE, scopes: ["mcp:read"] }]))).toEqual([]);
  });

  test("of nothing for the issuers of Entra's tenants, whose entry has a place for their ids", () => {
    const tenantIds = ["8eaef023-2b34-4da1-9baa-8bc8c9d6a490"];
    const issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";
    const entra = { preset: "entra-v2" as const, issuer, tenantIds, audience: RESOURCE };
    const config = configWith([{ resource: RESOURCE, scopes: ["mcp:read"] }]);
    expect(warningsOf({ ...config, jwt: { issuers: [entra] } })).toEqual([]);
  });

  test("that clients ask for all scopes of the rules where none are named", () => {
    expect(warningsOf(configWith([{ resource: RESOURCE }]))).toEqual([
      "protectedResources[0]: no scopes: clients ask for every scope that the rules name",
    ]);
  });

  test("that tokens made for the resource are refused where no issuer has it as its audience", () => {
    expect(warningsOf(configWith([{ resource: RESOURCE, scopes: [] }], "https://else.example.com"))).toEqual([
      expect.stringMatching(/^protectedResources\[0\]\.resource: not in the audience of any issuer/),
    ]);
  });

  test("of an authorization server that is no issuer, and of none at all", () => {
    const authorizationServers = ["https://proxy.example.com"];
    expect(warningsOf(configWith([{ resource: RESOURCE, scopes: [], authorizationServers }]))).toEqual([
      expect.stringMatching(/^protectedResources\[0\]\.authorizationServers\[0\]: not an issuer of `jwt.issuers`/),
    ]);
    const { jwt: _, ...rest } = configWith([{ resource: RESOURCE, scopes: [] }]);
    const apiKeys = { table: "keys", peppers: [{ id: "p1", secret: { secretsManager: "s" } }] };
    expect(warningsOf({ ...rest, apiKeys })).toEqual([
      expect.stringMatching(/^protectedResources\[0\]: no authorization server/),
    ]);
  });
});

import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import { configOf } from "../../../fixtures.ts";

const ROUTE = { name: "all", methods: ["GET"], paths: ["/a"] };
const JWT = { issuers: [{ issuer: "https://id.example.com" }] };

function mistakesIn(input: unknown): string[] {
  try {
    parseConfig(input);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes.map(({ path, found }) => `${path}: ${found}`);
    throw error;
  }
  return [];
}

test("fills in the defaults", () => {
  const config = configOf();
  expect(config.policy).toEqual({
    bindAddress: true,
    explicitDeny: true,
    caseInsensitivePaths: false,
    maxLifetime: 3600,
  });
  expect(config.merge).toEqual({ scopes: "intersection" });
  expect(config.jwt?.issuers[0]).toMatchObject({ algorithms: ["RS256"], keys: { discovery: true }, clockTolerance: 5 });
});

test("accepts a configuration without a section of a provider, for providers of one's own", () => {
  expect(mistakesIn({ routes: [{ ...ROUTE, credentials: { anyOf: ["session"] } }] })).toEqual([]);
});

test("converts addresses to their canonical form", () => {
  const addresses = ["10.1.2.3/8", "192.0.2.7", "::ffff:192.0.2.7/120", "2001:DB8::1/32"];
  expect(configOf({ routes: [{ name: "a", webSocket: true, addresses }] }).routes[0]?.addresses).toEqual([
    "10.0.0.0/8",
    "192.0.2.7/32",
    "192.0.2.0/24",
    "2001:db8::/32",
  ]);
});

test.each(["10/8", "10.1/16", "010.0.0.0/8", "0x0a.0.0.0/8", "::ffff:10.0.0.0/8", "fe80::1%eth0"])(
  "refuses a rule with the address %s",
  (address) => {
    const rule = { name: "a", effect: "deny", webSocket: true, addresses: ["192.0.2.1", address] };
    expect(mistakesIn({ jwt: JWT, routes: [rule] })).toEqual([`routes[0].addresses[1]: "${address}"`]);
  },
);

test("lists every mistake with its path, the value found and what is allowed", () => {
  const wrong = {
    jwt: { issuers: [{ issuer: "https://id.example.com", algorithms: ["none"], audience: 5 }] },
    routes: [{ ...ROUTE, paths: ["a"], addresses: ["1.2.3"] }],
    polciy: {},
  };
  expect(() => parseConfig(wrong, "sallyport.config.ts")).toThrow(ConfigurationError);
  expect(mistakesIn(wrong)).toEqual([
    "jwt.issuers[0].audience: 5",
    'jwt.issuers[0].algorithms[0]: "none"',
    'routes[0].paths[0]: "a"',
    'routes[0].addresses[0]: "1.2.3"',
    "polciy: an unknown name",
  ]);
  expect(() => parseConfig(wrong, "sallyport.config.ts")).toThrow(
    /^sallyport\.config\.ts has 5 mistakes:\n {2}jwt\.issuers/,
  );
});

describe("refuses", () => {
  test.each<[string, unknown, string]>([
    ["a configuration without routes", { jwt: JWT, routes: [] }, "routes: a list of 0"],
    ["two rules with the same name", { jwt: JWT, routes: [ROUTE, ROUTE] }, 'routes[1].name: "all"'],
    [
      "a duplicate issuer",
      { jwt: { issuers: [JWT.issuers[0], JWT.issuers[0]] }, routes: [ROUTE] },
      'jwt.issuers[1].issuer: "https://id.example.com"',
    ],
    [
      "an HS algorithm with public keys",
      { jwt: { issuers: [{ issuer: "https://id.example.com", algorithms: ["HS256"] }] }, routes: [ROUTE] },
      "jwt.issuers[0].algorithms: a list of 1",
    ],
    [
      "a secret with a public-key algorithm",
      { jwt: { issuers: [{ issuer: "a", algorithms: ["RS256"], keys: { secret: { ssm: "a" } } }] }, routes: [ROUTE] },
      "jwt.issuers[0].algorithms: a list of 1",
    ],
    [
      "discovery without TLS",
      { jwt: { issuers: [{ issuer: "http://id.example.com" }] }, routes: [ROUTE] },
      'jwt.issuers[0].issuer: "http://id.example.com"',
    ],
    [
      "a key set without TLS",
      { jwt: { issuers: [{ issuer: "a", keys: { jwksUri: "http://id.example.com/keys" } }] }, routes: [ROUTE] },
      'jwt.issuers[0].keys.jwksUri: "http://id.example.com/keys"',
    ],
    [
      "a method that does not exist",
      { jwt: JWT, routes: [{ ...ROUTE, methods: ["FETCH"] }] },
      'routes[0].methods[0]: "FETCH"',
    ],
    ["an unknown placeholder", { jwt: JWT, routes: [{ ...ROUTE, paths: ["/{x}"] }] }, 'routes[0].paths[0]: "/{x}"'],
    [
      "a placeholder in part of a segment",
      { jwt: JWT, routes: [{ ...ROUTE, paths: ["/a{tenant}"] }] },
      'routes[0].paths[0]: "/a{tenant}"',
    ],
    [
      "two placeholders in one segment",
      { jwt: JWT, routes: [{ ...ROUTE, paths: ["/{tenant}{subject}"] }] },
      'routes[0].paths[0]: "/{tenant}{subject}"',
    ],
    ["a question mark in a path", { jwt: JWT, routes: [{ ...ROUTE, paths: ["/a?b"] }] }, 'routes[0].paths[0]: "/a?b"'],
    [
      "a window whose end is before its start",
      { jwt: JWT, routes: [{ ...ROUTE, windows: [{ from: "10:00", until: "09:00" }] }] },
      "routes[0].windows[0]: an object with from, until",
    ],
    [
      "a time zone that does not exist",
      { jwt: JWT, routes: [{ ...ROUTE, windows: [{ from: "08:00", until: "09:00", timeZone: "Mars/Base" }] }] },
      'routes[0].windows[0].timeZone: "Mars/Base"',
    ],
    [
      "a denying rule for senders, by the option that is wrong",
      { jwt: JWT, routes: [{ name: "a", effect: "deny", methods: ["GET"], paths: ["/a"], senderConstrained: "dpop" }] },
      'routes[0].senderConstrained: "dpop"',
    ],
    [
      "a pattern with two stars, which is shown",
      {
        jwt: { issuers: [{ issuer: "https://a.test", requiredClaims: { environment: { like: "prod**" } } }] },
        routes: [ROUTE],
      },
      'jwt.issuers[0].requiredClaims.environment.like: "prod**"',
    ],
    [
      "a rule without methods, webSocket and fields",
      { jwt: JWT, routes: [{ name: "a" }] },
      "routes[0]: an object with name",
    ],
    [
      "paths without methods",
      { jwt: JWT, routes: [{ name: "a", paths: ["/a"] }] },
      "routes[0]: an object with name, paths",
    ],
    [
      "methods without paths, together with webSocket",
      { jwt: JWT, routes: [{ name: "a", methods: ["GET"], webSocket: true }] },
      "routes[0]: an object with name, methods, webSocket",
    ],
    [
      "a field that is not in appSync.fields",
      { jwt: JWT, routes: [{ name: "a", fields: ["Query.a"] }] },
      "routes: a list of 1",
    ],
    ["an invalid field", { jwt: JWT, appSync: { fields: ["orders"] }, routes: [ROUTE] }, 'appSync.fields[0]: "orders"'],
    [
      "an attribute with a reserved name",
      {
        jwt: { issuers: [{ issuer: "https://id.example.com", claims: { attributes: { subject: "sub" } } }] },
        routes: [ROUTE],
      },
      'jwt.issuers[0].claims.attributes.subject: "subject"',
    ],
  ])("%s", (_what, input, expected) => {
    expect(mistakesIn(input)).toEqual([expected]);
  });
});

test("shows only the type of a value that might be a secret", () => {
  const canary = "not-base64-canary!";
  const input = { apiKeys: { table: "t", peppers: [{ id: "p1", secret: { kms: canary } }] }, routes: [ROUTE] };
  expect(mistakesIn(input)).toEqual(["apiKeys.peppers[0].secret.kms: a string"]);
  expect(() => parseConfig(input)).not.toThrow(canary);
});

test.each<[string, object, string]>([
  ["of several forms", { routes: [{ ...ROUTE, scopes: ["read"] }] }, "{ anyOf: […] } or { allOf: […] }"],
  ["of several sources", { jwt: { issuers: [{ issuer: "a", keys: { jwskUri: "x" } }] } }, "did you mean jwksUri?"],
  ["a secret in clear text", { apiKeys: { table: "t", peppers: [{ id: "p1", secret: "x" }] } }, "never the secret"],
  ["empty", { apiKeys: { table: "", peppers: [{ id: "p1", secret: { ssm: "x" } }] } }, "text that is not empty"],
  ["an empty list", { routes: [{ ...ROUTE, paths: [] }] }, "one item or more"],
  ["unknown", { rotues: [] }, "only known options"],
])("says what is allowed instead of a value that is %s", (_, input, allowed) => {
  expect(() => parseConfig({ jwt: JWT, routes: [ROUTE], ...input })).toThrow(allowed);
});

test.each([["constructor"], ["prototype"], ["__proto__"]])(
  "refuses a member named %s, which Valibot would skip",
  (name) => {
    const issuer = JSON.parse(`{ "issuer": "https://id.example.com", "requiredClaims": { "${name}": "internal" } }`);
    const routes = [{ name: "r", methods: ["GET"], paths: ["/a"] }];
    expect(() => parseConfig({ jwt: { issuers: [issuer] }, routes })).toThrow(`requiredClaims.${name}`);
  },
);

test.each<[string, object]>([
  ["jwt.issuers[0].issuer", { jwt: { issuers: [{ issuer: "https://id.example.com/\ud800" }] } }],
  [
    "jwt.issuers[0].fixed.tenant",
    { jwt: { issuers: [{ issuer: "https://id.example.com", fixed: { tenant: "a\ud800" } }] } },
  ],
  ["routes[0].roles.anyOf[0]", { jwt: JWT, routes: [{ ...ROUTE, roles: { anyOf: ["a\ud800"] } }] }],
])("refuses half of a surrogate pair in %s: no credential can have such a name", (path, input) => {
  expect(() => parseConfig({ routes: [ROUTE], ...input })).toThrow(
    new RegExp(`${path.replace(/[[\]]/g, "\\$&")}.*lone surrogates`),
  );
});

test.each(["constructor", "prototype"])("refuses %s as the attribute that tells one person", (attribute) => {
  expect(() => parseConfig({ jwt: JWT, routes: [ROUTE], merge: { samePerson: { attribute } } })).toThrow(
    "merge.samePerson",
  );
});

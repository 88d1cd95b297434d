import { describe, expect, test } from "vitest";
import { warningsFor } from "../../../cli/config/warnings.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { CACHED, configOf, NOW, UNCACHED } from "../../fixtures.ts";
import { identity } from "../../providers/saml/fixture.ts";

const ISSUER = { issuer: "https://id.example.com", audience: "https://api.example.com" };
const ROUTE = { name: "route", methods: ["GET" as const], paths: ["/a"], scopes: { allOf: ["read"] } };

const pathsOf = (config: Partial<SallyportConfig>, cache = UNCACHED) =>
  warningsFor(configOf(config), cache, NOW).map(({ path }) => path);
const onRule = (rule: object) =>
  warningsFor(configOf({ routes: [{ ...ROUTE, ...rule }] }), UNCACHED, NOW).map(
    ({ path, message }) => `${path}: ${message}`,
  );

test("gives no warning for a configuration without risky settings", () => {
  for (const cache of [CACHED, UNCACHED])
    expect(warningsFor(configOf({ jwt: { issuers: [ISSUER] }, routes: [ROUTE] }), cache, NOW)).toEqual([]);
});

describe("warns about", () => {
  test("a configuration that only providers of one's own can use", () => {
    const config = parseConfig({ routes: [ROUTE] });
    expect(warningsFor(config, UNCACHED, NOW).map(({ path }) => path)).toEqual(["(root)"]);
  });

  test("an issuer without audience", () => {
    expect(pathsOf({ jwt: { issuers: [ISSUER, { issuer: "https://other.example.com" }] } })).toEqual([
      "jwt.issuers[1]",
    ]);
  });

  test("a token type that ID tokens have too", () => {
    for (const type of ["JWT", "application/jose"]) {
      expect(pathsOf({ jwt: { issuers: [{ ...ISSUER, types: ["at+jwt", type] }] } })).toEqual(["jwt.issuers[0].types"]);
    }
    expect(pathsOf({ jwt: { issuers: [{ ...ISSUER, types: ["at+jwt"] }] } })).toEqual([]);
  });

  test("subjects of entitlements that another claim or attribute names: they may change hands", () => {
    const issuer = { issuer: "https://id.acme.test", audience: "a" };
    const jwt = { issuers: [{ ...issuer, claims: { subject: "email" } }] };
    const entitlements = { table: "entitlements" };
    const paths = (config: object) => warningsFor(configOf(config), UNCACHED, NOW).map(({ path }) => path);
    expect(paths({ jwt, entitlements })).toContain("jwt.issuers[0].claims.subject");
    expect(paths({ jwt })).not.toContain("jwt.issuers[0].claims.subject");
    expect(paths({ jwt: { issuers: [issuer] }, entitlements })).not.toContain("jwt.issuers[0].claims.subject");
    const tenant = "https://login.microsoftonline.com/2f1d7a80-5c5e-4f4b-9f51-0d6a1c1b7e11/v2.0";
    const preset = { preset: "entra-v2", issuer: tenant, audience: "a" };
    expect(paths({ jwt: { issuers: [preset] }, entitlements })).not.toContain("jwt.issuers[0].claims.subject");
    const own = { ...preset, claims: { subject: "preferred_username" } };
    expect(paths({ jwt: { issuers: [own] }, entitlements })).toContain("jwt.issuers[0].claims.subject");
  });

  test("a shared secret, and one in an environment variable", () => {
    const entry = { ...ISSUER, algorithms: ["HS256" as const] };
    expect(pathsOf({ jwt: { issuers: [{ ...entry, keys: { secret: { ssm: "/s" } } }] } })).toEqual(["jwt.issuers[0]"]);
    expect(pathsOf({ jwt: { issuers: [{ ...entry, keys: { secret: { environment: "S" } } }] } })).toEqual([
      "jwt.issuers[0]",
      "jwt.issuers[0].keys.secret",
    ]);
  });

  test("a pepper in an environment variable", () => {
    const peppers = [
      { id: "p1", secret: { ssm: "/s" } },
      { id: "p2", secret: { environment: "S" } },
    ];
    expect(pathsOf({ apiKeys: { table: "t", peppers } })).toEqual(["apiKeys.peppers[1].secret"]);
  });

  test("no identity provider, because every assertion is refused then", () => {
    expect(pathsOf({ saml: { audience: "a", recipients: "r", identityProviders: [] } })).toEqual([
      "saml.identityProviders",
    ]);
  });

  test("SHA-1", () => {
    const entry = { issuer: "i", certificates: [identity.certificate] };
    const saml = { audience: "a", recipients: "r" };
    expect(pathsOf({ saml: { ...saml, identityProviders: [entry] } })).toEqual([]);
    expect(pathsOf({ saml: { ...saml, identityProviders: [{ ...entry, algorithms: ["rsa-sha1"] }] } })).toEqual([
      "saml.identityProviders[0].algorithms",
    ]);
  });

  test("options of an identity provider that weaken its checks", () => {
    const warned = (entry: object, cache = UNCACHED) => {
      const saml = {
        ...{ audience: "a", recipients: "r", replayTable: "t" },
        identityProviders: [{ issuer: "i", certificates: [identity.certificate], ...entry }],
      };
      return pathsOf({ saml }, cache);
    };
    expect(warned({ encryptionAlgorithms: ["aes256-cbc"] })).toEqual([
      "saml.identityProviders[0].encryptionAlgorithms",
    ]);
    expect(warned({ certificateDates: "ignore" })).toEqual(["saml.identityProviders[0].certificateDates"]);
    expect(warned({ replay: "once" })).toEqual([]);
    expect(warned({ replay: "once" }, CACHED)).toEqual(["saml.identityProviders[0].replay"]);
    const plain = { certificates: undefined, metadata: { url: "http://127.0.0.1/metadata" } };
    expect(warned(plain)).toEqual(["saml.identityProviders[0].metadata.url"]);
  });

  test("tokens that are bound to a key, where answers are cached", () => {
    const entry = { issuer: "https://id.example.com", audience: "a" };
    const dpop = { origins: ["https://api.example.com"], replayTable: "t" };
    const warned = (senderConstrained: "any" | "mtls" | "dpop", cache = CACHED) =>
      pathsOf({ jwt: { issuers: [{ ...entry, senderConstrained }] }, dpop }, cache);
    expect(warned("dpop")).toEqual(["dpop", "jwt.issuers[0].senderConstrained"]);
    expect(warned("mtls", { ...CACHED, certificate: true })).toEqual(["dpop"]);
    expect(warned("any", { ...CACHED, certificate: true })).toEqual(["dpop", "jwt.issuers[0].senderConstrained"]);
    expect(warned("dpop", UNCACHED)).toEqual([]);
  });

  test("nonces for DPoP on HTTP APIs, whose clients are not told them, and with a secret in an environment variable", () => {
    const dpop = { origins: ["https://api.example.com"], replayTable: "t" };
    const nonce = { secret: { secretsManager: "nonce" } };
    const httpApi = { simpleResponses: ["abcdef1234"] };
    expect(pathsOf({ dpop: { ...dpop, nonce } }, UNCACHED)).toEqual([]);
    expect(pathsOf({ dpop: { ...dpop, nonce }, httpApi }, UNCACHED)).toEqual(["httpApi.simpleResponses", "dpop.nonce"]);
    const inPlace = { secret: { environment: "NONCE" } };
    expect(pathsOf({ dpop: { ...dpop, nonce: inPlace } }, UNCACHED)).toEqual(["dpop.nonce.secret"]);
  });

  test("a rule that asks for DPoP where it is not configured", () => {
    expect(onRule({ senderConstrained: "dpop" })).toEqual([expect.stringContaining("no `dpop` is configured")]);
    expect(onRule({ senderConstrained: "any" })).toEqual([]);
  });

  test("a decryption key in an environment variable", () => {
    const saml = { audience: "a", recipients: "r", decryption: { keys: [{ environment: "KEY" }] } };
    expect(
      pathsOf({ saml: { ...saml, identityProviders: [{ issuer: "i", certificates: [identity.certificate] }] } }),
    ).toEqual(["saml.decryption.keys[0]"]);
  });

  test("a credential in the query string", () => {
    expect(pathsOf({ credentials: { query: { token: "bearer" } } })).toEqual(["credentials.query.token"]);
  });

  test("settings that weaken a safe default", () => {
    expect(pathsOf({ merge: { scopes: "union" } })).toEqual(["merge.scopes"]);
    expect(pathsOf({ policy: { explicitDeny: false } })).toEqual(["policy.explicitDeny"]);
    expect(pathsOf({ policy: { bindAddress: false } })).toEqual(["policy.bindAddress"]);
    expect(pathsOf({ httpApi: { simpleResponses: true } })).toEqual(["httpApi.simpleResponses"]);
  });

  test("a rule that allows everything to everybody", () => {
    expect(onRule({ paths: ["/*"], scopes: undefined })).toEqual([
      "routes[0] (route): allows every path to every caller",
    ]);
    expect(onRule({ paths: ["/*"] })).toEqual([]);
    expect(onRule({ paths: ["/*"], scopes: undefined, effect: "deny" })).toEqual([]);
  });

  test("a wildcard before the end of a path, which also matches slashes", () => {
    expect(onRule({ paths: ["/a/*/b"] })).toEqual([expect.stringContaining('"/a/*/b"')]);
    expect(onRule({ paths: ["/a/*"] })).toEqual([]);
    expect(onRule({ paths: ["/a/*/b"], effect: "deny" })).toEqual([]);
  });

  test("a rule that can never apply", () => {
    expect(onRule({ credentials: { allOf: ["jwt", "saml"] } })).toEqual([expect.stringContaining('provider "saml"')]);
    expect(onRule({ issuers: ["https://id.example.com", "api-keys:live"] })).toEqual([
      expect.stringContaining('issuer "api-keys:live"'),
    ]);
  });

  test("a policy near 8 KB", () => {
    const paths = (count: number) => Array.from({ length: count }, (_, index) => `/${index}/${"x".repeat(100)}`);
    expect(onRule({ paths: paths(5) })).toEqual([]);
    expect(onRule({ paths: paths(30) })).toEqual([expect.stringMatching(/^routes: .* about \d+ bytes/)]);
    // A caller may meet every requirement.
    expect(onRule({ paths: paths(30), senderConstrained: "any" })).toEqual([
      expect.stringMatching(/^routes: .* about \d+ bytes/),
    ]);
  });

  test("addresses of rules that do not fit into a policy where the caller's is not known", () => {
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, index) => `2001:db8:${(index + 4096).toString(16)}::/48`);
    expect(onRule({ addresses: addresses(10) })).toEqual([]);
    expect(onRule({ addresses: addresses(200) })).toEqual([
      expect.stringMatching(
        /^routes: .* \d+ bytes from an authorizer that does not get the caller's address \(TOKEN\)/,
      ),
    ]);
    const rule = (name: string, third: number) => ({
      ...ROUTE,
      ...{ name, paths: [`/${name}`] },
      addresses: Array.from({ length: 100 }, (_, index) => `10.${third}.${index}.0/24`),
    });
    expect(pathsOf({ routes: [rule("a", 1), rule("b", 2)] })).toEqual(["routes"]);
  });

  test("windows that do not fit into one policy, so that it ends early", () => {
    const minutes = (count: number) =>
      Array.from({ length: count }, (_, index) => {
        const two = (value: number) => String(value).padStart(2, "0");
        return { from: `10:${two(index * 2)}`, until: `10:${two(index * 2 + 1)}` };
      });
    expect(onRule({ windows: minutes(2) })).toEqual([]);
    expect(onRule({ windows: minutes(29) })).toEqual([
      expect.stringMatching(/^routes: .* with all windows of an hour; .* 403 until it leaves the cache$/),
    ]);
  });
});

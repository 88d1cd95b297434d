import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenOwner } from "../../../../providers/introspection/token-owner.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import type { SallyportConfig } from "../../../../shared/domain/config/schema.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
type Introspection = NonNullable<Entry["introspection"]>;

const CLIENT = { clientId: "api", secret: { environment: "SECRET" } };
const RULE = { name: "all", methods: ["GET" as const], paths: ["/a"] };

const entryOf = (issuer: string, introspection: object, entry: object = {}): Entry => ({
  issuer: `https://${issuer}.example.com`,
  introspection: { client: CLIENT, ...introspection } as Introspection,
  ...entry,
});
const parse = (issuers: Entry[], others: Partial<SallyportConfig> = {}) =>
  parseConfig({ jwt: { issuers }, routes: [RULE], ...others });

describe("introspection", () => {
  test("has defaults: opaque tokens, 30 seconds, the endpoint of the discovery document", () => {
    const [entry] = parse([entryOf("a", {})]).jwt?.issuers ?? [];
    expect(entry?.introspection).toEqual({ tokens: "opaque", cacheAge: 30, client: CLIENT });
  });

  test("of opaque tokens leaves an entry without keys, unless it names some", () => {
    const keys = { jwksUri: "https://a.example.com/keys" };
    const { issuers = [] } =
      parse([
        entryOf("a", {}),
        entryOf("b", { tokens: { prefix: "b_" } }),
        entryOf("c", { tokens: { prefix: "c_" } }, { keys }),
      ]).jwt ?? {};
    expect(issuers.map((entry) => entry.keys)).toEqual([undefined, undefined, keys]);
  });

  test("of JWTs leaves the keys of an entry as they are", () => {
    expect(parse([entryOf("a", { tokens: "jwt" })]).jwt?.issuers[0]?.keys).toEqual({ discovery: true });
  });

  test("takes one prefix or several", () => {
    const [one, several] =
      parse([entryOf("a", { tokens: { prefix: "a_" } }), entryOf("b", { tokens: { prefix: ["b_", "c_"] } })]).jwt
        ?.issuers ?? [];
    expect(one?.introspection?.tokens).toEqual({ prefix: ["a_"] });
    expect(several?.introspection?.tokens).toEqual({ prefix: ["b_", "c_"] });
  });

  test("takes each way of authentication", () => {
    const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (const client of [
      CLIENT,
      {
        clientId: "api",
        privateKey: { ssm: "/key" },
        algorithm: "ES256",
        keyId: "k1",
        audience: "https://a.example.com/token",
      },
      { clientId: "api", tls: { certificate, key: { secretsManager: "key" } } },
    ])
      expect(() => parse([entryOf("a", { client })])).not.toThrow();
  });
});

describe("refused is introspection", () => {
  test.each<[string, Entry[], string]>([
    [
      "of all opaque tokens by two entries",
      [entryOf("a", {}), entryOf("b", {})],
      "jwt.issuers[1].introspection.tokens",
    ],
    [
      "of one prefix by two entries",
      [entryOf("a", { tokens: { prefix: "at_" } }), entryOf("b", { tokens: { prefix: "at_" } })],
      "tokens that no other entry claims, and [0] claims at_",
    ],
    [
      "of a prefix that begins like another entry's",
      [entryOf("a", { tokens: { prefix: ["x_", "at_long_"] } }), entryOf("b", { tokens: { prefix: "at_" } })],
      "tokens that no other entry claims, and [0] claims at_",
    ],
    ["of what JWTs begin with", [entryOf("a", { tokens: { prefix: "eyJ" } })], "a prefix that no JWT has"],
    ["of what assertions begin with", [entryOf("a", { tokens: { prefix: "PHNhbWw" } })], "no SAML assertion has"],
    ["of a prefix of one letter", [entryOf("a", { tokens: { prefix: "a" } })], "2 to 64 letters"],
    ["of a prefix with a space", [entryOf("a", { tokens: { prefix: "a b" } })], "2 to 64 letters"],
    ["of no prefix", [entryOf("a", { tokens: { prefix: [] } })], "one item or more"],
    ["at an endpoint without TLS", [entryOf("a", { endpoint: "http://a.example.com/introspect" })], "an https URL"],
    [
      "at an endpoint with credentials in it",
      [entryOf("a", { endpoint: "https://api:secret@a.example.com/introspect" })],
      "an https URL without credentials",
    ],
    [
      "at the endpoint of a discovery document, if the issuer is no URL",
      [entryOf("a", {}, { issuer: "acme" })],
      "the introspection endpoint comes from its discovery document",
    ],
    [
      "with a secret in clear text",
      [entryOf("a", { client: { clientId: "api", secret: "s3cret" } })],
      "one of { clientId, secret }",
    ],
    ["without a client", [{ issuer: "https://a.example.com", introspection: {} as Introspection }], "client"],
    ["with answers that count too long", [entryOf("a", { cacheAge: 301 })], "<=300"],
    [
      "with two ways of authentication",
      [entryOf("a", { client: { ...CLIENT, privateKey: { ssm: "/k" } } })],
      "one of { clientId, secret }",
    ],
  ])("%s", (_what, issuers, message) => {
    expect(() => parse(issuers)).toThrow(message);
  });

  test.each(["sp_", "sp_live", "sp"])("of what API keys begin with: %s", (prefix) => {
    const apiKeys = { table: "keys", peppers: [{ id: "p1", secret: { environment: "P" } }] };
    const issuers = [entryOf("a", { tokens: { prefix } })];
    expect(() => parse(issuers, { apiKeys })).toThrow("a prefix that no opaque token has");
    expect(() => parse(issuers)).not.toThrow();
  });
});

test("a secret written in place of its source is not shown", () => {
  const secret = "hunter2hunter2";
  for (const client of [
    { clientId: "api", secret },
    { clientId: "api", [secret]: "x" },
    { clientId: "api", tls: { certificate: secret } },
  ])
    expect(() => parse([entryOf("a", { client })])).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(secret) }),
    );
});

describe("whose a bearer value is", () => {
  const token = fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,600}={0,2}$/);
  const prefixes = fc.uniqueArray(fc.stringMatching(/^[a-z]{2,4}_$/), { minLength: 1, maxLength: 6 });

  test("is decided by one entry at most, whatever their order", () => {
    fc.assert(
      fc.property(prefixes, token, fc.nat(5), fc.boolean(), (names, text, chosen, isPrefixed) => {
        const entries = [
          entryOf("rest", {}),
          ...names.map((prefix, index) => entryOf(`i${index}`, { tokens: { prefix } })),
        ];
        fc.pre(isAccepted(entries));
        const value = isPrefixed ? `${names[chosen % names.length]}${text}` : text;
        const owner = (issuers: Entry[]) => tokenOwner(parse(issuers))(value)?.issuer;
        expect(owner(entries)).toBe(owner([...entries].reverse()));
      }),
    );
  });

  test("is never a JWT's, an API key's or an assertion's entry for opaque tokens", () => {
    const config = parse([entryOf("a", {})], {
      apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "P" } }] },
      saml: { audience: "a", recipients: "https://api.example.com/acs", identityProviders: [] },
    });
    const ownerOf = tokenOwner(config);
    fc.assert(fc.property(token, token, token, (a, b, c) => ownerOf(`${a}.${b}.${c}`) === undefined));
    fc.assert(fc.property(token, (text) => ownerOf(`sp_${text}`) === undefined));
    expect(ownerOf(`PHNhbWw${"A".repeat(1000)}`)).toBeUndefined();
    expect(ownerOf("PHNhbWw")).toBeDefined();
    expect(ownerOf("eyJhbGciOiJSUzI1NiJ9")).toBeDefined();
  });
});

function isAccepted(entries: Entry[]): boolean {
  try {
    parse(entries);
    return true;
  } catch {
    return false;
  }
}

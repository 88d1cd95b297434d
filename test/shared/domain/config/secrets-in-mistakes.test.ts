import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../../../../shared/domain/config/parse.ts";
import { substituteEnvironment } from "../../../../shared/infrastructure/configuration/substitute.ts";
import { identity } from "../../../providers/saml/fixture.ts";

/** A value in a wrong place may be a secret, so no message repeats it. */

const VALID = {
  jwt: {
    issuers: [
      {
        issuer: "https://id.example.com",
        audience: ["https://api.example.com"],
        keys: { jwksUri: "https://id.example.com/keys" },
        types: ["at+jwt"],
        kind: "auto",
        claims: { subject: "sub", tenant: ["org", "id"], scopes: ["scope"], attributes: { email: "email" } },
        requiredClaims: { azp: ["web"] },
        fixed: { tenant: "acme" },
      },
      { issuer: "a", algorithms: ["HS256"], keys: { secret: { kms: "AAAA", encryptionContext: { app: "a" } } } },
      { issuer: "b", keys: { jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] } } },
      {
        issuer: "https://c.example.com",
        introspection: {
          tokens: { prefix: ["c_"] },
          endpoint: "https://c.example.com/introspect",
          client: { clientId: "api", secret: { secretsManager: "client", field: "secret" } },
        },
      },
      {
        issuer: "https://d.example.com",
        introspection: { client: { clientId: "api", privateKey: { ssm: "/key" }, algorithm: "ES256", keyId: "k1" } },
      },
      {
        issuer: "https://e.example.com",
        introspection: {
          tokens: "jwt",
          client: { clientId: "api", tls: { certificate: identity.certificate, key: { ssm: "/key" } } },
        },
      },
    ],
  },
  saml: {
    audience: "https://api.example.com/saml",
    recipients: ["https://api.example.com/acs"],
    decryption: { keys: [{ secretsManager: "key", field: "pem" }], certificate: identity.certificate },
    identityProviders: [
      { issuer: "idp", certificates: [identity.certificate], attributes: { roles: ["groups"] } },
      { issuer: "idp2", metadata: { url: "https://idp.example.com/metadata" } },
    ],
  },
  apiKeys: { prefix: "sp", table: "keys", peppers: [{ id: "p1", secret: { ssm: "/pepper" } }] },
  credentials: { headers: { "x-token": "bearer" }, cachedBy: ["authorization"] },
  merge: { samePerson: { attribute: "email" } },
  httpApi: { simpleResponses: ["abc"] },
  appSync: { fields: ["Query.orders"] },
  routes: [
    {
      name: "orders",
      methods: ["GET"],
      paths: ["/orders"],
      scopes: { anyOf: ["read"] },
      addresses: ["192.0.2.0/24"],
      windows: [{ from: "08:00", until: "18:00", timeZone: "Europe/Berlin" }],
    },
  ],
};

type Keys = readonly (string | number)[];

/** The paths of a value and all its members. */
function placesIn(value: unknown, keys: Keys = []): Keys[] {
  if (typeof value !== "object" || value === null) return [keys];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [keys, ...members.flatMap(([key, inner]) => placesIn(inner, [...keys, key]))];
}

/** A copy of the valid configuration with a change at one path. */
function withChange(keys: Keys, change: (before: unknown) => unknown): unknown {
  const [key, ...rest] = keys;
  const copy = structuredClone({ root: VALID }) as Record<string | number, unknown>;
  let parent = copy;
  const path = ["root", ...(key === undefined ? [] : [key, ...rest])];
  for (const step of path.slice(0, -1)) parent = parent[step] as typeof parent;
  const last = path.at(-1) ?? "";
  parent[last] = change(parent[last]);
  return copy.root;
}

function messageOf(input: unknown): string {
  try {
    parseConfig(input);
    return "";
  } catch (error) {
    if (error instanceof ConfigurationError)
      return `${error.message}\n${JSON.stringify(error.mistakes)}\n${error.stack}`;
    throw error;
  }
}

/** Ways to put a value at a path: instead of the value there, as the name of a new member, and as its value. */
const WAYS: readonly ((value: string | number) => (before: unknown) => unknown)[] = [
  (value) => () => value,
  (value) => () => [value],
  (value) => () => ({ [value]: true }),
  (value) => (before) => (isObject(before) ? { ...before, [value]: "x" } : value),
  (value) => (before) => (isObject(before) ? { ...before, extra: value } : value),
  (value) => (before) => (Array.isArray(before) ? [...before, value] : value),
];
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const PLACES = placesIn(VALID);
const FOR_SECRETS = PLACES.filter((keys) => /^(jwt,issuers,\d,keys|saml,decryption|apiKeys,peppers)/.test(keys.join()));

test("the unchanged configuration is valid and names secrets", () => {
  expect(messageOf(VALID)).toBe("");
  expect(FOR_SECRETS.length).toBeGreaterThan(20);
});

describe("a mistake does not repeat", () => {
  const word = fc.string({ minLength: 10, maxLength: 40, unit: fc.constantFrom(..."abcdefghijkmnpqrstuvwxyz") });
  const secret = fc.oneof(
    word,
    word.map((text) => `${text}!`),
    fc.string({ minLength: 12, maxLength: 60, unit: fc.constantFrom(..."ABCabc0123456789+/=-_.") }),
    fc.integer({ min: 1e9, max: 2 ** 50 }),
  );

  test("a text or number in a section that names secrets", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FOR_SECRETS), fc.constantFrom(...WAYS), secret, (keys, way, value) => {
        expect(messageOf(withChange(keys, way(value)))).not.toContain(String(value));
      }),
      { numRuns: 3000 },
    );
  });

  test("the password of a URL at any path", () => {
    const password = fc.string({ minLength: 8, maxLength: 30, unit: fc.constantFrom(..."abcXYZ123!$&:@/ ") });
    fc.assert(
      fc.property(fc.constantFrom(...PLACES), fc.constantFrom(...WAYS), password, (keys, way, value) => {
        fc.pre(value.trim().length > 6);
        const url = `https://alice:${value}@db.example.net/x`;
        expect(messageOf(withChange(keys, way(url)))).not.toContain(value);
      }),
      { numRuns: 3000 },
    );
  });

  test("a private key at any path", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = String(privateKey.export({ format: "pem", type: "pkcs8" }));
    for (const keys of PLACES) {
      for (const way of WAYS) {
        const message = messageOf(withChange(keys, way(pem)));
        expect(message).not.toContain("BEGIN");
        expect(message).not.toContain(pem.slice(40, 60));
      }
    }
  });

  test("the value of a variable at any path", () => {
    for (const keys of PLACES) {
      for (const way of WAYS) {
        const input = withChange(keys, way("$" + "{VARIABLE}"));
        const { value, written } = substituteEnvironment(input, { VARIABLE: "value of it" });
        try {
          parseConfig(value, "a file", written);
        } catch (error) {
          expect((error as Error).message).not.toContain("value of it");
        }
      }
    }
  });
});

describe("a mistake shows", () => {
  const found = (keys: Keys, value: unknown) => messageOf(withChange(keys, () => value));
  test.each<[string, Keys, unknown, string]>([
    ["one of several allowed names", ["jwt", "issuers", 0, "algorithms"], ["none"], 'algorithms[0]: found "none"'],
    ["a path", ["routes", 0, "paths", 0], "orders", 'paths[0]: found "orders"'],
    ["an address", ["routes", 0, "addresses", 0], "10/8", 'addresses[0]: found "10/8"'],
    ["a URL", ["jwt", "issuers", 0, "keys"], { jwksUri: "http://a.example/k" }, 'jwksUri: found "http://a.example/k"'],
    ["an unknown name", ["rotues"], [], "rotues: found an unknown name"],
    ["a name of a secret's place", ["apiKeys", "peppers", 0], { id: "p1" }, "apiKeys.peppers[0].secret: found nothing"],
  ])("%s", (_what, keys, value, expected) => {
    expect(found(keys, value)).toContain(expected);
  });

  test("a text before its variables were replaced", () => {
    const input = withChange(["routes", 0, "paths", 0], () => "$" + "{BASE}/orders");
    const { value, written } = substituteEnvironment(input, { BASE: "orders" });
    expect(() => parseConfig(value, "a file", written)).toThrow(
      'routes[0].paths[0]: found "$' + '{BASE}/orders" with its variables filled in',
    );
  });
});

import { describe, expect, test, vi } from "vitest";
import { jwt, jwtProvider } from "../../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, edKey, ISSUER, mint, mintHmac, rsaKey } from "./mint.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const rsa = rsaKey();

async function verify(token: string, entry: object, time = NOW) {
  const whole = {
    issuer: ISSUER,
    audience: AUDIENCE,
    keys: { jwks: { keys: [rsa.jwk] } },
    ...entry,
  } as unknown as Entry;
  const { jwt } = configOf({ jwt: { issuers: [whole] } });
  if (!jwt) throw new Error("no section");
  const credential = { scheme: "bearer", value: token, location: { in: "header", name: "authorization" } } as const;
  return jwtProvider(jwt).verify(credential, requestFor("GET", "/a", { time }), new AbortController().signal);
}

async function principalOf(payload: object, entry: object = {}) {
  const verdict = await verify(mint(rsa, claims({ ...payload })), entry);
  return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
}

describe("claims become a principal", () => {
  test("by the standard's names", async () => {
    expect(await principalOf({ scope: "a b", scp: ["c"] })).toEqual({
      provider: "jwt",
      subject: "alice",
      kind: "user",
      kindFrom: "subject_is_not_client",
      issuer: ISSUER,
      scopes: ["a", "b", "c"],
      roles: [],
      issuedAt: NOW - 10,
      expiresAt: NOW + 600,
      attributes: {},
    });
  });

  test("with the token's own id, if it is text", async () => {
    expect(await principalOf({ jti: "t1" })).toMatchObject({ tokenId: "t1" });
    for (const jti of ["", 7, null, ["t1"], {}]) expect(await principalOf({ jti })).not.toHaveProperty("tokenId");
    expect(await principalOf({ jti: "a\ud800" })).toBe("token_claim_invalid");
  });

  test("by names and paths of the configuration", async () => {
    const mapping = {
      subject: "oid",
      tenant: ["org", "id"],
      scopes: ["permissions"],
      roles: [["realm_access", "roles"], "https://example.com/roles"],
      usageIdentifierKey: "plan",
      attributes: { email: "email", level: ["org", "level"], missing: "missing" },
    };
    const payload = {
      oid: "o-1",
      org: { id: "acme", level: 3 },
      permissions: ["x"],
      realm_access: { roles: ["admin"] },
      "https://example.com/roles": "reader",
      plan: "plan-of-acme",
      email: "alice@example.com",
    };
    expect(await principalOf(payload, { claims: mapping })).toMatchObject({
      subject: "o-1",
      tenant: "acme",
      scopes: ["x"],
      roles: ["admin", "reader"],
      usageIdentifierKey: "plan-of-acme",
      attributes: { email: "alice@example.com", level: 3 },
    });
  });

  test("with values that the configuration fixes", async () => {
    const fixed = { tenant: "acme", scopes: ["base"], roles: ["guest"] };
    const principal = await principalOf({ tenant: "globex", scope: "a" }, { fixed, claims: { tenant: "tenant" } });
    expect(principal).toMatchObject({ tenant: "acme", scopes: ["base", "a"], roles: ["guest"] });
  });

  test("where a text is one role with all its spaces: no part of a group's name becomes a role", async () => {
    const mapping = { claims: { roles: ["roles", "groups"] } };
    expect(await principalOf({ roles: "not an admin", groups: ["Domain Admins"] }, mapping)).toMatchObject({
      roles: ["not an admin", "Domain Admins"],
    });
  });

  test.each([
    ["an attribute without end", { email: "a".repeat(1025) }, { attributes: { email: "email" } }],
    ["a tenant that is an object", { tenant: {} }, { tenant: "tenant" }],
    ["a tenant without end", { tenant: "x".repeat(257) }, { tenant: "tenant" }],
    ["a role that is a number", { roles: [1] }, { roles: ["roles"] }],
    ["an attribute that is a list", { email: ["a"] }, { attributes: { email: "email" } }],
    ["an attribute with half of a surrogate pair", { email: "a\ud800" }, { attributes: { email: "email" } }],
    ["a tenant with half of a surrogate pair", { tenant: "\udc00" }, { tenant: "tenant" }],
    ["a role with half of a surrogate pair", { roles: ["admin", "\ud800"] }, { roles: ["roles"] }],
    ["a usage key with half of a surrogate pair", { plan: "a\ud800" }, { usageIdentifierKey: "plan" }],
  ])("but not %s", async (_what, payload, mapping) => {
    expect(await principalOf(payload, { claims: mapping })).toBe("token_claim_invalid");
  });

  test("but no subject with half of a surrogate pair: UTF-8 makes one subject of two such", async () => {
    expect(await principalOf({ sub: "alice\ud800" })).toBe("token_subject_missing");
    expect(await principalOf({ sub: "alice\u{1f600}" })).toMatchObject({ subject: "alice\u{1f600}" });
  });

  test("whatever a claim has that is not asked for: issuers cut names within a surrogate pair", async () => {
    expect(await principalOf({ name: "Alice \ud83d" })).toMatchObject({ subject: "alice" });
  });

  test("where a number is too large to be one, it is no attribute", async () => {
    const token = mint(rsa, JSON.stringify(claims({ level: 0 })).replace('"level":0', '"level":1e400'));
    expect(await verify(token, { claims: { attributes: { level: "level" } } })).toMatchObject({
      reason: "token_claim_invalid",
    });
  });

  test("with attributes that are texts of up to 1,024 characters, numbers and truth values", async () => {
    const attributes = { long: "long", level: "level", yes: "yes", no: "no" };
    const payload = { long: "a".repeat(1024), level: 0, yes: true, no: false };
    expect(await principalOf(payload, { claims: { attributes } })).toHaveProperty("attributes", payload);
  });

  test("where a claim that is null is one that is absent", async () => {
    const mapping = { tenant: "tenant", roles: ["roles"], attributes: { email: "email", level: ["org", "level"] } };
    const principal = await principalOf(
      { tenant: null, roles: null, scope: null, email: null, org: null },
      { claims: mapping },
    );
    expect(principal).toMatchObject({ scopes: [], roles: [], attributes: {} });
    expect(principal).not.toHaveProperty("tenant");
  });

  test("where a path ends at a text or a list: neither is an object with members of its own", async () => {
    const attributes = { length: ["sub", "length"], first: ["roles", "0"], size: ["roles", "length"] };
    expect(await principalOf({ roles: ["admin"] }, { claims: { attributes } })).toHaveProperty("attributes", {});
  });

  test("with 256 scopes at most, and whatever spaces stand between them", async () => {
    const scopes = Array.from({ length: 256 }, (_, index) => `s${index}`);
    expect(await principalOf({ scope: scopes.join("  ") })).toMatchObject({ scopes });
    expect(await principalOf({ scope: ` ${scopes.join(" ")} `, scp: ["one-more"] })).toBe("token_claim_invalid");
  });

  test("that was issued and ends in whole seconds, and was issued at no known time without iat", async () => {
    expect(await principalOf({ iat: NOW - 9.5, exp: NOW + 9.5 })).toMatchObject({
      issuedAt: NOW - 10,
      expiresAt: NOW + 9,
    });
    expect(await principalOf({ iat: undefined })).not.toHaveProperty("issuedAt");
  });

  test("and never from a prototype", async () => {
    expect(await principalOf({}, { claims: { subject: "constructor" } })).toBe("token_subject_missing");
    expect(await principalOf({}, { claims: { attributes: { x: ["__proto__", "toString"] } } })).toHaveProperty(
      "attributes",
      {},
    );
  });
});

test("the entry's kind goes before what a token says", async () => {
  const machine = { sub: "svc", client_id: "svc" };
  expect(await principalOf(machine)).toMatchObject({ kind: "client", kindFrom: "subject_is_client" });
  expect(await principalOf(machine, { kind: "user" })).toMatchObject({ kind: "user", kindFrom: "configuration" });
});

test("the kind is decided by `sub`, whatever claim the entry takes as the subject", async () => {
  const entry = { claims: { subject: "oid" } };
  expect(await principalOf({ sub: undefined, client_id: undefined, oid: "o-1" }, entry)).toMatchObject({
    subject: "o-1",
    kind: "unknown",
    kindFrom: "nothing",
  });
});

describe("with maxTokenAge a principal ends", () => {
  test.each([
    ["when its token is too old", { iat: NOW - 595, exp: NOW + 86_400 }, NOW + 6],
    ["in whole seconds", { iat: NOW - 594.5, exp: NOW + 86_400 }, NOW + 6],
    ["when its token expires, if that is earlier", { iat: NOW - 595, exp: NOW + 3 }, NOW + 3],
  ])("%s", async (_what, payload, expiresAt) => {
    expect(await principalOf(payload, { maxTokenAge: 600 })).toMatchObject({ expiresAt });
  });

  test("at the first second at which its token is refused", async () => {
    const token = mint(rsa, claims({ iat: NOW - 595, exp: NOW + 86_400 }));
    expect(await verify(token, { maxTokenAge: 600 }, NOW + 5)).toMatchObject({ principal: { expiresAt: NOW + 6 } });
    expect(await verify(token, { maxTokenAge: 600 }, NOW + 6)).toMatchObject({ reason: "token_too_old" });
  });
});

test.each([
  ["EdDSA", "Ed25519"],
  ["Ed25519", "EdDSA"],
])(
  "a token of %s is verified with a key of %s where both are allowed, and refused where it is not",
  async (alg, other) => {
    const key = edKey();
    const keys = { jwks: { keys: [{ ...key.jwk, alg: other }] } };
    const token = mint(key, claims(), { alg });
    expect(await verify(token, { keys, algorithms: [other, alg] })).toMatchObject({ status: "authenticated" });
    expect(await verify(token, { keys, algorithms: [alg] })).toMatchObject({ status: "authenticated" });
    expect(await verify(token, { keys, algorithms: [other] })).toMatchObject({ reason: "token_algorithm_not_allowed" });
  },
);

describe("with a shared secret", () => {
  const SECRET = Buffer.alloc(32, "s").toString("latin1");
  const entry = { algorithms: ["HS256"], keys: { secret: { environment: "TEST_JWT_SECRET" } } };

  test("a token is accepted, and refused if another secret made it", async () => {
    vi.stubEnv("TEST_JWT_SECRET", SECRET);
    expect(await verify(mintHmac(SECRET), entry)).toMatchObject({ status: "authenticated" });
    expect(await verify(mintHmac("other"), entry)).toEqual({ status: "rejected", reason: "token_signature_invalid" });
  });

  test.each([
    ["shorter than the hash", SECRET.slice(1)],
    ["missing", ""],
  ])("that is %s nobody is refused for it: it is trouble", async (_what, secret) => {
    vi.stubEnv("TEST_JWT_SECRET", secret);
    expect(await verify(mintHmac(SECRET), entry)).toMatchObject({
      status: "unavailable",
      reason: "secret_unavailable",
    });
  });
});

test("the provider is called jwt in the log, and there is none without a section for it", () => {
  expect(jwt(configOf())).toMatchObject({ name: "jwt" });
  expect(jwt({ ...configOf(), jwt: undefined })).toBeUndefined();
});

test("the provider owns every bearer credential that looks like a JWT, damaged ones too", () => {
  const { jwt } = configOf();
  if (!jwt) throw new Error("no section");
  const { recognises } = jwtProvider(jwt);
  const owns = (value: string, scheme: "bearer" | "saml" | "api-key" | "other" = "bearer") =>
    recognises({ scheme, value, location: { in: "header", name: "authorization" } });
  expect(owns(mint(rsa))).toBe(true);
  expect(owns("ey")).toBe(true);
  expect(owns("a.b")).toBe(true);
  expect(owns(`${"a".repeat(4095)}.`)).toBe(true);
  expect(owns(`${"a".repeat(4096)}.`)).toBe(false);
  expect(owns("token-ey")).toBe(false);
  expect(owns("sp_live_key")).toBe(false);
  expect(owns(Buffer.from("<Response/>").toString("base64"))).toBe(false);
  expect(owns(mint(rsa), "saml")).toBe(false);
  expect(owns(mint(rsa), "other")).toBe(false);
});

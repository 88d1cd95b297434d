import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import type { CredentialLocation } from "../../../shared/domain/request/credential.ts";
import { readCredential } from "../../../shared/domain/request/find.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { AUDIENCE, ISSUER } from "../jwt/mint.ts";
import { ENDPOINT, entryOf, judgeBy, SECRET, TokenServer, USER } from "./fixture.ts";

let server: TokenServer;
beforeAll(() => {
  process.env[SECRET] = "s3cret";
});
afterAll(() => {
  delete process.env[SECRET];
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  server = new TokenServer();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each<[string, boolean]>([
  ["Bearer foo", true],
  ["DPoP foo", true],
  ["foo", false],
  ["Bearer", false],
  ["Basic Zm9v", false],
])("of %s in Authorization, a server is shown what names its scheme, and nothing else: %s", (value, isShown) => {
  const provider = introspectionProvider(configOf({ jwt: { issuers: [entryOf()] } }));
  const at = (location: CredentialLocation) =>
    readCredential(value, "bearer", location).map((each) => provider?.recognises(each));
  expect(at({ in: "header", name: "authorization" })).toEqual([isShown]);
  // Nothing else can stand in these places.
  const isAlone = value === "foo";
  expect(at({ in: "token", name: "authorizationToken" })).toEqual([isShown || isAlone]);
  expect(at({ in: "header", name: "x-user-token" })).toEqual([isShown || isAlone]);
});

test("what begins with an issuer's prefix is its, also without a scheme", () => {
  const provider = introspectionProvider(configOf({ jwt: { issuers: [entryOf({ tokens: { prefix: "at_" } })] } }));
  const [credential] = readCredential("at_x", "bearer", { in: "header", name: "authorization" });
  expect(credential && provider?.recognises(credential)).toBe(true);
});

describe("an active token", () => {
  test("proves whom the server's answer names", async () => {
    server.know({ token1: { ...USER, iat: NOW - 10, exp: NOW + 600 } });
    expect(await judgeBy(server).judge("token1")).toEqual({
      provider: "introspection",
      subject: "alice",
      kind: "user",
      kindFrom: "subject_is_not_client",
      issuer: ISSUER,
      scopes: ["orders:read"],
      roles: [],
      issuedAt: NOW - 10,
      expiresAt: NOW + 600,
      attributes: {},
    });
  });

  test("of a client that acts for itself proves a client", async () => {
    server.know({ token1: { ...USER, sub: "web" } });
    expect(await judgeBy(server).judge("token1")).toMatchObject({ subject: "web", kind: "client" });
  });

  test("proves a caller without an end if the answer names none", async () => {
    server.know({ token1: USER });
    expect(await judgeBy(server).judge("token1")).not.toHaveProperty("expiresAt");
  });

  test("ends with maxTokenAge, also if the answer names no end", async () => {
    server.know({ token1: { ...USER, iat: NOW - 10 } });
    expect(await judgeBy(server, entryOf({}, { maxTokenAge: 60 })).judge("token1")).toMatchObject({
      expiresAt: NOW + 51,
    });
  });

  test("has the claims that the entry maps", async () => {
    server.know({ token1: { ...USER, tenant_id: "acme", realm_access: { roles: ["admin"] }, email: "a@example.com" } });
    const claims = { tenant: "tenant_id", roles: [["realm_access", "roles"]], attributes: { email: "email" } };
    expect(await judgeBy(server, entryOf({}, { claims })).judge("token1")).toMatchObject({
      tenant: "acme",
      roles: ["admin"],
      attributes: { email: "a@example.com" },
    });
  });

  test("needs no issuer in the answer", async () => {
    server.know({ token1: { ...USER, iss: undefined } });
    expect(await judgeBy(server).judge("token1")).toMatchObject({ issuer: ISSUER });
  });
});

describe("the question", () => {
  test("has the token in its body alone, and follows no redirect", async () => {
    server.know({ token1: USER });
    await judgeBy(server).judge("token1");
    const [asked] = server.asked;
    expect(asked?.url).toBe(ENDPOINT);
    expect(Object.fromEntries(asked?.form ?? [])).toEqual({ token: "token1", token_type_hint: "access_token" });
    expect(asked?.headers.get("content-type")).toBe("application/x-www-form-urlencoded");
    expect(asked?.redirect).toBe("error");
  });

  test("is not asked about a token that is too long, or has characters that no bearer token may have", async () => {
    const { status } = judgeBy(server);
    expect(await status("a".repeat(8193))).toBe("credential_too_large");
    for (const value of ["a b", "a&token=b", "a\r\nb", "a%20b", 'a"b', "ä", "a=b", "a\u0000"])
      expect(await status(value)).toBe("token_malformed");
    expect(server.asked).toEqual([]);
  });
});

describe("refused is an active token", () => {
  test.each<[string, object, string]>([
    ["whose answer names another issuer", { iss: "https://other.example.com" }, "token_issuer_unknown"],
    ["for another audience", { aud: "https://other.example.com" }, "token_audience_mismatch"],
    ["without an audience", { aud: undefined }, "token_audience_mismatch"],
    ["that has ended, whatever the server says", { exp: NOW }, "token_expired"],
    ["that has not begun", { nbf: NOW + 60 }, "token_not_yet_valid"],
    ["that was issued in the future", { iat: NOW + 60 }, "token_issued_in_future"],
    ["without a subject", { sub: undefined }, "token_subject_missing"],
    ["that is a refresh token, by its type", { token_type: "refresh_token" }, "token_type_not_allowed"],
    ["that is a refresh token, by Keycloak's typ", { typ: "Refresh" }, "token_type_not_allowed"],
    ["that is a refresh token, by its use", { token_use: "refresh_token" }, "token_type_not_allowed"],
    ["that is an ID token", { typ: "ID" }, "token_type_not_allowed"],
    ["that is bound to a key", { cnf: { jkt: "x" } }, "token_confirmation_unsupported"],
    ["that is to be presented with a proof", { token_type: "DPoP" }, "token_confirmation_unsupported"],
    ["with a scope that is none", { scope: ['a"b'] }, "token_claim_invalid"],
  ])("%s", async (_what, change, reason) => {
    server.know({ token1: { ...USER, exp: NOW + 600, ...change } });
    expect(await judgeBy(server).status("token1")).toBe(reason);
  });

  test("without a claim that the entry requires", async () => {
    server.know({ token1: USER, token2: { ...USER, token_type: "Bearer" } });
    const { status } = judgeBy(server, entryOf({}, { requiredClaims: { token_type: "Bearer" } }));
    expect(await status("token1")).toBe("token_claim_invalid");
    expect(await status("token2")).toBe("authenticated");
  });

  test("that is an ID token, although the entry lists types for its JWTs", async () => {
    server.know({ token1: { ...USER, typ: "ID" } });
    expect(await judgeBy(server, entryOf({}, { types: ["at+jwt"] })).status("token1")).toBe("token_type_not_allowed");
  });
});

describe("an answer", () => {
  test("that the token is not active refuses it", async () => {
    server.say({ active: false, ...USER });
    expect(await judgeBy(server).status("token1")).toBe("token_inactive");
  });

  test.each<[string, object | string]>([
    ["that does not say whether the token is active", USER],
    ["whose active is a text", { ...USER, active: "true" }],
    ["whose active is a number", { ...USER, active: 1 }],
    ["that is a list", "[]"],
    ["that is no JSON", "<html>"],
    ["that is empty", ""],
    ["that is a JWT (RFC 9701)", "eyJhbGciOiJub25lIn0.e30.e30"],
    ["that says active twice", '{"active":false,"active":true,"sub":"alice"}'],
    ["with an end that is no number", { ...USER, active: true, exp: "2026" }],
    ["with an end that is before 1970", { ...USER, active: true, exp: -1 }],
    ["with an issuer that is no text", { ...USER, active: true, iss: [ISSUER] }],
    ["with an audience that is no text", { ...USER, active: true, aud: { [AUDIENCE]: true } }],
    ["with a type that is no text", { ...USER, active: true, token_type: ["refresh"] }],
    ["of more than 64 KiB", { ...USER, active: true, more: "x".repeat(65_536) }],
    ["that is nested too deeply", `{"active":true,"a":${"[".repeat(50)}${"]".repeat(50)}}`],
  ])("%s is trouble, and no decision", async (_what, body) => {
    server.say(body);
    expect(await judgeBy(server).status("token1")).toBe("introspection_unavailable");
  });

  test.each([201, 204, 301, 302, 307, 400, 401, 403, 404, 429, 500, 502, 503])(
    "with status %i is trouble, and no decision",
    async (status) => {
      server.answer = () => new Response(null, { status });
      expect(await judgeBy(server).status("token1")).toBe("introspection_unavailable");
    },
  );

  test("that does not come is trouble", async () => {
    server.answer = () => Promise.reject(new TypeError("fetch failed"));
    expect(await judgeBy(server).status("token1")).toBe("introspection_unavailable");
  });
});

describe("what the log gets of trouble", () => {
  test.each<[string, (server: TokenServer) => void]>([
    ["a status", (by) => by.fail(500)],
    ["a malformed answer", (by) => by.say("token1 is no JSON")],
    ["an error that repeats the token", (by) => (by.answer = (token) => Promise.reject(new TypeError(token)))],
  ])("is a class and a code, for %s", async (_what, fail) => {
    fail(server);
    const verdict = await judgeBy(server).verdictOn("secret-token");
    const { causeOf } = await import("../../../shared/domain/reasons/cause.ts");
    expect(JSON.stringify(causeOf("cause" in verdict ? verdict.cause : undefined))).not.toContain("token");
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import { configOf, NOW, requestFor } from "../../fixtures.ts";
import { claims, mint, rsaKey } from "../jwt/mint.ts";
import { type Entry, entryOf, SECRET, TokenServer } from "./fixture.ts";

/** `introspection.tokens: "jwt"`: JWTs that are verified by their signature, and then asked about. */

const key = rsaKey();
const stranger = rsaKey();

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

function judgeBy(change: Partial<Entry> = {}) {
  const keys = { jwks: { keys: [key.jwk] } } as unknown as Entry["keys"];
  const { jwt } = configOf({ jwt: { issuers: [entryOf({ tokens: "jwt" }, { keys, ...change })] } });
  if (!jwt) throw new Error("no section");
  const provider = jwtProvider(jwt, { fetch: server.fetch });
  return async (value: string) => {
    const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
    const request = requestFor("GET", "/a", { time: Math.floor(Date.now() / 1000) });
    const verdict = await provider.verify(credential, request, new AbortController().signal);
    return verdict.status === "authenticated" ? verdict.principal : verdict.reason;
  };
}

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
const active = (more: object = {}) => server.say({ active: true, ...more });

describe("a JWT that is asked about", () => {
  test("is accepted while its server calls it active, and refused afterwards", async () => {
    const judge = judgeBy();
    const token = mint(key);
    active();
    expect(await judge(token)).toMatchObject({ provider: "jwt", subject: "alice", expiresAt: NOW + 600 });
    server.say({ active: false });
    pass(29);
    expect(await judge(token)).toMatchObject({ subject: "alice" });
    pass(1);
    expect(await judge(token)).toBe("token_inactive");
    expect(server.tokens).toEqual([token, token]);
  });

  test("has the claims of the answer too, which count where both say something", async () => {
    active({ scope: "orders:read", tenant: "acme" });
    const judge = judgeBy({ claims: { tenant: "tenant" } });
    expect(await judge(mint(key, claims({ scope: "orders:write" })))).toMatchObject({
      scopes: ["orders:read"],
      tenant: "acme",
    });
  });

  const SCP = { scope: undefined, scp: ["orders:read", "orders:write"] };
  const SCOPE = { scope: "orders:read orders:write" };
  const BOTH = { scopes: ["scope", "scp"] };
  const REALM = ["realm_access", "roles"] as const;
  const ROLES = { claims: { roles: [[...REALM], "groups"] } } as Partial<Entry>;
  test.each<[string, object, object, Partial<Entry>, object]>([
    ["scp, by scope", SCP, { scope: "orders:read" }, { claims: BOTH }, { scopes: ["orders:read"] }],
    ["scp, by an empty scope", SCP, { scope: "" }, { claims: BOTH }, { scopes: [] }],
    ["scp, by a scope of null", SCP, { scope: null }, { claims: BOTH }, { scopes: [] }],
    ["scope, by scp", SCOPE, { scp: ["orders:read"] }, { claims: BOTH }, { scopes: ["orders:read"] }],
    ["scope, by an empty scp", SCOPE, { scp: [] }, { claims: BOTH }, { scopes: [] }],
    ["scp of Okta, by scope", SCP, { scope: "orders:read" }, { preset: "okta" }, { scopes: ["orders:read"] }],
    ["scp of Okta, by an empty scope", SCP, { scope: "" }, { preset: "okta" }, { scopes: [] }],
    ["scp of Okta, by scp", SCP, { scp: ["orders:read"] }, { preset: "okta" }, { scopes: ["orders:read"] }],
    ["groups, by realm_access", { groups: ["a"] }, { realm_access: { roles: ["b"] } }, ROLES, { roles: ["b"] }],
    ["groups, by realm_access without roles", { groups: ["a"] }, { realm_access: {} }, ROLES, { roles: [] }],
    ["realm_access, by groups", { realm_access: { roles: ["a"] } }, { groups: ["b"] }, ROLES, { roles: ["b"] }],
  ])("has no right of which the answer says less: %s", async (_what, own, answer, change, expected) => {
    active({ sub: "alice", ...answer });
    expect(await judgeBy(change)(mint(key, claims({ cid: "web", ...own })))).toMatchObject(expected);
  });

  test("keeps its scopes and roles if the answer says nothing of them", async () => {
    active();
    const judge = judgeBy({ claims: { scopes: ["scope", "scp"], roles: ["roles", "groups"] } });
    const token = mint(key, claims({ scope: "a", scp: ["b"], roles: ["c"], groups: ["d"] }));
    expect(await judge(token)).toMatchObject({ scopes: ["a", "b"], roles: ["c", "d"] });
  });

  test("needs no audience and subject of its own if the answer has them", async () => {
    active({ aud: "https://api.example.com", sub: "alice" });
    expect(await judgeBy()(mint(key, claims({ aud: undefined, sub: undefined })))).toMatchObject({ subject: "alice" });
    active();
    expect(await judgeBy()(mint(key, claims({ aud: undefined })))).toBe("token_audience_mismatch");
  });

  test.each([
    [NOW + 600, NOW + 60],
    [NOW + 60, NOW + 600],
  ])("ends with the first of its two ends", async (own, answered) => {
    active({ exp: answered });
    expect(await judgeBy()(mint(key, claims({ exp: own })))).toMatchObject({ expiresAt: NOW + 60 });
  });

  test("is not asked about if its signature is wrong, or it has ended: guesses cost the server nothing", async () => {
    active();
    const judge = judgeBy();
    expect(await judge(mint(stranger))).toBe("token_signature_invalid");
    expect(await judge(mint(key, claims({ exp: NOW })))).toBe("token_expired");
    expect(await judge(mint(key, claims({ iss: "https://other.example.com" })))).toBe("token_issuer_unknown");
    expect(await judge(mint(key, claims({ typ: "Refresh" })))).toBe("token_type_not_allowed");
    expect(server.asked).toEqual([]);
  });

  test("needs an end, of its own or in the answer", async () => {
    active();
    expect(await judgeBy()(mint(key, claims({ exp: undefined })))).toBe("token_expiry_missing");
    active({ exp: NOW + 60 });
    expect(await judgeBy()(mint(key, claims({ exp: undefined })))).toMatchObject({ expiresAt: NOW + 60 });
  });

  test.each([
    ["issuer", { iss: "https://other.example.com" }],
    ["subject", { sub: "bob" }],
    ["id", { jti: "2" }],
  ])("is not believed by an answer with another %s: that is another token's", async (_what, answer) => {
    active(answer);
    expect(await judgeBy()(mint(key, claims({ jti: "1" })))).toBe("introspection_unavailable");
  });

  test.each<[object, string]>([
    [{ aud: "https://other.example.com" }, "token_audience_mismatch"],
    [{ cnf: { jkt: "x" } }, "token_confirmation_unsupported"],
    [{ token_type: "DPoP" }, "token_confirmation_unsupported"],
    [{ token_type: "refresh_token" }, "token_type_not_allowed"],
    [{ nbf: NOW + 60 }, "token_not_yet_valid"],
    [{ exp: NOW - 1 }, "token_expired"],
  ])("is refused for what the answer says: %o", async (answer, reason) => {
    active(answer);
    expect(await judgeBy()(mint(key))).toBe(reason);
  });

  test("is trouble while its server fails", async () => {
    server.fail(503);
    expect(await judgeBy()(mint(key))).toBe("introspection_unavailable");
  });
});

describe("an entry for opaque tokens", () => {
  test("accepts no JWTs without keys of its own", async () => {
    const { jwt } = configOf({ jwt: { issuers: [entryOf()] } });
    if (!jwt) throw new Error("no section");
    const credential = {
      scheme: "bearer",
      value: mint(key),
      location: { in: "header", name: "authorization" },
    } as const;
    const verdict = await jwtProvider(jwt, { fetch: server.fetch }).verify(
      credential,
      requestFor("GET", "/a"),
      AbortSignal.timeout(1000),
    );
    expect(verdict).toMatchObject({ reason: "token_issuer_unknown" });
    expect(server.asked).toEqual([]);
  });

  test("accepts JWTs by keys of its own without asking about them", async () => {
    const keys = { jwks: { keys: [key.jwk] } } as unknown as Entry["keys"];
    const { jwt } = configOf({ jwt: { issuers: [entryOf({}, { keys })] } });
    if (!jwt) throw new Error("no section");
    const credential = {
      scheme: "bearer",
      value: mint(key),
      location: { in: "header", name: "authorization" },
    } as const;
    const verdict = await jwtProvider(jwt, { fetch: server.fetch }).verify(
      credential,
      requestFor("GET", "/a"),
      AbortSignal.timeout(1000),
    );
    expect(verdict).toMatchObject({ status: "authenticated" });
    expect(server.asked).toEqual([]);
  });
});

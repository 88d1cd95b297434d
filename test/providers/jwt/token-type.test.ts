import { describe, expect, test } from "vitest";
import { jwtProvider } from "../../../providers/jwt/index.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { AUDIENCE, claims, ISSUER, mint, rsaKey } from "./mint.ts";

type Entry = NonNullable<SallyportConfig["jwt"]>["issuers"][number];

const rsa = rsaKey();
const REFUSED = "token_type_not_allowed";

/** The reason of a refusal, or "accepted". */
async function verdictOn(payload: object, header: object = {}, entry: Partial<Entry> = {}) {
  const keys = { jwks: { keys: [rsa.jwk] } } as unknown as Entry["keys"];
  const { jwt } = configOf({ jwt: { issuers: [{ issuer: ISSUER, audience: AUDIENCE, keys, ...entry }] } });
  if (!jwt) throw new Error("no section");
  const value = mint(rsa, claims({ ...payload }), header);
  const credential = { scheme: "bearer", value, location: { in: "header", name: "authorization" } } as const;
  const verdict = await jwtProvider(jwt).verify(credential, requestFor("GET", "/a"), new AbortController().signal);
  return verdict.status === "authenticated" ? "accepted" : verdict.reason;
}

describe("without types in its entry a token is accepted with the typ", () => {
  test.each([undefined, "JWT", "jwt", "JOSE", "application/jwt", "at+jwt", "AT+JWT", "application/at+jwt"])(
    "%s",
    async (typ) => {
      expect(await verdictOn({}, { typ })).toBe("accepted");
    },
  );
});

describe("without types in its entry a token is refused with the typ", () => {
  test.each<unknown>([
    ...["dpop+jwt", "logout+jwt", "secevent+jwt", "application/secevent+jwt", "oauth-authz-req+jwt", "kb+jwt", "JWE"],
    ...["", "text/jwt", "application/application/jwt", "jwtapplication/", "JWT ", null, 5, ["JWT"]],
  ])("%j", async (typ) => {
    expect(await verdictOn({}, { typ })).toBe(REFUSED);
  });
});

const ID_TOKENS: [string, object][] = [
  ["an ID token of Cognito", { token_use: "id", at_hash: "x" }],
  ["an ID token of Keycloak", { typ: "ID", at_hash: "x" }],
  ["an ID token with at_hash", { at_hash: "x" }],
  ["an ID token with c_hash", { c_hash: "x" }],
  ["an ID token with s_hash (FAPI)", { s_hash: "x" }],
  ["an ID token in small letters", { typ: "id" }],
  ["an ID token by token_use in capitals", { token_use: "ID" }],
  ["an ID token by token_type", { token_type: "id_token" }],
];
const OTHERS: [string, object][] = [
  ["a refresh token of Keycloak", { typ: "Refresh" }],
  ["an offline token of Keycloak", { typ: "Offline" }],
  ["a logout token of Keycloak", { typ: "Logout" }],
  ["a refresh token in small letters", { typ: "refresh" }],
  ["a client's registration token of Keycloak", { typ: "RegistrationAccessToken" }],
  ["an initial access token of Keycloak", { typ: "InitialAccessToken" }],
  ["a login cookie of Keycloak", { typ: "Serialized-ID" }],
  ["a link to verify an address (Keycloak)", { typ: "verify-email" }],
  ["a link to change an address (Keycloak)", { typ: "update-email" }],
  ["a link to reset a password (Keycloak)", { typ: "reset-credentials" }],
  ["a link to what an administrator asks for (Keycloak)", { typ: "execute-actions" }],
  ["a link to join two accounts (Keycloak)", { typ: "idp-verify-account-via-email" }],
  ["a refresh token by token_use", { token_use: "refresh" }],
  ["a token whose token_use is no text", { token_use: null }],
  ["a token whose token_use is not known", { token_use: "token-access" }],
  ["a refresh token by token_type", { token_type: "refresh" }],
  ["a refresh token by token_type in other letters", { token_type: "Refresh_Token" }],
  ["a security event", { events: { "https://schemas.openid.net/event/backchannel-logout": {} } }],
];

describe("refused by what its claims announce is", () => {
  test.each([...ID_TOKENS, ...OTHERS])("%s", async (_what, payload) => {
    expect(await verdictOn(payload)).toBe(REFUSED);
  });

  test.each([...ID_TOKENS, ...OTHERS])("%s, also with a typ that says at+jwt", async (_what, payload) => {
    expect(await verdictOn(payload, { typ: "at+jwt" })).toBe(REFUSED);
  });

  test("but no access token of Keycloak or Cognito", async () => {
    expect(await verdictOn({ typ: "Bearer" })).toBe("accepted");
    expect(await verdictOn({ token_use: "access", username: "alice" })).toBe("accepted");
    expect(await verdictOn({ token_use: "Access", token_type: "access" })).toBe("accepted");
    expect(await verdictOn({ token_type: "Bearer" })).toBe("accepted");
    expect(await verdictOn({ token_type: "refresh_token_of_another_kind" })).toBe("accepted");
  });
});

describe("an entry accepts ID tokens", () => {
  test.each(ID_TOKENS)("with types that name JWT: %s", async (_what, payload) => {
    expect(await verdictOn(payload, {}, { types: ["JWT"] })).toBe("accepted");
  });

  test.each(OTHERS)("but then no other kind: %s", async (_what, payload) => {
    expect(await verdictOn(payload, {}, { types: ["JWT"] })).toBe(REFUSED);
  });

  test("that it requires by the claim that announces them, and then no access tokens", async () => {
    const cognito = { requiredClaims: { token_use: "id" } };
    expect(await verdictOn({ token_use: "id", at_hash: "x" }, {}, cognito)).toBe("accepted");
    expect(await verdictOn({ token_use: "access" }, {}, cognito)).toBe("token_claim_invalid");
    const keycloak = { requiredClaims: { typ: ["ID", "Bearer"] } };
    expect(await verdictOn({ typ: "ID", at_hash: "x" }, {}, keycloak)).toBe("accepted");
    expect(await verdictOn({ typ: "Bearer" }, {}, keycloak)).toBe("accepted");
    expect(await verdictOn({ typ: "Refresh" }, {}, keycloak)).toBe("token_claim_invalid");
  });

  test.each<[string, object]>([
    ["token_use", { token_use: "refresh" }],
    ["token_type", { token_type: "refresh" }],
    ["typ", { typ: "RegistrationAccessToken" }],
    ["events", { events: "of our own kind" }],
  ])("of any kind whose %s it requires", async (_name, announced) => {
    expect(await verdictOn(announced, {}, { requiredClaims: { ...announced } })).toBe("accepted");
  });

  test("not because it requires another claim, or the claim of an access token", async () => {
    expect(await verdictOn({ token_use: "id" }, {}, { requiredClaims: { client_id: "web" } })).toBe(REFUSED);
    expect(await verdictOn({ token_use: "id" }, {}, { requiredClaims: { token_use: "access" } })).toBe(REFUSED);
    expect(await verdictOn({ at_hash: "x" }, {}, { requiredClaims: { typ: "Bearer" } })).toBe(REFUSED);
  });
});

describe("with types in its entry a token", () => {
  test("is accepted with an explicit type that they list, whatever its claims announce", async () => {
    const events = { events: {} };
    expect(await verdictOn(events, { typ: "secevent+jwt" }, { types: ["application/secevent+jwt"] })).toBe("accepted");
    expect(await verdictOn({ at_hash: "x" }, { typ: "at+jwt" }, { types: ["at+jwt"] })).toBe("accepted");
  });

  test("is refused with any other type", async () => {
    expect(await verdictOn({}, {}, { types: ["at+jwt"] })).toBe(REFUSED);
    expect(await verdictOn({}, { typ: undefined }, { types: ["JWT"] })).toBe(REFUSED);
  });
});

describe("a token that is bound to a key in a way that is not configured, or not known, is refused:", () => {
  const CONFIRMATIONS: [string, unknown][] = [
    ["DPoP", { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }],
    [
      "mutual TLS, with a hash in no spelling of a SHA-256",
      { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" },
    ],
    ["a key inside", { jwk: { kty: "EC" } }],
    ["a method of no meaning", {}],
    ["nothing", null],
  ];
  test.each(CONFIRMATIONS)("by %s", async (_method, cnf) => {
    expect(await verdictOn({ cnf })).toBe("token_confirmation_unsupported");
    expect(await verdictOn({ cnf }, { typ: "at+jwt" }, { types: ["at+jwt"] })).toBe("token_confirmation_unsupported");
  });
});

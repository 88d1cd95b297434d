import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, mint, mintHmac, rsaKey, ISSUER as STAFF, segment } from "../../providers/jwt/mint.ts";
import { createHarness, type Harness, ISSUER, RESOURCE } from "./harness.ts";

/* What is signed by one party, or for one purpose, is not taken for what is signed by another one, or for another. */

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const [clientKey, otherKey, staffKey] = [ecKey("c1"), ecKey("c2"), rsaKey()];
const set = ({ jwk }: { readonly jwk: object }) => ({ jwks: { keys: [jwk as { kty: string }] } });

/** RFC 7638. */
const thumbprintOf = ({ kty, n, e }: Readonly<Record<"kty" | "n" | "e", string>>) =>
  createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");

let login: Harness;
/** The public part of the key that signs our tokens. */
let own: { readonly pem: string; readonly jwk: Readonly<Record<string, unknown>> };
beforeAll(async () => {
  login = await createHarness((config) => {
    const key = createPublicKey(process.env.SALLYPORT_TEST_SIGNING_KEY ?? "");
    const { n = "", e = "" } = key.export({ format: "jwk" });
    const jwk = { kty: "RSA", n, e };
    own = { pem: key.export({ type: "spki", format: "pem" }).toString(), jwk: { ...jwk, kid: thumbprintOf(jwk) } };
    return {
      ...config,
      jwt: {
        issuers: [
          { issuer: STAFF, audience: AUDIENCE, keys: set(staffKey) },
          { issuer: ISSUER, preset: "sallyport", audience: RESOURCE, keys: set(own) },
        ],
      },
      federation: {
        ...(config.federation as NonNullable<typeof config.federation>),
        subjectTokens: [
          { name: "staff", issuer: STAFF },
          { name: "own", issuer: ISSUER },
        ],
        clients: [
          { id: "web", redirectUris: ["https://app.example.com/callback"] },
          { id: "service", grants: ["exchange"], authentication: set(clientKey) },
          { id: "other", grants: ["exchange"], authentication: set(otherKey) },
        ],
      },
    };
  });
});
afterAll(() => login.close());
beforeEach(() => {
  login.told.length = 0;
  login.revoked.length = 0;
});

/** Signs anything with the key of our tokens. */
async function ours(payload: object, header: object = {}): Promise<string> {
  const { text, signature } = await login.services.signer.sign(
    (kid) => `${segment({ alg: "RS256", typ: "at+jwt", kid, ...header })}.${segment(payload)}`,
  );
  return `${text}.${Buffer.from(signature).toString("base64url")}`;
}

const ownClaims = (changed: object = {}) => ({
  ...{ iss: ISSUER, sub: "acme:mallory", aud: RESOURCE, client_id: "web", jti: "id", kind: "user" },
  ...{ scope: "orders:read", iat: NOW - 10, exp: NOW + 300, ...changed },
});

let count = 0;
const assertionClaims = (changed: object = {}) => ({
  ...{ iss: "service", sub: "service", aud: ISSUER, jti: `${count++}`, iat: NOW, exp: NOW + 60, ...changed },
});
const clientAssertion = (header: object = {}, key = clientKey) =>
  mint(key, assertionClaims(), { alg: "ES256", ...header });

const exchange = (subject: string, assertion = clientAssertion(), type = JWT) =>
  login.send("POST /token", {
    form: {
      ...{ grant_type: EXCHANGE, subject_token: subject, subject_token_type: type },
      ...{ client_assertion_type: ASSERTION, client_assertion: assertion },
    },
  });

const unsigned = (payload: object, alg = "none") => `${segment({ alg, typ: "at+jwt" })}.${segment(payload)}.`;
/** An RSA key of an identity provider, as if it signed JWTs. */
const samlKey = () => ({ ...staffKey, privateKey: createPrivateKey(login.acme.privateKey) });

describe("a token of one issuer is not one of another", () => {
  test("both are accepted as what they are", async () => {
    expect(await exchange(await ours(ownClaims()))).toMatchObject({ status: 200 });
    expect(await exchange(mint(staffKey, claims()))).toMatchObject({ status: 200 });
  });

  test("a token of ours that is exchanged ends when it would have ended", async () => {
    expect((await exchange(await ours(ownClaims({ exp: NOW + 45 })))).json.expires_in).toBe(45);
  });

  const forged: [string, () => string | Promise<string>, RegExp][] = [
    ["another issuer signs in our name", () => mint(staffKey, ownClaims(), { typ: "at+jwt" }), /token_(key|signature)/],
    [
      "another issuer signs in our name, with the name of our key",
      async () =>
        mint(staffKey, ownClaims(), { typ: "at+jwt", kid: (await login.services.signer.published())[0]?.kid }),
      /token_(key|signature)/,
    ],
    [
      "another issuer signs in our name, and brings its key along",
      () => mint(staffKey, ownClaims(), { typ: "at+jwt", jwk: staffKey.jwk, jku: `${STAFF}/jwks` }),
      /token_/,
    ],
    ["we sign in another issuer's name", () => ours(claims(), { kid: "k1" }), /token_(key|signature)/],
    [
      "an identity provider's SAML key signs in our name",
      () => mint(samlKey(), ownClaims(), { typ: "at+jwt" }),
      /token_(key|signature)/,
    ],
    ["nobody signs (alg none)", () => unsigned(ownClaims()), /token_/],
    ["nobody signs, and the text has a signature", () => `${unsigned(ownClaims())}AAAA`, /token_algorithm/],
    ["our public key, as text, is the secret of an HMAC", () => mintHmac(own.pem, ownClaims()), /token_algorithm/],
    [
      "our public key, as a JWK, is the secret of an HMAC",
      () => mintHmac(Buffer.from(String(own.jwk.n), "base64url"), ownClaims()),
      /token_algorithm/,
    ],
  ];
  test.each(forged)("refused: %s", async (_, token, reason) => {
    expect(await exchange(await token())).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect(login.told.join()).toMatch(reason);
  });

  test.each([
    ["JWT"],
    ["id_token+jwt"],
    ["logout+jwt"],
    ["secevent+jwt"],
    ["dpop+jwt"],
    ["client-authentication+jwt"],
    [undefined],
  ])("refused: what our key signs with the type %s is no access token", async (typ) => {
    expect(await exchange(await ours(ownClaims(), { typ }))).toMatchObject({ json: { error: "invalid_grant" } });
    expect(login.told.join()).toContain("token_type_not_allowed");
  });

  test.each([
    ["an ID token", { at_hash: "AAAAAAAAAAAAAAAAAAAAAA", nonce: "n" }],
    ["a refresh token", { typ: "Refresh" }],
    ["a logout token", { events: { "http://schemas.openid.net/event/backchannel-logout": {} } }],
  ])("refused: %s of another issuer is no access token", async (_, changed) => {
    expect(await exchange(mint(staffKey, claims(changed)))).toMatchObject({ json: { error: "invalid_grant" } });
    expect(login.told.join()).toContain("token_type_not_allowed");
  });

  test.each(["id_token", "refresh_token", "saml1"])("refused: a subject token of the type %s", async (type) => {
    const answer = await exchange(
      mint(staffKey, claims()),
      clientAssertion(),
      `urn:ietf:params:oauth:token-type:${type}`,
    );
    expect(answer).toMatchObject({ status: 400, json: { error: "invalid_request" } });
  });
});

describe("a client's assertion is the client's alone", () => {
  const wrong: [string, () => string | Promise<string>][] = [
    ["the login signs in the client's name", () => ours(assertionClaims(), { typ: "JWT" })],
    ["the login signs, with the name of the client's key", () => ours(assertionClaims(), { typ: "JWT", kid: "c1" })],
    ["another client signs", () => clientAssertion({}, otherKey)],
    ["another client signs, with the name of the client's key", () => clientAssertion({ kid: "c1" }, otherKey)],
    ["it is an access token of ours", () => ours(ownClaims({ sub: "service", client_id: "service", aud: ISSUER }))],
    ["it says that it is an access token", () => clientAssertion({ typ: "at+jwt" })],
    ["it says that it is a proof", () => clientAssertion({ typ: "dpop+jwt" })],
    ["it is an ID token", () => mint(clientKey, assertionClaims({ at_hash: "A".repeat(22) }), { alg: "ES256" })],
    ["nobody signs (alg none)", () => unsigned(assertionClaims())],
    ["nobody signs, and the text has a signature", () => `${unsigned(assertionClaims())}AAAA`],
    [
      "the client's public key is the secret of an HMAC",
      () => mintHmac(clientKey.publicKey.export({ type: "spki", format: "pem" }).toString(), assertionClaims()),
    ],
    [
      "the client's public key, as JSON, is the secret of an HMAC",
      () => mintHmac(JSON.stringify(clientKey.jwk), assertionClaims(), { kid: "c1" }),
    ],
    [
      "it brings its key along",
      () => mint(otherKey, assertionClaims(), { alg: "ES256", kid: undefined, jwk: otherKey.jwk }),
    ],
    ["it is issued by the login", () => mint(clientKey, assertionClaims({ iss: ISSUER }), { alg: "ES256" })],
  ];
  test.each(wrong)("refused: %s", async (_, assertion) => {
    const answer = await exchange(mint(staffKey, claims()), await assertion());
    expect(answer).toMatchObject({ status: 401, json: { error: "invalid_client" } });
  });

  test("one that has no type, or that of a JWT, is accepted", async () => {
    for (const typ of ["JWT", undefined]) {
      expect(await exchange(mint(staffKey, claims()), clientAssertion({ typ }))).toMatchObject({ status: 200 });
    }
  });
});

describe("keys of SAML and keys of tokens stay apart", () => {
  test("a Response that the key of our tokens signs is refused", async () => {
    const begun = await login.begin();
    const identity = { ...login.acme, privateKey: process.env.SALLYPORT_TEST_SIGNING_KEY ?? "" };
    const answer = await login.post(begun, login.respond(begun, {}, {}, identity as typeof login.acme));
    expect(answer.to.get("error")).toBe("access_denied");
    expect(login.told.join()).toContain("assertion_signature_invalid");
  });

  test("the key set has the keys of tokens alone, without a private member", async () => {
    const { keys } = (await login.send("GET /jwks")).json as { keys: Record<string, unknown>[] };
    expect(keys).toEqual([
      { kty: "RSA", n: own.jwk.n, e: own.jwk.e, kid: expect.any(String), alg: "RS256", use: "sig" },
    ]);
  });
});

describe("a token that is no token of ours is not revoked", () => {
  const strange: [string, () => string | Promise<string>][] = [
    ["another issuer signed", () => mint(staffKey, ownClaims(), { typ: "at+jwt" })],
    ["of another type", () => ours(ownClaims(), { typ: "JWT" })],
    ["of another issuer, by our key", () => ours(ownClaims({ iss: STAFF }))],
    ["nobody signed", () => unsigned(ownClaims())],
    ["with an HMAC of our public key", () => mintHmac(own.pem, ownClaims())],
  ];
  test.each(strange)("%s", async (_, token) => {
    const answer = await login.send("POST /revoke", { form: { client_id: "web", token: await token() } });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(login.revoked).toEqual([]);
  });

  test("ours is", async () => {
    await login.send("POST /revoke", { form: { client_id: "web", token: await ours(ownClaims()) } });
    expect(login.revoked).toEqual(["id"]);
  });
});

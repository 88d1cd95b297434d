import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { memoryStore, stepWith, subjectRecord } from "../../providers/entitlements/fixture.ts";
import { AUDIENCE, claims, ecKey, mint, rsaKey, ISSUER as STAFF } from "../../providers/jwt/mint.ts";
import { createHarness, type Harness, IDP, ISSUER, RESOURCE } from "./harness.ts";

const SAML2 = "urn:ietf:params:oauth:grant-type:saml2-bearer";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const API_KEY = "urn:sallyport:token-type:api-key";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const [clientKey, strangerKey, staffKey] = [ecKey(), ecKey(), rsaKey()];
let keys: KeyTableFixture;
let login: Harness;
let partner: string;
let clientSecret: string;

beforeAll(async () => {
  keys = await createKeyTableFixture();
  login = await createHarness((config) => ({
    ...config,
    apiKeys: keys.config,
    jwt: {
      issuers: [{ issuer: STAFF, audience: AUDIENCE, keys: { jwks: { keys: [staffKey.jwk as { kty: string }] } } }],
    },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      resources: [RESOURCE, "https://other.example.com"],
      subjectTokens: [
        { name: "staff", issuer: STAFF },
        { name: "partners", issuer: "api-keys:live" },
      ],
      clients: [
        { id: "web", redirectUris: ["https://app.example.com/callback"] },
        {
          ...{ id: "service", grants: ["exchange", "saml2"], resources: [RESOURCE], scopes: ["orders:read"] },
          authentication: { jwks: { keys: [clientKey.jwk as { kty: string }] } },
        },
        { id: "gateway", grants: ["exchange"], authentication: "api-key" },
      ],
    },
  }));
  partner = await issued({ subject: "partner-7", scopes: ["orders:read"], tenant: "acme" });
  clientSecret = await issued({ subject: "gateway" });
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
});

const issued = async (options: Parameters<KeyTableFixture["issue"]>[0]) => (await keys.issue(options)).key;

let count = 0;
const clientAssertion = (overrides: object = {}, key = clientKey) =>
  mint(
    key,
    {
      ...{ iss: "service", sub: "service", aud: ISSUER, jti: `assertion-${count++}`, iat: NOW, exp: NOW + 60 },
      ...overrides,
    },
    { alg: "ES256", kid: key.jwk.kid },
  );

/** A request of the client `service`. */
const ask = (form: Readonly<Record<string, string>>, assertion = clientAssertion()) =>
  login.send("POST /token", {
    form: { client_assertion_type: ASSERTION, client_assertion: assertion, ...form },
  });

const staffToken = (overrides: object = {}) =>
  mint(staffKey, claims({ scope: "orders:read orders:write", ...overrides }));
const exchange = (form: Readonly<Record<string, string>> = {}) =>
  ask({ grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT, ...form });
const claimsOf = ({ json }: { json: Readonly<Record<string, unknown>> }) => decodeJwt(String(json.access_token));

describe("a client proves who it is, in the way that is registered", () => {
  test("by a JWT of its own key, for this server, once", async () => {
    const assertion = clientAssertion();
    const form = { grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT };
    expect(await ask(form, assertion)).toMatchObject({ status: 200 });
    expect(await ask(form, assertion)).toMatchObject({ status: 401, json: { error: "invalid_client" } });
    expect(login.told.join()).toContain("client_assertion_replayed");
  });

  test.each([
    ["another key", () => clientAssertion({}, strangerKey)],
    ["another audience", () => clientAssertion({ aud: "https://other.example.com" })],
    ["two audiences", () => clientAssertion({ aud: [ISSUER, "https://other.example.com"] })],
    ["another subject", () => clientAssertion({ sub: "web" })],
    ["no jti", () => clientAssertion({ jti: undefined })],
    ["an end in an hour", () => clientAssertion({ exp: NOW + 3600 })],
    ["an end in the past", () => clientAssertion({ exp: NOW - 1 })],
    ["a text that is no JWT", () => "a.b.c"],
  ])("a JWT with %s is refused", async (_, assertion) => {
    const answer = await ask(
      { grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT },
      assertion(),
    );
    expect(answer).toMatchObject({ status: 401, json: { error: "invalid_client" } });
    expect(answer.headers["WWW-Authenticate"]).toBeDefined();
  });

  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
  });
  const asGateway = (headers: Readonly<Record<string, string>>) =>
    login.send("POST /token", {
      headers,
      form: { grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT },
    });

  test("by an API key whose subject is the client", async () => {
    expect(await asGateway(basic("gateway", clientSecret))).toMatchObject({ status: 200 });
    expect(await asGateway(basic("gateway", partner))).toMatchObject({ status: 401 });
    expect(await asGateway(basic("service", clientSecret))).toMatchObject({ status: 401 });
    expect(await asGateway(basic("gateway", "sp_live_nothing"))).toMatchObject({ status: 401 });
  });

  test("a client with keys is not served by its name alone, nor in two ways", async () => {
    const form = { grant_type: EXCHANGE, client_id: "service", subject_token: staffToken(), subject_token_type: JWT };
    expect(await login.send("POST /token", { form })).toMatchObject({ status: 401 });
    const both = { ...form, client_assertion_type: ASSERTION, client_assertion: clientAssertion() };
    expect(await login.send("POST /token", { form: both, headers: basic("service", partner) })).toMatchObject({
      status: 400,
    });
  });

  test("a grant that is not the client's is refused", async () => {
    expect(await ask({ grant_type: "authorization_code", code: "a".repeat(43) })).toMatchObject({
      json: { error: "unauthorized_client" },
    });
    expect(await ask({ grant_type: "password" })).toMatchObject({ json: { error: "unsupported_grant_type" } });
  });
});

describe("token exchange", () => {
  test("of a JWT of a configured issuer", async () => {
    const answer = await exchange();
    expect(answer.json).toMatchObject({ issued_token_type: "urn:ietf:params:oauth:token-type:access_token" });
    expect(claimsOf(answer)).toMatchObject({
      ...{ iss: ISSUER, sub: "staff:alice", aud: RESOURCE, client_id: "service", scope: "orders:read", exp: NOW + 600 },
    });
  });

  test("of an API key alone", async () => {
    const answer = await exchange({ subject_token: partner, subject_token_type: API_KEY });
    expect(claimsOf(answer)).toMatchObject({ sub: "partners:partner-7", kind: "client", tenant: "acme" });
  });

  test("with an API key as actor narrows the scopes, and names the actor", async () => {
    const answer = await exchange({ actor_token: partner, actor_token_type: API_KEY });
    expect(claimsOf(answer)).toMatchObject({
      ...{ sub: "staff:alice", act: { sub: "partners:partner-7" }, scope: "orders:read" },
    });
  });

  test("with an actor that is a person, or of another tenant, is refused", async () => {
    expect(await exchange({ actor_token: staffToken(), actor_token_type: JWT })).toMatchObject({
      json: { error: "invalid_request" },
    });
    const foreign = await issued({ subject: "foreign", tenant: "globex" });
    const subject = { subject_token: partner, subject_token_type: API_KEY };
    expect(await exchange({ ...subject, actor_token: foreign, actor_token_type: API_KEY })).toMatchObject({
      json: { error: "invalid_grant" },
    });
  });

  test("lives no longer than what was exchanged", async () => {
    const answer = await exchange({ subject_token: staffToken({ exp: NOW + 90 }) });
    expect(answer.json.expires_in).toBe(90);
    expect(claimsOf(answer).exp).toBe(NOW + 90);
  });

  test.each([
    ["a token that has ended", { exp: NOW - 1 }, "token_expired"],
    ["a token for another audience", { aud: "https://other.example.com" }, "token_audience_mismatch"],
    ["a token of an issuer that is not configured", { iss: "https://evil.example" }, "token_issuer_unknown"],
    ["a token that is bound to a key", { cnf: { jkt: "a" } }, "token_"],
  ])("of %s is refused, and the log says why", async (_, change, reason) => {
    login.told.length = 0;
    expect(await exchange({ subject_token: staffToken(change) })).toMatchObject({
      ...{ status: 400, json: { error: "invalid_grant" } },
    });
    expect(login.told.join()).toContain(reason);
  });

  test("never widens: scopes and resources that the client may not have are refused", async () => {
    expect(await exchange({ scope: "orders:write" })).toMatchObject({ json: { error: "invalid_scope" } });
    expect(await exchange({ resource: "https://other.example.com" })).toMatchObject({
      json: { error: "invalid_target" },
    });
    expect(await exchange({ audience: "anything" })).toMatchObject({ json: { error: "invalid_target" } });
  });

  test("of an issuer that is not listed is refused", async () => {
    const replaced = { config: { ...login.services.config, subjectTokens: [] } };
    const form = { grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT };
    const client = { client_assertion_type: ASSERTION, client_assertion: clientAssertion() };
    expect(await login.send("POST /token", { form: { ...form, ...client } }, replaced)).toMatchObject({
      json: { error: "invalid_grant" },
    });
  });
});

describe("an assertion as a grant (RFC 7522)", () => {
  const bearer = (options = {}) => {
    const begun = { requestId: "_none", relayState: "", cookie: "", verifier: "", request: "" };
    const response = login.respond(
      begun,
      { audience: ISSUER, recipient: `${ISSUER}/token`, ...options },
      { message: "assertion" },
    );
    return Buffer.from(response, "base64").toString("base64url");
  };

  test("is good for one token", async () => {
    const assertion = bearer();
    expect(claimsOf(await ask({ grant_type: SAML2, assertion }))).toMatchObject({
      ...{ sub: "acme:alice", tenant: "acme", scope: "orders:read", exp: NOW + 300 },
    });
    expect(await ask({ grant_type: SAML2, assertion })).toMatchObject({ json: { error: "invalid_grant" } });
    expect(login.events.map(({ name }) => name)).toEqual(["AssertionReplayed"]);
  });

  test.each([
    ["for the login", { audience: `${ISSUER}/saml/acme/metadata`, recipient: `${ISSUER}/saml/acme/acs` }],
    ["for the API", { audience: "https://api.example.com/saml", recipient: "https://api.example.com/saml/acs" }],
    ["that has ended", { time: NOW - 300 }],
    ["of another identity provider", { issuer: "https://evil.example" }],
  ])("%s is refused", async (_, options) => {
    expect(await ask({ grant_type: SAML2, assertion: bearer(options) })).toMatchObject({
      ...{ status: 400, json: { error: "invalid_grant" } },
    });
  });
});

describe("revocation", () => {
  const revoke = (token: string, client = "web") => login.send("POST /revoke", { form: { token, client_id: client } });

  test("of a token revokes its jti; of a token of another client, or no token of ours, nothing", async () => {
    const token = String((await login.redeem(await login.login())).json.access_token);
    login.revoked.length = 0;
    const foreign = String((await exchange()).json.access_token);
    for (const other of [foreign, `${token.slice(0, -8)}AAAAAAAA`, "no-token", staffToken()]) {
      expect(await revoke(other)).toMatchObject({ status: 200, text: "" });
    }
    expect(login.revoked).toEqual([]);
    expect(await revoke(token)).toMatchObject({ status: 200 });
    expect(login.revoked).toEqual([decodeJwt(token).jti]);
  });

  test("of a code makes it useless", async () => {
    const done = await login.login();
    login.revoked.length = 0;
    login.events.length = 0;
    for (const _ of [1, 2]) expect(await revoke(done.code)).toMatchObject({ status: 200 });
    expect(await login.redeem(done)).toMatchObject({ json: { error: "invalid_grant" } });
    // It was nobody else's use of the code, and there is no token to revoke.
    expect(login.events).toEqual([
      expect.objectContaining({ name: "LoginFailed", detail: expect.objectContaining({ reason: "code_revoked" }) }),
    ]);
    expect(login.revoked).toEqual([]);
  });
});

test("scripts of public clients may read the answer of the token endpoint, those of others not", async () => {
  const as = (origin: string) => login.send("POST /token", { headers: { origin }, form: { grant_type: "a" } });
  expect((await as("https://app.example.com")).headers).toMatchObject({
    "Access-Control-Allow-Origin": "https://app.example.com",
  });
  expect((await as("https://evil.example")).headers["Access-Control-Allow-Origin"]).toBeUndefined();
});

test("a parameter that occurs twice, another media type and a missing grant_type are refused", async () => {
  const refused = { status: 400, json: { error: "invalid_request" } };
  expect(await login.send("POST /token", { form: "grant_type=a&grant_type=b" })).toMatchObject(refused);
  expect(await login.send("POST /token", { headers: { "content-type": "application/json" } })).toMatchObject(refused);
  expect(await login.send("POST /token", { form: { client_id: "web" } })).toMatchObject(refused);
});

describe("who is locked out", () => {
  const locked = (subject: string) => ({
    entitlements: stepWith(memoryStore(subjectRecord({ issuer: IDP, subject, disabledSince: NOW })).store, {}),
  });

  test("gets no token: not for a code, nor for an assertion, nor by an exchange", async () => {
    const done = await login.login();
    const form = { grant_type: "authorization_code", client_id: "web", code: done.code, code_verifier: done.verifier };
    login.told.length = 0;
    expect(await login.send("POST /token", { form }, locked("alice"))).toMatchObject({
      json: { error: "invalid_grant" },
    });
    expect(login.told.join()).toContain("subject_disabled");
    // The code is not used up: another person's lockout is none of it.
    expect(await login.send("POST /token", { form }, locked("bob"))).toMatchObject({ status: 200 });
    const { store } = memoryStore(subjectRecord({ issuer: STAFF, subject: "alice", disabledSince: NOW }));
    const exchanged = {
      ...{ grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT },
      ...{ client_assertion_type: ASSERTION, client_assertion: clientAssertion() },
    };
    const replaced = { entitlements: stepWith(store, {}) };
    expect(await login.send("POST /token", { form: exchanged }, replaced)).toMatchObject({
      json: { error: "invalid_grant" },
    });
  });

  test("by the name that the token would have gets none either, whatever rights a record of that name lacks", async () => {
    const done = await login.login();
    const form = { grant_type: "authorization_code", client_id: "web", code: done.code, code_verifier: done.verifier };
    const { store } = memoryStore(
      subjectRecord({ issuer: ISSUER, subject: "acme:alice", disabledSince: NOW }),
      subjectRecord({ issuer: IDP, subject: "alice", scopes: ["orders:read"] }),
    );
    login.told.length = 0;
    expect(await login.send("POST /token", { form }, { entitlements: stepWith(store, {}) })).toMatchObject({
      json: { error: "invalid_grant" },
    });
    expect(login.told.join()).toContain("subject_disabled");
    const one = memoryStore(subjectRecord({ issuer: IDP, subject: "alice", scopes: ["orders:read"] }));
    const replacing = { entitlements: stepWith(one.store, { rights: "replace" }) };
    expect(await login.send("POST /token", { form }, replacing)).toMatchObject({ status: 200 });
  });

  test("is trouble while the table cannot be asked: the code may be used afterwards", async () => {
    const done = await login.login();
    const form = { grant_type: "authorization_code", client_id: "web", code: done.code, code_verifier: done.verifier };
    const store = { read: () => Promise.reject(new TroubleError("entitlements_unavailable")) };
    expect(await login.send("POST /token", { form }, { entitlements: stepWith(store, {}) })).toMatchObject({
      ...{ status: 503, json: { error: "temporarily_unavailable" } },
    });
    expect(await login.send("POST /token", { form })).toMatchObject({ status: 200 });
  });
});

test("without a table of revocations a token cannot be revoked, and the client learns it", async () => {
  const token = String((await login.redeem(await login.login())).json.access_token);
  const answer = await login.send("POST /revoke", { form: { token, client_id: "web" } }, { revoke: undefined });
  expect(answer).toMatchObject({ status: 400, json: { error: "unsupported_token_type" } });
});

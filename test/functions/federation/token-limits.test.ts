import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Services } from "../../../functions/federation/services.ts";
import { dynamoDbFederationStore } from "../../../functions/federation/store/dynamodb-federation-store.ts";
import { type CodeGrant, keptPrincipal } from "../../../functions/federation/token/code-grant.ts";
import { createTable } from "../../../local/stage/database.ts";
import { issueSamlCredential } from "../../../local/stage/saml/identity-provider.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { configOf, NOW, user } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import {
  memoryStore,
  stepWith,
  subjectRecord,
  tenantRecord,
  tokenRecord,
} from "../../providers/entitlements/fixture.ts";
import { AUDIENCE, claims, ecKey, mint, rsaKey, ISSUER as STAFF } from "../../providers/jwt/mint.ts";
import { createHarness, type Harness, IDP, ISSUER, REDIRECT } from "./harness.ts";

/* At the token endpoint a credential counts under the limits that it has at the API, and is used up for nothing less. */

const SAML2 = "urn:ietf:params:oauth:grant-type:saml2-bearer";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const SAML = "urn:ietf:params:oauth:token-type:saml2";
const API_KEY = "urn:sallyport:token-type:api-key";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const [clientKey, staffKey] = [ecKey(), rsaKey()];
const keySet = ({ jwk }: { readonly jwk: object }) => ({ jwks: { keys: [jwk as { kty: string }] } });

let keys: KeyTableFixture;
let login: Harness;

beforeAll(async () => {
  keys = await createKeyTableFixture();
  const used = `used-${randomUUID()}`;
  login = await createHarness((config) => ({
    ...config,
    apiKeys: keys.config,
    jwt: { issuers: [{ issuer: STAFF, audience: AUDIENCE, keys: keySet(staffKey), claims: { roles: ["roles"] } }] },
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      replayTable: used,
      identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({
        ...{ ...entry, replay: "once" as const },
        attributes: { ...entry.attributes, attributes: { email: "email" } },
      })),
    },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      subjectTokens: [
        { name: "staff", issuer: STAFF },
        { name: "acme-idp", issuer: IDP },
        { name: "partners", issuer: "api-keys:live" },
      ],
      clients: [
        { id: "web", redirectUris: [REDIRECT] },
        { id: "service", grants: ["exchange", "saml2"], authentication: keySet(clientKey) },
        { id: "globex", grants: ["exchange"], connections: ["globex"], authentication: keySet(clientKey) },
        { id: "gateway", grants: ["exchange"], authentication: "api-key" },
      ],
    },
  }));
  await createTable(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? "", tableDefinition(used));
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
  login.told.length = 0;
  login.revoked.length = 0;
});

const issued = async (options: Parameters<KeyTableFixture["issue"]>[0]) => (await keys.issue(options)).key;
const staffToken = (overrides: object = {}) => mint(staffKey, claims({ scope: "orders:read", ...overrides }));
const subject = () => ({ grant_type: EXCHANGE, subject_token: staffToken(), subject_token_type: JWT });
const entitledBy = (...records: readonly EntitlementRecord[]) => ({
  entitlements: stepWith(memoryStore(...records).store, {}),
});

let count = 0;
const ask = (form: Readonly<Record<string, string>>, replaced: Partial<Services> = {}, id = "service") => {
  const jwt = { iss: id, sub: id, aud: ISSUER, jti: `assertion-${count++}`, iat: NOW, exp: NOW + 60 };
  const assertion = mint(clientKey, jwt, { alg: "ES256", kid: clientKey.jwk.kid });
  return login.send(
    "POST /token",
    { form: { client_assertion_type: ASSERTION, client_assertion: assertion, ...form } },
    replaced,
  );
};

describe("the API key of a client is refused", () => {
  const basic = (secret: string) => ({ authorization: `Basic ${Buffer.from(`gateway:${secret}`).toString("base64")}` });
  const asGateway = (secret: string, replaced: Partial<Services> = {}) =>
    login.send("POST /token", { headers: basic(secret), form: subject() }, replaced);
  const own = { issuer: "api-keys:live", subject: "gateway" };

  test.each([
    ["of an address that the key may not be used from", { addresses: ["10.0.0.0/8"] }, [], "address_not_allowed"],
    ["of a lockout of the client", {}, [subjectRecord({ ...own, disabledSince: NOW })], "subject_disabled"],
    ["issued before a revocation", {}, [subjectRecord({ ...own, revokedBefore: NOW + 1 })], "token_revoked"],
    ["of a tenant, whose administrator chose its subject", { tenant: "evil" }, [], "client_key_of_tenant"],
    [
      "of a tenant that is locked out",
      { tenant: "evil" },
      [tenantRecord({ tenant: "evil", disabledSince: NOW })],
      "client_key_of_tenant",
    ],
  ])("%s", async (_, options, records, reason) => {
    const secret = await issued({ subject: "gateway", ...options });
    expect(await asGateway(secret, entitledBy(...records))).toMatchObject({
      ...{ status: 401, json: { error: "invalid_client" } },
    });
    expect(login.told.join()).toContain(reason);
  });

  test("for no other reason, and trouble with the table is trouble", async () => {
    const secret = await issued({ subject: "gateway", addresses: ["192.0.2.0/24"] });
    expect(await asGateway(secret, entitledBy())).toMatchObject({ status: 200 });
    const store = { read: () => Promise.reject(new TroubleError("entitlements_unavailable")) };
    expect(await asGateway(secret, { entitlements: stepWith(store, {}) })).toMatchObject({ status: 503 });
  });
});

describe("an exchange is refused", () => {
  const refused = { status: 400, json: { error: "invalid_grant" } };

  test("of a subject, or with an actor, that may not be used from the address", async () => {
    const key = await issued({ subject: "p", addresses: ["10.0.0.0/8"] });
    expect(await ask({ ...subject(), subject_token: key, subject_token_type: API_KEY })).toMatchObject(refused);
    expect(await ask({ ...subject(), actor_token: key, actor_token_type: API_KEY })).toMatchObject(refused);
    expect(login.told.join().match(/"address_not_allowed"/g)).toHaveLength(2);
  });

  test("with `rights: replace`, of a subject whose record takes its scopes away, beside an actor", async () => {
    const record = subjectRecord({ issuer: STAFF, subject: "alice", roles: ["buyer"], scopes: [] });
    const entitlements = stepWith(memoryStore(record).store, { rights: "replace" });
    const actor = { actor_token: await issued({ subject: "p", scopes: ["transfer"] }), actor_token_type: API_KEY };
    expect(await ask({ ...subject(), ...actor }, { entitlements })).toMatchObject(refused);
    expect(login.told.join()).toContain("subject_not_entitled");
  });

  test.each([["act"], ["may_act"]])("of a token with %s, which would be lost", async (claim) => {
    const token = staffToken({ [claim]: { sub: "helpdesk" } });
    expect(await ask({ ...subject(), subject_token: token })).toMatchObject(refused);
    expect(login.told.join()).toContain("delegation_unsupported");
  });

  test("with the type of an actor's token, and no token", async () => {
    expect(await ask({ ...subject(), actor_token_type: API_KEY })).toMatchObject({
      json: { error: "invalid_request" },
    });
  });

  test("of an assertion of a connection that is not the client's", async () => {
    expect(
      await ask({ ...subject(), subject_token: assertion(), subject_token_type: SAML }, {}, "globex"),
    ).toMatchObject(refused);
    expect(login.told.join()).toContain("connection_not_allowed");
  });

  test("of a subject whose name is too long for a token that the authorizer reads", async () => {
    const token = staffToken({ sub: "s".repeat(251) });
    expect(await ask({ ...subject(), subject_token: token })).toMatchObject(refused);
    expect(await ask({ ...subject(), subject_token: staffToken({ sub: "s".repeat(250) }) })).toMatchObject({
      status: 200,
    });
  });
});

/** An assertion for the API, which may be used once. */
const assertion = (id = `_${randomUUID()}`) =>
  issueSamlCredential(login.acme, {
    ...{ issuer: IDP, subject: "alice", time: NOW, id, attributes: { roles: ["buyer"] } },
    ...{ audience: "https://api.example.com/saml", recipient: "https://api.example.com/saml/acs" },
  });

describe("an assertion is used up by the token that it is for, and by nothing less", () => {
  const bearer = () => {
    const begun = { requestId: "_none", relayState: "", cookie: "", verifier: "", request: "" };
    const endpoint = { audience: ISSUER, recipient: `${ISSUER}/token` };
    return Buffer.from(login.respond(begun, endpoint, { message: "assertion" }), "base64").toString("base64url");
  };
  const troubles = (): readonly [string, Partial<Services>][] => [
    ["entitlements", { entitlements: stepWith({ read: () => Promise.reject(new Error("down")) }, {}) }],
    ["KMS", { signer: { ...login.services.signer, sign: () => Promise.reject(new Error("down")) } }],
  ];

  test.each([
    ["as a grant", () => ({ grant_type: SAML2, assertion: bearer() })],
    ["in an exchange", () => ({ grant_type: EXCHANGE, subject_token: assertion(), subject_token_type: SAML })],
  ])("%s: not by trouble", async (_, formOf) => {
    for (const [, trouble] of troubles()) {
      const form = formOf();
      expect(await ask(form, trouble)).toMatchObject({ status: 503 });
      expect(await ask(form)).toMatchObject({ status: 200 });
      login.events.length = 0;
      expect(await ask(form)).toMatchObject({ json: { error: "invalid_grant" } });
      expect(login.events.map(({ name }) => name)).toEqual(["AssertionReplayed"]);
    }
  });

  test("in an exchange: not by a bad actor, and of two at the same time by one", async () => {
    const form = { grant_type: EXCHANGE, subject_token: assertion(), subject_token_type: SAML };
    const bad = { actor_token: "sp_live_nothing", actor_token_type: API_KEY };
    expect(await ask({ ...form, ...bad })).toMatchObject({ json: { error: "invalid_grant" } });
    const answers = await Promise.all([ask(form), ask(form), ask(form)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  test("and is not used at all if its use cannot be recorded", async () => {
    const form = { grant_type: EXCHANGE, subject_token: assertion(), subject_token_type: SAML };
    const uses: Services["uses"] = {
      ...login.services.uses,
      postpone(signal) {
        login.services.uses.postpone(signal);
        return () => Promise.reject(new TroubleError("replay_store_unavailable"));
      },
    };
    const answer = await ask(form, { uses });
    expect(answer).toMatchObject({ status: 503, json: { error: "temporarily_unavailable" } });
    expect(login.told.join()).toContain("replay_store_unavailable");
    expect(await ask(form)).toMatchObject({ status: 200 });
  });
});

test("a client's JWT that comes again is told of", async () => {
  const jwt = { iss: "service", sub: "service", aud: ISSUER, jti: "again", iat: NOW, exp: NOW + 60 };
  const client_assertion = mint(clientKey, jwt, { alg: "ES256", kid: clientKey.jwk.kid });
  const form = { ...subject(), client_assertion_type: ASSERTION, client_assertion };
  await login.send("POST /token", { form });
  expect(login.events).toEqual([]);
  expect(await login.send("POST /token", { form })).toMatchObject({ status: 401 });
  expect(login.events).toMatchObject([{ name: "AssertionReplayed", detail: { clientId: "service" } }]);
});

describe("a code", () => {
  const store = () => dynamoDbFederationStore(login.table);
  const grant = (principal: CodeGrant["principal"]): CodeGrant => ({
    ...{ flowId: "f", connection: "acme", clientId: "web", redirectUri: REDIRECT, codeChallenge: "c" },
    ...{ resource: "https://api.example.com", principal, expiresAt: NOW + 60 },
  });
  const code = () => randomUUID().replaceAll("-", "").padEnd(43, "c");

  test("keeps all of a principal that a token, a lockout or a denying rule needs", async () => {
    const principal: Required<CodeGrant["principal"]> = {
      ...{ provider: "saml", subject: "alice", kind: "user", kindFrom: "assertion", issuer: IDP, tenant: "acme" },
      ...{ scopes: ["a"], roles: ["b"], addresses: ["192.0.2.1/32"], confirmation: ["mtls"] },
      authentication: { contextClass: "urn:mfa", methods: ["otp"], time: NOW - 5 },
      ...{
        issuedAt: NOW,
        tokenId: "_id",
        expiresAt: NOW + 300,
        attributes: { department: "sales", level: 3, vip: true },
      },
    };
    const [one, another] = [code(), code()];
    await store().keepCode(one, grant(principal));
    expect(await store().readCode(one, NOW)).toEqual(grant(principal));
    await store().keepCode(another, grant(keptPrincipal(user({ subject: "bob" }), [])));
    expect(await store().readCode(another, NOW)).toEqual(grant(user({ subject: "bob" })));
  });

  test("keeps no secret, and no attribute but those that a denying rule asks for", () => {
    const principal = user({
      attributes: { email: "jane@acme.example", department: "sales" },
      usageIdentifierKey: "u",
    });
    const rule = { methods: ["GET" as const], paths: ["/orders"] };
    const { routes } = configOf({
      routes: [
        { name: "some", ...rule, attributes: { email: ["*@acme.example"] } },
        { name: "no", ...rule, effect: "deny", attributes: { department: ["contractor"] } },
      ],
    });
    expect(keptPrincipal(principal, routes)).toEqual(user({ attributes: { department: "sales" } }));
  });

  test("leaves nothing of the person in the table when it was used", async () => {
    const done = await login.login(undefined, { subject: "jane-doe", attributes: { email: "jane@acme.example" } });
    const before = await login.items();
    expect(before).toContain("jane-doe");
    expect(before).not.toContain("jane@acme.example");
    expect(await login.redeem(done)).toMatchObject({ status: 200 });
    expect(await login.items()).not.toContain("jane-doe");
    expect(await login.redeem(done)).toMatchObject({ json: { error: "invalid_grant" } });
    expect(login.events.map(({ name }) => name)).toContain("CodeReplayed");
  });

  test("of an assertion that was revoked meanwhile gets no token", async () => {
    const begun = await login.begin();
    const answer = await login.post(begun, login.respond(begun, { id: "_revoked" }));
    const form = { grant_type: "authorization_code", client_id: "web", code: answer.to.get("code") ?? "" };
    const revoked = entitledBy(tokenRecord({ issuer: IDP, tokenId: "_revoked" }));
    expect(
      await login.send("POST /token", { form: { ...form, code_verifier: begun.verifier } }, revoked),
    ).toMatchObject({ json: { error: "invalid_grant" } });
    expect(login.told.join()).toContain("token_revoked");
  });

  test("that is redeemed while it is revoked leaves no token alive", async () => {
    const done = await login.login();
    let redeemed = 0;
    const racing: Services["store"] = {
      ...login.services.store,
      async useCode(...given) {
        redeemed = (await login.redeem(done)).status;
        return login.services.store.useCode(...given);
      },
    };
    const form = { token: done.code, client_id: "web" };
    expect(await login.send("POST /revoke", { form }, { store: racing })).toMatchObject({ status: 200 });
    expect(redeemed).toBe(200);
    expect(login.revoked).toHaveLength(1);
  });
});

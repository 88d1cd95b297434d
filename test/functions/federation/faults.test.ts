import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEY_DOCUMENT } from "../../../functions/federation/signing/key-document.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, claims, ecKey, mint, rsaKey, ISSUER as STAFF } from "../../providers/jwt/mint.ts";
import { type Step, startFaultyParts, TABLE_FAULTS } from "./faulty-parts.ts";
import { authorizationQuery, type Begun, createHarness, type Harness, ISSUER, RESOURCE } from "./harness.ts";

/*
 * A login while a part of it fails. Whoever waits gets the error of an RFC or a plain page, nothing can be used twice
 * afterwards, and what is lost a retry mends: of the request, or of the login from its beginning.
 */

const SAML2 = "urn:ietf:params:oauth:grant-type:saml2-bearer";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Nothing listens on the discard port. */
const NOWHERE = "http://127.0.0.1:9/nothing";

const [clientKey, staffKey] = [ecKey("c1"), rsaKey()];
let login: Harness;
let parts: Awaited<ReturnType<typeof startFaultyParts>>;
let replaced: { store: typeof parts.store; signer: ReturnType<typeof parts.newSigner> };
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    jwt: {
      issuers: [
        { issuer: STAFF, audience: AUDIENCE, keys: { jwks: { keys: [staffKey.jwk as { kty: string }] } } },
        { issuer: "https://down.example.com", audience: AUDIENCE, keys: { jwksUri: NOWHERE } },
      ],
    },
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      identityProviders: (config.saml?.identityProviders ?? []).map(({ certificates, ...entry }) =>
        entry.login?.connection === "globex" ? { ...entry, metadata: { url: NOWHERE } } : { ...entry, certificates },
      ) as never,
    },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      subjectTokens: [
        { name: "staff", issuer: STAFF },
        { name: "down", issuer: "https://down.example.com" },
      ],
      clients: [
        { id: "web", redirectUris: ["https://app.example.com/callback"] },
        {
          ...{ id: "service", grants: ["exchange", "saml2"] },
          authentication: { jwks: { keys: [clientKey.jwk as { kty: string }] } },
        },
        { id: "remote", grants: ["exchange"], authentication: { jwksUri: NOWHERE } },
      ],
    },
  }));
  parts = await startFaultyParts(login.table);
});
afterAll(async () => {
  await parts.close();
  await login.close();
});
beforeEach(() => {
  login.events.length = 0;
  login.told.length = 0;
  replaced = { store: parts.store, signer: parts.newSigner() };
});
afterEach(() => {
  parts.proxy.mend();
  parts.faults.clear();
  parts.signsWrong(false);
});

const post = (begun: Begun, response: string) => login.post(begun, response, {}, replaced);
const redeem = ({ code, verifier }: { code: string; verifier: string }) =>
  login.send(
    "POST /token",
    { form: { grant_type: "authorization_code", client_id: "web", code, code_verifier: verifier } },
    replaced,
  );

/** A login from its beginning, up to the token. */
async function expectLogin() {
  const begun = await login.begin();
  const answer = await post(begun, login.respond(begun));
  expect(await redeem({ code: answer.to.get("code") ?? "", verifier: begun.verifier })).toMatchObject({ status: 200 });
}

const names = () => login.events.map(({ name }) => name);
const faults = Object.entries(TABLE_FAULTS);

describe("while the table of logins is asked for a new login, and", () => {
  test.each(faults)("%s, the application is told, and may ask again", async (_, fault) => {
    parts.proxy.plan("PutItem FLOW", fault);
    const query = authorizationQuery("a");
    const answer = await login.send("GET /authorize", { query }, replaced);
    expect(answer).toMatchObject({ status: 303, cookies: [] });
    expect(Object.fromEntries(answer.to)).toMatchObject({
      error: "temporarily_unavailable",
      state: "a-state",
      iss: ISSUER,
    });
    expect(login.told.join()).toContain('"cause"');
    parts.proxy.mend();
    expect((await login.send("GET /authorize", { query }, replaced)).cookies).toHaveLength(1);
  });
});

/** The steps of an answer, and what the same answer comes to when it is posted again, by whether the step was done. */
const STEPS: readonly { step: Step; undone: string; done: string }[] = [
  { step: "GetItem FLOW", undone: "code", done: "code" },
  { step: "PutItem ASSERTION", undone: "code", done: "code" },
  { step: "UpdateItem FLOW", undone: "code", done: "login_unknown" },
  { step: "PutItem CODE", undone: "login_unknown", done: "login_unknown" },
];

describe.each(STEPS)("while an identity provider's answer is at $step, and the table", ({ step, undone, done }) => {
  test.each(faults)("%s, nobody gets a code, and no code can be had twice", async (_, fault) => {
    const begun = await login.begin();
    const response = login.respond(begun);
    parts.proxy.plan(step, fault);
    const answer = await post(begun, response);
    expect(answer.to.has("code")).toBe(false);
    if (step === "GetItem FLOW") expect(answer).toMatchObject({ status: 503 });
    else expect(answer.to.get("error")).toBe("temporarily_unavailable");
    // The browser may post again: the cookie of the login stays.
    expect(answer.cookies).toEqual([]);
    expect(login.told.join()).toContain('"cause"');
    expect(names()).not.toContain("LoginSucceeded");
    parts.proxy.mend();
    login.events.length = 0;

    const again = await Promise.all([1, 2, 3].map(() => post(begun, response)));
    const expected = typeof fault === "function" ? undone : done;
    const codes = again.flatMap(({ to }) => to.get("code") ?? []);
    expect(codes).toHaveLength(expected === "code" ? 1 : 0);
    if (expected !== "code") expect(JSON.stringify(login.events)).toContain(expected);
    await expectLogin();
  });

  test("does it, and its first answer is lost, the retry of the client goes on", async () => {
    const begun = await login.begin();
    parts.proxy.plan(step, { lostFor: 1 });
    const answer = await post(begun, login.respond(begun));
    expect(answer.to.get("code")).toBeTruthy();
    expect(names()).toEqual(["LoginSucceeded"]);
    expect(await redeem({ code: answer.to.get("code") ?? "", verifier: begun.verifier })).toMatchObject({
      status: 200,
    });
  });
});

describe.each([{ step: "GetItem CODE" }, { step: "UpdateItem CODE" }] as const)(
  "while a code is redeemed at $step, and the table",
  ({ step }) => {
    test.each(faults)("%s, there is no token, and never more than one", async (_, fault) => {
      const code = await login.login();
      login.events.length = 0;
      parts.proxy.plan(step, fault);
      expect(await redeem(code)).toMatchObject({ status: 503, json: { error: "temporarily_unavailable" } });
      parts.proxy.mend();
      const again = await Promise.all([1, 2, 3].map(() => redeem(code)));
      const isUsed = step === "UpdateItem CODE" && typeof fault === "object";
      expect(again.filter(({ status }) => status === 200)).toHaveLength(isUsed ? 0 : 1);
      for (const { status, json } of again) if (status !== 200) expect(json.error).toBe("invalid_grant");
      await expectLogin();
    });

    test("does it, and its first answer is lost, the retry of the client goes on", async () => {
      const code = await login.login();
      login.events.length = 0;
      parts.proxy.plan(step, { lostFor: 1 });
      expect(await redeem(code)).toMatchObject({ status: 200 });
      expect(names()).toEqual([]);
    });
  },
);

describe("while KMS", () => {
  const sign = (fault: Parameters<typeof parts.faults.plan>[2], times = 9) =>
    parts.faults.plan("call", "Sign", fault, times);
  const troubles: [string, () => void][] = [
    ["is throttled", () => sign({ effect: "fail", code: "ThrottlingException", status: 400 })],
    ["fails inside", () => sign({ effect: "fail" })],
    ["denies the signature", () => sign({ effect: "fail", code: "AccessDeniedException", status: 400 })],
    ["has no such key", () => sign({ effect: "fail", code: "NotFoundException", status: 400 })],
    ["loses its answers", () => sign({ effect: "lose" })],
    ["answers too late", () => sign({ effect: "late", by: 6000 })],
    ["signs something else", () => parts.signsWrong(true)],
  ];

  test.each(troubles)("%s, there is no token, and the code is good afterwards", async (_, trouble) => {
    const code = await login.login();
    trouble();
    expect(await redeem(code)).toMatchObject({ status: 503, json: { error: "temporarily_unavailable" } });
    expect(login.told.join()).toContain('"cause"');
    parts.faults.clear();
    parts.signsWrong(false);
    expect(await redeem(code)).toMatchObject({ status: 200 });
    expect(names()).not.toContain("CodeReplayed");
  });

  test("fails once, the client's retry gets the token", async () => {
    sign({ effect: "fail" }, 1);
    expect(await redeem(await login.login())).toMatchObject({ status: 200 });
  });

  test("fails, an assertion as a grant is not used up", async () => {
    const begun = { requestId: "_none", relayState: "", cookie: "", verifier: "", request: "" };
    const xml = login.respond(begun, { audience: ISSUER, recipient: `${ISSUER}/token` }, { message: "assertion" });
    const ask = () => asService({ grant_type: SAML2, assertion: Buffer.from(xml, "base64").toString("base64url") });
    sign({ effect: "fail" });
    expect(await ask()).toMatchObject({ status: 503 });
    parts.faults.clear();
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
  });
});

let count = 0;
const clientAssertion = (id = "service", key = clientKey) =>
  mint(
    key,
    { iss: id, sub: id, aud: ISSUER, jti: `${randomUUID()}${count++}`, iat: NOW, exp: NOW + 60 },
    { alg: "ES256", kid: "c1" },
  );
const asService = (form: Readonly<Record<string, string>>, id = "service") =>
  login.send(
    "POST /token",
    { form: { ...form, client_assertion_type: ASSERTION, client_assertion: clientAssertion(id) } },
    replaced,
  );
const exchange = (subject: string, id?: string) =>
  asService(
    { grant_type: EXCHANGE, subject_token: subject, subject_token_type: "urn:ietf:params:oauth:token-type:jwt" },
    id,
  );

describe("while the document of the signing keys", () => {
  const store = (value: string) =>
    new DynamoDBClient({ endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB ?? "" }).send(
      new PutItemCommand({ TableName: login.table, Item: { pk: { S: KEY_DOCUMENT }, value: { S: value } } }),
    );

  test.each(faults.filter(([, fault]) => typeof fault === "function"))(
    "cannot be read, as the table %s, there are no keys and no token, and the code is good afterwards",
    async (_, fault) => {
      const code = await login.login();
      parts.proxy.plan("GetItem SIGNING-KEYS", fault);
      const down = { status: 503, json: { error: "temporarily_unavailable" } };
      expect(await login.send("GET /jwks", {}, replaced)).toMatchObject(down);
      expect((await login.send("GET /jwks", {}, replaced)).headers["Cache-Control"]).toBe("no-store");
      expect(await redeem(code)).toMatchObject(down);
      parts.proxy.mend();
      replaced = { ...replaced, signer: parts.newSigner() };
      expect(await redeem(code)).toMatchObject({ status: 200 });
    },
  );

  test("was read before, tokens are made without it", async () => {
    await expectLogin();
    parts.proxy.plan("GetItem SIGNING-KEYS", TABLE_FAULTS["is throttled"] ?? (() => {}));
    await expectLogin();
    expect(await login.send("GET /jwks", {}, replaced)).toMatchObject({ status: 200 });
  });

  test("is missing or damaged, there are no keys and no token", async () => {
    const { text } = await login.send("GET /jwks", {}, replaced);
    const items = await login.items();
    const before = JSON.parse(items).find((item: { pk: { S: string } }) => item.pk.S === KEY_DOCUMENT).value.S;
    const changes = [
      "",
      "{",
      "{}",
      "null",
      "[]",
      before.replace(/"n":"/, '"m":"'),
      before.replace('"current":', '"other":'),
    ];
    try {
      for (const damaged of changes) {
        expect(damaged).not.toBe(before);
        await store(damaged || " ");
        replaced = { ...replaced, signer: parts.newSigner() };
        expect(await login.send("GET /jwks", {}, replaced)).toMatchObject({ status: 503 });
        expect(await redeem(await login.login())).toMatchObject({ status: 503 });
      }
    } finally {
      await store(before);
    }
    replaced = { ...replaced, signer: parts.newSigner() };
    expect((await login.send("GET /jwks", {}, replaced)).text).toBe(text);
  });
});

describe("while another party is down:", () => {
  test("the metadata of an identity provider: the application is told, and the assertion is not used up", async () => {
    const begun = await login.begin({ connection: "globex" });
    const own = {
      ...{ issuer: "https://idp.globex.example", audience: `${ISSUER}/saml/globex/metadata` },
      recipient: `${ISSUER}/saml/globex/acs`,
    };
    const form = { SAMLResponse: login.respond(begun, own, {}, login.globex), RelayState: begun.relayState };
    const before = await login.items();
    const answer = await login.post(begun, "", { connection: "globex", form }, replaced);
    expect(answer.to.get("error")).toBe("temporarily_unavailable");
    expect(answer.cookies).toEqual([]);
    expect(login.events.map(({ detail }) => "reason" in detail && detail.reason)).toEqual(["metadata_unavailable"]);
    expect(await login.items()).toBe(before);
  });

  test("the key server of an issuer whose tokens are exchanged", async () => {
    const answer = await exchange(mint(staffKey, claims({ iss: "https://down.example.com" })));
    expect(answer).toMatchObject({ status: 503, json: { error: "temporarily_unavailable" } });
    expect(await exchange(mint(staffKey, claims()))).toMatchObject({ status: 200 });
  });

  test("the key server of a client: that is no refusal of the client", async () => {
    expect(await exchange(mint(staffKey, claims()), "remote")).toMatchObject({
      ...{ status: 503, json: { error: "temporarily_unavailable" } },
    });
  });

  test("the table of revocations: the client learns that its token is not revoked", async () => {
    const code = await login.login();
    const token = String((await redeem(code)).json.access_token);
    const revoke = () => Promise.reject(new TroubleError("entitlements_unavailable"));
    const form = { client_id: "web", token };
    expect(await login.send("POST /revoke", { form }, { ...replaced, revoke })).toMatchObject({
      ...{ status: 503, json: { error: "temporarily_unavailable" } },
    });
    // A code that comes again is told of in any case.
    const replay = {
      grant_type: "authorization_code",
      client_id: "web",
      code: code.code,
      code_verifier: code.verifier,
    };
    expect(await login.send("POST /token", { form: replay }, { ...replaced, revoke })).toMatchObject({
      json: { error: "invalid_grant" },
    });
    expect(names().at(-1)).toBe("CodeReplayed");
  });

  test("the bus of events: people log in, and the log has the event", async () => {
    const { teller } = await import("../../../functions/federation/tell.ts");
    process.env.AWS_ENDPOINT_URL_EVENTBRIDGE = NOWHERE;
    const begun = await login.begin();
    const answer = await login.post(begun, login.respond(begun), {}, { ...replaced, tell: teller("bus") });
    delete process.env.AWS_ENDPOINT_URL_EVENTBRIDGE;
    expect(answer.to.get("code")).toBeTruthy();
    expect(login.told.join()).toContain("event not put");
  });
});

test("a token that KMS has signed is verified with the published keys", async () => {
  const { json } = await redeem(await login.login());
  const keys = (await login.send("GET /jwks", {}, replaced)).json;
  const { payload } = await jwtVerify(String(json.access_token), createLocalJWKSet(keys as never), {
    ...{ issuer: ISSUER, audience: RESOURCE, typ: "at+jwt", currentDate: new Date(NOW * 1000) },
  });
  expect(payload.sub).toBe("acme:alice");
});

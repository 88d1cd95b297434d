import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { authorizationQuery, createHarness, type Harness, IDP, ISSUER, REDIRECT } from "./harness.ts";

let login: Harness;
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      clients: [
        { id: "web", redirectUris: [REDIRECT, `${REDIRECT}?from=login`] },
        { id: "other", redirectUris: ["https://other.example.com/callback"], connections: ["globex"] },
      ],
    },
  }));
});
afterAll(() => login.close());
beforeEach(() => {
  login.events.length = 0;
});

/** The reason of the only LoginFailed since the test began. */
const failure = () => {
  const failed = login.events.filter(({ name }) => name === "LoginFailed");
  expect(failed).toHaveLength(1);
  return failed.map(({ detail }) => ("reason" in detail ? detail.reason : ""))[0];
};

const verifier = () => randomBytes(32).toString("base64url");

describe("login CSRF and code injection", () => {
  test("an answer that is posted from another browser is refused, and the login goes on in its own", async () => {
    const begun = await login.begin();
    const response = login.respond(begun);
    const elsewhere = await login.post(begun, response, { cookies: [] });
    expect(elsewhere).toMatchObject({ status: 400 });
    expect(failure()).toBe("browser_mismatch");
    expect((await login.post(begun, response)).to.get("code")).toBeTruthy();
  });

  test("an answer with the cookie of another login of the browser is refused", async () => {
    const [mine, another] = [await login.begin(), await login.begin()];
    await login.post(mine, login.respond(mine), { cookies: [another.cookie] });
    expect(failure()).toBe("browser_mismatch");
  });

  test("a second cookie of the name, which another host may have set, is refused", async () => {
    const begun = await login.begin();
    const [name] = begun.cookie.split("=");
    await login.post(begun, login.respond(begun), { cookies: [begun.cookie, `${name}=${"a".repeat(43)}`] });
    expect(failure()).toBe("browser_mismatch");
  });

  test("a code is refused without its verifier, with another verifier, and from another client", async () => {
    const done = await login.login();
    const refused = { status: 400, json: { error: "invalid_grant" } };
    expect(await login.redeem({ ...done, verifier: verifier() })).toMatchObject(refused);
    expect(await login.redeem(done, { client_id: "other" })).toMatchObject({ status: 400 });
    expect(await login.redeem(done, { redirect_uri: `${REDIRECT}?from=login` })).toMatchObject(refused);
    const failed = login.events.filter(({ name }) => name === "LoginFailed").map(({ detail }) => detail);
    expect(failed.map((detail) => "reason" in detail && detail.reason)).toEqual([
      ...["code_verifier_mismatch", "code_client_mismatch", "redirect_uri_mismatch"],
    ]);
    expect(await login.redeem(done)).toMatchObject({ status: 200 });
  });

  test("the plain method of PKCE, and no PKCE at all, are refused", async () => {
    for (const change of [{ code_challenge_method: "plain" }, { code_challenge_method: "" }, { code_challenge: "" }]) {
      const answer = await login.send("GET /authorize", { query: { ...authorizationQuery(verifier()), ...change } });
      expect(answer.to.get("error")).toBe("invalid_request");
      expect(answer.to.get("iss")).toBe(ISSUER);
    }
  });
});

describe("mix-up", () => {
  test("every answer to an application names the issuer, also an error", async () => {
    const begun = await login.begin();
    const refused = await login.post(begun, login.respond(begun, { audience: "https://another.example" }));
    expect(Object.fromEntries(refused.to)).toMatchObject({ error: "access_denied", iss: ISSUER, state: "a-state" });
    expect(refused.to.has("code")).toBe(false);
    expect(failure()).toBe("assertion_audience_mismatch");
  });
});

describe("connection confusion", () => {
  test("a valid assertion of another tenant's identity provider is refused at this connection", async () => {
    const begun = await login.begin();
    const theirs = login.respond(begun, { issuer: "https://idp.globex.example" }, {}, login.globex);
    expect((await login.post(begun, theirs)).to.get("error")).toBe("access_denied");
    expect(failure()).toBe("assertion_issuer_unknown");
  });

  test("an assertion that another tenant's identity provider signs in this one's name is refused", async () => {
    const begun = await login.begin();
    await login.post(begun, login.respond(begun, {}, {}, login.globex));
    expect(failure()).toBe("assertion_signature_invalid");
  });

  test("an answer to a login at another connection is refused", async () => {
    const begun = await login.begin({ connection: "globex" });
    await login.post(begun, login.respond(begun));
    expect(failure()).toBe("connection_mismatch");
  });

  test("an assertion for the API itself, or for another connection's entity id, is refused", async () => {
    for (const audience of ["https://api.example.com/saml", `${ISSUER}/saml/globex/metadata`]) {
      login.events.length = 0;
      const begun = await login.begin();
      await login.post(begun, login.respond(begun, { audience }));
      expect(failure()).toBe("assertion_audience_mismatch");
    }
  });

  test("an assertion for another consumer service is refused", async () => {
    const begun = await login.begin();
    const recipient = `${ISSUER}/saml/globex/acs`;
    await login.post(begun, login.respond(begun, { recipient }));
    expect(failure()).toMatch(/^assertion_(recipient|destination)_mismatch$/);
  });
});

describe("replay", () => {
  test("of a Response in a second login: it answers another request", async () => {
    const first = await login.begin();
    const response = login.respond(first);
    await login.post(first, response);
    const second = await login.begin();
    expect((await login.post(second, response)).to.has("code")).toBe(false);
    expect(failure()).toBe("assertion_of_another_login");
  });

  test("of a Response in the same login: the login has ended", async () => {
    const begun = await login.begin();
    const response = login.respond(begun);
    await login.post(begun, response);
    login.events.length = 0;
    expect(await login.post(begun, response)).toMatchObject({ status: 400 });
    expect(failure()).toBe("login_unknown");
  });

  test("of an assertion in two requests at the same time: one code, and the other is told of as a replay", async () => {
    const begun = await login.begin();
    const response = login.respond(begun);
    const answers = await Promise.all([1, 2, 3].map(() => login.post(begun, response)));
    expect(answers.filter(({ to }) => to.has("code"))).toHaveLength(1);
    expect(login.events.map(({ name }) => name)).toContain("AssertionReplayed");
  });

  test("of a code in two requests at the same time: one token", async () => {
    const done = await login.login();
    const answers = await Promise.all([1, 2, 3].map(() => login.redeem(done)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(login.events.map(({ name }) => name)).toContain("CodeReplayed");
  });

  test("of a code that has ended is refused", async () => {
    const done = await login.login();
    const late = { ...login.services, store: { ...login.services.store } };
    late.store.readCode = (code, time) => login.services.store.readCode(code, time + 61);
    const form = { grant_type: "authorization_code", client_id: "web", code: done.code, code_verifier: done.verifier };
    expect(await login.send("POST /token", { form }, late)).toMatchObject({ json: { error: "invalid_grant" } });
  });
});

describe("an assertion that nobody asked for", () => {
  test("is refused, and never yields a code", async () => {
    const begun = await login.begin();
    for (const relayState of ["", "https://evil.example", "x".repeat(42)]) {
      login.events.length = 0;
      const answer = await login.post(begun, login.respond(begun), {
        form: { SAMLResponse: login.respond(begun), RelayState: relayState },
      });
      expect(answer).toMatchObject({
        status: 400,
        headers: expect.not.objectContaining({ Location: expect.anything() }),
      });
      expect(failure()).toBe("login_unsolicited");
    }
  });

  test("without InResponseTo is refused in a login too", async () => {
    const begun = await login.begin();
    const xml = Buffer.from(login.respond(begun, {}, { sign: ["assertion"] }), "base64").toString();
    // Of the Response, which is not signed. The confirmation still names the request.
    const without = xml.replace(` InResponseTo="${begun.requestId}"`, "");
    expect(without).not.toBe(xml);
    await login.post(begun, Buffer.from(without).toString("base64"));
    expect(failure()).toBe("assertion_of_another_login");
  });
});

test("a RelayState that was changed finds no login", async () => {
  const begun = await login.begin();
  const relayState = begun.relayState.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  const answer = await login.post({ ...begun, relayState }, login.respond(begun));
  expect(answer.status).toBe(400);
  expect(failure()).toBe("login_unknown");
});

describe("open redirect", () => {
  test.each([
    ["another host", "https://evil.example/callback"],
    ["a path below it", `${REDIRECT}/more`],
    ["a query of the caller's", `${REDIRECT}?next=1`],
    ["a fragment", `${REDIRECT}#a`],
    ["another spelling", "https://APP.example.com/callback"],
    ["user info", "https://app.example.com@evil.example/callback"],
    ["a script", "javascript:alert(1)"],
  ])("a redirect URI with %s is refused on a page of ours", async (_, uri) => {
    const query = { ...authorizationQuery(verifier()), redirect_uri: uri };
    const answer = await login.send("GET /authorize", { query });
    expect(answer.status).toBe(400);
    expect(answer.headers.Location).toBeUndefined();
    expect(answer.text).toContain("redirect_uri_mismatch");
    expect(failure()).toBe("redirect_uri_mismatch");
  });

  test("two redirect URIs, one of which is registered, are refused", async () => {
    const query = `${new URLSearchParams(authorizationQuery(verifier()))}&redirect_uri=https://evil.example`;
    expect(await login.send("GET /authorize", { query })).toMatchObject({ status: 400 });
  });
});

describe("what a caller writes", () => {
  const script = `"><script>alert(1)</script>`;

  test("is on no page", async () => {
    const begun = await login.begin();
    const answers = await Promise.all([
      login.send("GET /authorize", { query: { client_id: script, redirect_uri: script, state: script } }),
      login.send("GET /saml/{connection}/metadata", { connection: script }),
      login.send("POST /saml/{connection}/acs", {
        connection: script,
        form: { SAMLResponse: script, RelayState: script },
      }),
      login.post(begun, script, { form: { SAMLResponse: script, RelayState: script } }),
    ]);
    for (const { status, text, headers } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain("alert");
      expect(headers["Content-Security-Policy"]).toMatch(/^default-src 'none'/);
      expect(headers["Cache-Control"]).toBe("no-store");
    }
  });

  test("is in no URL of ours: Host and forwarded headers change nothing", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
    const answers = await Promise.all([
      login.send("GET /.well-known/openid-configuration", { headers }),
      login.send("GET /saml/{connection}/metadata", { connection: "acme", headers }),
      login.send("GET /authorize", { query: authorizationQuery(verifier()), headers }),
    ]);
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain("evil.example");
  });

  test("is in no log line: no code, assertion, cookie, verifier or token", async () => {
    login.told.length = 0;
    const begun = await login.begin();
    const response = login.respond(begun);
    const answer = await login.post(begun, response);
    const code = answer.to.get("code") ?? "";
    const token = await login.redeem({ code, verifier: begun.verifier });
    const log = login.told.join("\n");
    expect(log).toContain("POST /token");
    const [, cookie = ""] = begun.cookie.split("=");
    const secrets = [code, begun.verifier, begun.relayState, cookie, response, String(token.json.access_token)];
    for (const secret of [...secrets, "alice", "buyer"]) {
      expect(secret).not.toBe("");
      expect(log).not.toContain(secret);
    }
    const items = await login.items();
    for (const secret of [code, begun.verifier, begun.relayState, cookie]) expect(items).not.toContain(secret);
  });
});

describe("bounds", () => {
  test("a form of more than 100,000 characters is refused before it is read", async () => {
    const begun = await login.begin();
    const form = { SAMLResponse: "A".repeat(100_001), RelayState: begun.relayState };
    expect(await login.post(begun, "", { form })).toMatchObject({ status: 400 });
    expect(failure()).toBe("answer_unreadable");
  });

  test("an assertion from the future, or one that has ended, is refused", async () => {
    for (const [time, reason] of [
      [NOW + 31, /^assertion_(issued_in_future|not_yet_valid)$/],
      [NOW - 300, /^assertion_expired$/],
    ] as const) {
      login.events.length = 0;
      const begun = await login.begin();
      await login.post(begun, login.respond(begun, { time }));
      expect(failure()).toMatch(reason);
    }
  });

  test("an assertion from a clock that is 30 seconds ahead is accepted", async () => {
    const begun = await login.begin();
    expect((await login.post(begun, login.respond(begun, { time: NOW + 30 }))).to.get("code")).toBeTruthy();
  });

  test("a login that took too long has ended", async () => {
    const begun = await login.begin();
    const store = { ...login.services.store };
    store.find = (handle, time) => login.services.store.find(handle, time + 600);
    await login.post(begun, login.respond(begun), {}, { store });
    expect(failure()).toBe("login_unknown");
  });

  test.each([
    ["a comment inside a name", (xml: string) => xml.replace(">alice<", ">al<!-- -->ice<")],
    ["a document type", (xml: string) => `<!DOCTYPE a [<!ENTITY b "c">]>${xml}`],
    [
      "a thousand levels",
      (xml: string) => xml.replace("<samlp:Status>", `${"<a>".repeat(1000)}${"</a>".repeat(1000)}<samlp:Status>`),
    ],
  ])("%s in the XML is refused", async (_, change) => {
    const begun = await login.begin();
    const xml = Buffer.from(login.respond(begun), "base64").toString();
    expect(change(xml)).not.toBe(xml);
    const answer = await login.post(begun, Buffer.from(change(xml)).toString("base64"));
    expect(answer.to.get("error")).toBe("access_denied");
    expect(failure()).toMatch(/^assertion_/);
  });
});

test("a client asks for connections of its own only, and learns nothing of the others", async () => {
  const own = {
    ...authorizationQuery(verifier()),
    client_id: "other",
    redirect_uri: "https://other.example.com/callback",
  };
  const answers = await Promise.all(
    ["acme", "nobody"].map((connection) => login.send("GET /authorize", { query: { ...own, connection } })),
  );
  const [one, other] = answers.map(({ to }) => to.get("error_description"));
  expect(one).toBe("There is no such connection.");
  expect(other).toBe(one);
});

test("the table that cannot be asked is trouble: no code, and the person may try again", async () => {
  const begun = await login.begin();
  const down = () => Promise.reject(new Error("down"));
  const response = login.respond(begun);
  for (const name of ["recordAssertion", "end", "keepCode"] as const) {
    const again = await login.begin();
    const store = { ...login.services.store, [name]: down };
    const answer = await login.post(again, login.respond(again), {}, { store });
    expect([name, answer.to.get("error"), answer.to.has("code")]).toEqual([name, "temporarily_unavailable", false]);
  }
  const found = { ...login.services.store, find: down };
  expect(await login.post(begun, response, {}, { store: found })).toMatchObject({ status: 503 });
  expect((await login.post(begun, response)).to.get("code")).toBeTruthy();
});

test("the entity id of an identity provider can belong to one connection only", async () => {
  await expect(
    createHarness((config) => ({
      ...config,
      saml: {
        ...(config.saml as NonNullable<typeof config.saml>),
        identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({ ...entry, issuer: IDP })),
      },
    })),
  ).rejects.toThrow("each issuer once");
});

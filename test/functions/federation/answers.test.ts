import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ENDPOINTS } from "../../../functions/federation/answer-request.ts";
import { ecKey } from "../../providers/jwt/mint.ts";
import { authorizationQuery, createHarness, type Harness, ISSUER, REDIRECT, type Sent } from "./harness.ts";

/* What every answer of the login has, whatever it says. */

let login: Harness;
beforeAll(async () => {
  login = await createHarness((config) => ({
    ...config,
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      clients: [
        { id: "web", redirectUris: [REDIRECT, "http://127.0.0.1:3000/callback"] },
        {
          ...{ id: "server", redirectUris: ["https://server.example.com/callback"] },
          authentication: { jwks: { keys: [ecKey().jwk as { kty: string }] } },
        },
      ],
    },
  }));
});
afterAll(() => login.close());

const CODE = { grant_type: "authorization_code", client_id: "web" };

/** Answers of every endpoint: what was asked for, a refusal, and trouble. */
async function everyAnswer(sent: Pick<Sent, "headers"> = {}) {
  const [begun, done] = [await login.begin(), await login.login()];
  const down = () => Promise.reject(new Error("down"));
  const store = { ...login.services.store, find: down, readCode: down, begin: down };
  const signer = { ...login.services.signer, published: down };
  const query = authorizationQuery("a");
  const answers: [string, Sent, { store?: typeof store; signer?: typeof signer }?][] = [
    ["GET /.well-known/openid-configuration", {}],
    ["GET /.well-known/oauth-authorization-server", {}],
    ["GET /jwks", {}],
    ["GET /jwks", {}, { signer }],
    ["GET /saml/{connection}/metadata", { connection: "acme" }],
    ["GET /saml/{connection}/metadata", { connection: "nobody" }],
    ["GET /authorize", { query }],
    ["GET /authorize", { query: { ...query, response_type: "token" } }],
    ["GET /authorize", { query: { ...query, redirect_uri: "https://evil.example" } }],
    ["GET /authorize", { query }, { store }],
    [
      "POST /saml/{connection}/acs",
      {
        ...{ connection: "acme", cookies: [begun.cookie] },
        form: { SAMLResponse: login.respond(begun), RelayState: begun.relayState },
      },
    ],
    ["POST /saml/{connection}/acs", { connection: "acme", form: { SAMLResponse: "a", RelayState: begun.relayState } }],
    [
      "POST /saml/{connection}/acs",
      { connection: "acme", form: { SAMLResponse: "a", RelayState: begun.relayState } },
      { store },
    ],
    ["POST /token", { form: { ...CODE, code: done.code, code_verifier: done.verifier } }],
    ["POST /token", { form: { ...CODE, code: "a".repeat(43), code_verifier: done.verifier } }],
    ["POST /token", { form: { ...CODE, code: "a".repeat(43), code_verifier: done.verifier } }, { store }],
    ["POST /token", { form: { client_id: "nobody", grant_type: "authorization_code" } }],
    ["POST /revoke", { form: { client_id: "web", token: "a" } }],
    ["POST /revoke", { form: { client_id: "nobody", token: "a" } }],
    ["GET /nothing", {}],
  ];
  return Promise.all(
    answers.map(async ([route, request, replaced]) => ({
      route,
      ...(await login.send(route, { ...request, headers: sent.headers ?? {} }, replaced as object)),
    })),
  );
}

test("every endpoint is asked", async () => {
  const asked = new Set((await everyAnswer()).map(({ route }) => route));
  expect(Object.keys(ENDPOINTS).filter((route) => !asked.has(route))).toEqual([]);
});

describe("of every answer", () => {
  test("no cache keeps it, but for the documents, and no page learns where it led from", async () => {
    for (const { route, status, headers } of await everyAnswer()) {
      const isDocument = status === 200 && route.startsWith("GET") && route !== "GET /authorize";
      expect([route, headers["Cache-Control"]]).toEqual([route, isDocument ? "public, max-age=300" : "no-store"]);
      expect(headers["Referrer-Policy"]).toBe("no-referrer");
      expect(headers["X-Content-Type-Options"]).toBe("nosniff");
    }
  });

  test("a page can be in no frame, and runs nothing", async () => {
    const pages = (await everyAnswer()).filter(({ headers }) => headers["Content-Type"]?.startsWith("text/html"));
    expect(pages.length).toBeGreaterThan(2);
    for (const { headers } of pages) {
      expect(headers["Content-Security-Policy"]).toMatch(/^default-src 'none'; /);
      expect(headers["Content-Security-Policy"]).toContain("frame-ancestors 'none'");
      expect(headers["Content-Security-Policy"]).not.toMatch(/unsafe|script-src/);
      expect(headers["X-Frame-Options"]).toBe("DENY");
    }
  });

  test("a redirect is a 303: a browser sends no form on", async () => {
    const redirects = (await everyAnswer()).filter(({ headers }) => headers.Location !== undefined);
    expect(redirects.length).toBeGreaterThan(3);
    for (const { status } of redirects) expect(status).toBe(303);
  });

  test("a cookie is the host's alone, for https, for no script, and goes to answers from another site", async () => {
    const cookies = (await everyAnswer()).flatMap((answer) => answer.cookies);
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies) {
      expect(cookie).toMatch(
        /^__Host-login-[\w-]{10}=([\w-]{43})?; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=None$/,
      );
      expect(cookie).not.toContain("Domain");
    }
  });
});

describe("scripts of other pages", () => {
  const allowed = async (origin: string) =>
    new Map(
      (await everyAnswer({ headers: { origin } })).map(({ route, headers }) => [
        route,
        headers["Access-Control-Allow-Origin"],
      ]),
    );
  const documents = [
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
    "GET /jwks",
  ];

  test.each(["https://app.example.com", "http://127.0.0.1:3000"])(
    "of a public client, %s, may read the answers to clients",
    async (origin) => {
      for (const [route, value] of await allowed(origin)) {
        const expected = documents.includes(route) ? "*" : /^POST \/(token|revoke)$/.test(route) ? origin : undefined;
        expect([route, value]).toEqual([route, expected]);
      }
    },
  );

  test.each([
    ["of somebody else", "https://evil.example"],
    ["of a client with a key", "https://server.example.com"],
    ["of another port", "http://127.0.0.1:3001"],
    ["of another scheme", "http://app.example.com"],
    ["without an origin", "null"],
    ["of all", "*"],
  ])("%s may read the documents alone", async (_, origin) => {
    for (const [route, value] of await allowed(origin)) {
      expect([route, value]).toEqual([route, documents.includes(route) ? "*" : undefined]);
    }
  });

  test("never come with cookies, and no answer is for one origin in a cache of all", async () => {
    for (const { route, headers } of await everyAnswer({ headers: { origin: "https://app.example.com" } })) {
      expect(headers["Access-Control-Allow-Credentials"]).toBeUndefined();
      if (headers["Access-Control-Allow-Origin"] === "https://app.example.com") expect(headers.Vary).toBe("Origin");
      expect([route, headers["Cache-Control"] === "no-store" || headers.Vary === undefined]).toEqual([route, true]);
    }
  });
});

describe("what is not supported is refused, and not offered", () => {
  const metadata = async () => (await login.send("GET /.well-known/oauth-authorization-server")).json;

  test("a token in the answer of the authorization endpoint (implicit grant), and other response types", async () => {
    for (const type of ["token", "id_token", "code token", "code id_token", "none"]) {
      const answer = await login.send("GET /authorize", { query: { ...authorizationQuery("a"), response_type: type } });
      expect([...answer.to.keys()]).toEqual(["error", "error_description", "state", "iss"]);
      expect(answer.to.get("error")).toBe("unsupported_response_type");
    }
    expect((await metadata()).response_types_supported).toEqual(["code"]);
  });

  test("answers in a fragment, a form or a message to a window", async () => {
    for (const mode of ["fragment", "form_post", "web_message", "query.jwt"]) {
      const answer = await login.send("GET /authorize", { query: { ...authorizationQuery("a"), response_mode: mode } });
      expect(answer.to.get("error")).toBe("invalid_request");
    }
    expect((await metadata()).response_modes_supported).toEqual(["query"]);
  });

  test("request objects, of a client or from an address", async () => {
    for (const name of ["request", "request_uri"]) {
      const answer = await login.send("GET /authorize", { query: { ...authorizationQuery("a"), [name]: "a" } });
      expect(answer.to.get("error")).toBe("invalid_request");
    }
  });

  test("passwords, refresh tokens and other grants", async () => {
    for (const grant of [
      "password",
      "refresh_token",
      "client_credentials",
      "urn:ietf:params:oauth:grant-type:device_code",
    ]) {
      const answer = await login.send("POST /token", { form: { ...CODE, grant_type: grant } });
      expect(answer).toMatchObject({ status: 400, json: { error: "unsupported_grant_type" } });
    }
    const { grant_types_supported } = await metadata();
    expect(grant_types_supported).toEqual(expect.arrayContaining(["authorization_code"]));
    expect(JSON.stringify(grant_types_supported)).not.toMatch(/password|refresh|implicit|client_credentials/);
    const token = await login.redeem(await login.login());
    expect(Object.keys(token.json).sort()).toEqual(["access_token", "expires_in", "scope", "token_type"]);
  });
});

test("both documents of metadata are the same, and name this server's URLs by the configuration", async () => {
  const [one, other] = await Promise.all(
    ["openid-configuration", "oauth-authorization-server"].map((name) => login.send(`GET /.well-known/${name}`)),
  );
  expect(one?.json).toEqual(other?.json);
  expect(one?.json).toMatchObject({
    ...{ issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token` },
    ...{ jwks_uri: `${ISSUER}/jwks`, revocation_endpoint: `${ISSUER}/revoke` },
    ...{ code_challenge_methods_supported: ["S256"], authorization_response_iss_parameter_supported: true },
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isExcessive, workOf } from "../../counted-work.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture } from "../../providers/api-key/fixture.ts";
import { AUDIENCE, ecKey, mint, rsaKey, ISSUER as STAFF, segment } from "../../providers/jwt/mint.ts";
import { authorizationQuery, createHarness, type Harness, ISSUER, type Sent } from "./harness.ts";

/*
 * What a hostile text of any size costs, in every place where a caller can put one: work that grows with its length and
 * no faster. API Gateway takes 10,240 bytes of a URL and headers, and the login 100,000 of a form.
 */

const [clientKey, staffKey] = [ecKey(), rsaKey()];
let login: Harness;
beforeAll(async () => {
  const keys = await createKeyTableFixture();
  login = await createHarness((config) => ({
    ...config,
    apiKeys: keys.config,
    jwt: {
      issuers: [{ issuer: STAFF, audience: AUDIENCE, keys: { jwks: { keys: [staffKey.jwk as { kty: string }] } } }],
    },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      subjectTokens: [{ name: "staff", issuer: STAFF }],
      clients: [
        { id: "web", redirectUris: ["https://app.example.com/callback"] },
        {
          ...{ id: "service", grants: ["exchange", "saml2"] },
          authentication: { jwks: { keys: [clientKey.jwk as { kty: string }] } },
        },
        { id: "gateway", grants: ["exchange"], authentication: "api-key" },
      ],
    },
  }));
});
afterAll(() => login.close());

/** Texts that parsers, searches and expressions may go back over. */
const UNITS = [
  ...["a", "A", "0", " ", "\t", "\r\n", "\0", "é", "-", "_", ".", "..", ",", ";", ":", "=", "/", "+", "%", "%41", "&"],
  ...["a ", " a", "a.", "a=", "a;", "=a&", "[", "{", "(", "<", ">", "<a ", "</a>", "&#32;", "&amp;", '"', "'", "\\"],
  ...[
    "https://",
    "http://a/",
    "?a=b&",
    "#",
    "@",
    "ey",
    "ey.",
    "sp_live_",
    "__Host-login-",
    "Basic ",
    "SignatureMethod",
  ],
];

/** Documents in an encoding, which a parser sees: JSON, a JWT, XML. */
const DOCUMENTS: readonly ((units: (unit: string) => string) => string)[] = [
  (of) => segment(of("[")),
  (of) => segment(of('{"a":')),
  (of) => segment(`{"a":"${of("\\u0041")}"}`),
  (of) => segment(`{${of('"a":1,')}"b":1}`),
  (of) => `${segment({ alg: "RS256" })}.${segment(`{"iss":"${STAFF}","sub":"${of("a")}"}`)}.AAAA`,
  (of) => `${segment({ alg: "ES256" })}.${segment(`{"sub":"service","a":${of("1")}}`)}.AAAA`,
  (of) => `${segment(`{"alg":"RS256","kid":"${of("k")}"}`)}.${segment({ iss: STAFF })}.AAAA`,
  ...["<a>", "<a/>", "<a b=''/>", "<!--", "<![CDATA[", "<!DOCTYPE a [", "&#65;", " ", "a"].flatMap((unit) => [
    (of: (unit: string) => string) => Buffer.from(of(unit)).toString("base64"),
    (of: (unit: string) => string) => Buffer.from(`<a>${of(unit)}</a>`).toString("base64url"),
  ]),
  (of) => Buffer.from(`<a ${of("b='' ")}/>`).toString("base64"),
  (of) => Buffer.from(`<a b="${of(" ")}"/>`).toString("base64"),
  (of) => Buffer.from(`<?xml version="1.0"${of(" ")}<a/>`).toString("base64"),
];

/** Hostile texts of about this many characters, in no document. */
const plainTexts = (length: number): string[] => {
  const of = (unit: string) => unit.repeat(Math.ceil(length / unit.length));
  return [...UNITS.map(of), ...UNITS.map((unit) => `${of(unit)}!`)];
};

/** Fewer of them, where each takes a whole login. */
const textsWithEnd =
  (units: readonly string[]) =>
  (length: number): string[] =>
    units.map((unit) => `${unit.repeat(Math.ceil(length / unit.length))}!`);

/** All hostile texts of about this many characters. */
const hostileTexts = (length: number): string[] => {
  // Base64 makes four of three.
  const within = (unit: string) => unit.repeat(Math.ceil((length * 0.7) / unit.length));
  return [...plainTexts(length), ...DOCUMENTS.map((document) => document(within))];
};

/** Twice the length may be twice the work, and what every request takes. */
async function expectLinear(
  length: number,
  act: (text: string) => Promise<unknown>,
  textsOf: (length: number) => readonly string[] = hostileTexts,
): Promise<void> {
  const work = (texts: readonly string[]) =>
    workOf(async () => {
      for (const text of texts) await act(text);
    });
  const [half, whole] = [textsOf(length / 2), textsOf(length)];
  await work(half.slice(0, 1));
  const [less, more] = [await work(half), await work(whole)];
  expect(more / less).toBeLessThan(2.5);
}

let count = 0;
const clientForm = () => ({
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: mint(
    clientKey,
    { iss: "service", sub: "service", aud: ISSUER, jti: `${count++}`, iat: NOW, exp: NOW + 60 },
    { alg: "ES256", kid: clientKey.jwk.kid },
  ),
});

const CODE = {
  grant_type: "authorization_code",
  client_id: "web",
  code: "a".repeat(43),
  code_verifier: "a".repeat(43),
};
const EXCHANGE = { grant_type: "urn:ietf:params:oauth:grant-type:token-exchange" };
const SAML2 = { grant_type: "urn:ietf:params:oauth:grant-type:saml2-bearer" };
const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;

/** A place, and a request with a text in it. */
type Place = readonly [name: string, route: string, request: (text: string) => Sent];

const PLACES: readonly Place[] = [
  ...[
    ...["response_type", "client_id", "redirect_uri", "state", "scope", "resource", "connection", "tenant"],
    ...["code_challenge", "code_challenge_method", "response_mode", "request"],
  ].map((name): Place => [name, "GET /authorize", (text) => ({ query: { ...authorizationQuery("a"), [name]: text } })]),
  ["a name", "GET /authorize", (text) => ({ query: { ...authorizationQuery("a"), [text]: "a" } })],
  ["the query", "GET /authorize", (text) => ({ query: text })],
  ["the connection", "GET /saml/{connection}/metadata", (text) => ({ connection: text })],
  ["the connection", "POST /saml/{connection}/acs", (text) => ({ connection: text, form: {} })],
  ["the form", "POST /saml/{connection}/acs", (text) => ({ connection: "acme", form: text })],
  ["RelayState", "POST /saml/{connection}/acs", (text) => ({ connection: "acme", form: { RelayState: text } })],
  ...["client_id", "code", "code_verifier", "redirect_uri", "scope", "resource", "grant_type"].map(
    (name): Place => [name, "POST /token", (text) => ({ form: { ...CODE, [name]: text } })],
  ),
  ["client_assertion", "POST /token", (text) => ({ form: { ...EXCHANGE, ...clientForm(), client_assertion: text } })],
  [
    "client_assertion_type",
    "POST /token",
    (text) => ({ form: { ...EXCHANGE, ...clientForm(), client_assertion_type: text } }),
  ],
  ...["saml2", "jwt", "access_token"].map(
    (name): Place => [
      `subject_token of ${name}`,
      "POST /token",
      (text) => ({ form: { ...EXCHANGE, ...clientForm(), subject_token: text, subject_token_type: type(name) } }),
    ],
  ),
  [
    "subject_token of API keys",
    "POST /token",
    (text) => ({
      form: {
        ...EXCHANGE,
        ...clientForm(),
        subject_token: text,
        subject_token_type: "urn:sallyport:token-type:api-key",
      },
    }),
  ],
  [
    "subject_token_type",
    "POST /token",
    (text) => ({ form: { ...EXCHANGE, ...clientForm(), subject_token: "a", subject_token_type: text } }),
  ],
  ["scope of an exchange", "POST /token", (text) => ({ form: { ...EXCHANGE, ...clientForm(), scope: text } })],
  ["assertion", "POST /token", (text) => ({ form: { ...SAML2, ...clientForm(), assertion: text } })],
  ["the form", "POST /token", (text) => ({ form: text })],
  ["Authorization", "POST /token", (text) => ({ form: EXCHANGE, headers: { authorization: `Basic ${text}` } })],
  [
    "an API key in Authorization",
    "POST /token",
    (text) => ({
      form: EXCHANGE,
      headers: { authorization: `Basic ${Buffer.from(`gateway:${text}`).toString("base64")}` },
    }),
  ],
  ["Content-Type", "POST /token", (text) => ({ form: EXCHANGE, headers: { "content-type": text } })],
  ["Origin", "POST /token", (text) => ({ form: EXCHANGE, headers: { origin: text } })],
  ["token", "POST /revoke", (text) => ({ form: { client_id: "web", token: text } })],
  ["the path", "GET /jwks", (text) => ({ connection: text, headers: { cookie: text } })],
];

describe("a hostile text takes work that grows no faster than its length", () => {
  test.each(PLACES)("in %s of %s", async (_, route, request) => {
    await expectLinear(route.startsWith("GET") ? 8000 : 24_000, (text) => login.send(route, request(text)));
  });

  test("in SAMLResponse of a login that has begun", async () => {
    const begun = await login.begin();
    await expectLinear(24_000, (text) => login.post(begun, text));
  });

  test("in a cookie of a login", async () => {
    const begun = await login.begin();
    const [name] = begun.cookie.split("=");
    const response = login.respond(begun);
    await expectLinear(24_000, (text) => login.post(begun, response, { cookies: [`${name}=${text}`, text] }));
  });

  test("around an assertion that is verified, where node-saml reads it too", async () => {
    const act = async (text: string) => {
      const begun = await login.begin();
      const xml = Buffer.from(login.respond(begun), "base64").toString();
      const written = text.replace(/[<&"\0\r\n\t]/g, "x");
      const hostile = xml.replace("<samlp:Response ", `<samlp:Response Consent="${written}" `);
      await login.post(begun, Buffer.from(hostile).toString("base64"));
    };
    await expectLinear(8000, act, textsWithEnd(["a", " ", ".", "<a ", "&amp;", "?a=b&", "ey.", "SignatureMethod"]));
    expect(login.events.some(({ name }) => name === "LoginSucceeded")).toBe(true);
  });

  test.each(["subject", "scopes"])("in the %s that an identity provider signs", async (place) => {
    const act = async (text: string) => {
      const begun = await login.begin();
      const written = text.replaceAll("\0", "x");
      const options = place === "subject" ? { subject: written } : { attributes: { scopes: written } };
      await login.post(begun, login.respond(begun, options));
    };
    await expectLinear(8000, act, textsWithEnd(UNITS));
  });
});

test("a form or a query of more than a hundred parameters is not read", async () => {
  const many = Array.from({ length: 101 }, (_, index) => `a${index}=1`).join("&");
  expect(await login.send("POST /token", { form: `${new URLSearchParams(CODE)}&${many}` })).toMatchObject({
    ...{ status: 400, json: { error: "invalid_request" } },
  });
  const query = `${new URLSearchParams(authorizationQuery("a"))}&${many}`;
  expect(await login.send("GET /authorize", { query })).toMatchObject({ status: 400 });
});

describe("the count itself", () => {
  test("knows an expression that goes back over a text again and again", () => {
    expect(isExcessive(/ +$/, `${" ".repeat(20_000)}y`)).toBe(true);
    expect(isExcessive(/SignatureMethod[^>]*Algorithm="/, "SignatureMethod".repeat(2000))).toBe(true);
    expect(isExcessive(/^[\w-]{43}$/, "a".repeat(20_000))).toBe(false);
  });

  test("grows with the square of the length for a loop in a loop", async () => {
    const pairs = async (length: number) => {
      let same = 0;
      for (let one = 0; one < length; one++) for (let other = 0; other < length; other++) if (one === other) same++;
      return same;
    };
    await pairs(1);
    const [less, more] = [await workOf(() => pairs(500)), await workOf(() => pairs(1000))];
    expect(more / less).toBeGreaterThan(3);
  });
});

import { expect, test } from "vitest";
import { checkConfig } from "../../../cli/config/check.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import { identity } from "../../providers/saml/fixture.ts";

/** What people write by mistake about a login, and the one message that each gets. */

const LOGIN = { connection: "acme", singleSignOnUrl: "https://idp.acme.test/sso" };
const PROVIDER = { issuer: "https://idp.acme.test", certificates: [identity.certificate], login: LOGIN };
const CLIENT = { id: "web", redirectUris: ["https://app.acme.test/callback"] };
const FEDERATION = {
  ...{ issuer: "https://login.acme.test", table: "login", resources: "https://api.acme.test", signing: "kms" },
  clients: [CLIENT],
};
const OWN = { preset: "sallyport", issuer: "https://login.acme.test", audience: "https://api.acme.test" };
const BASE = {
  saml: { audience: "urn:api", recipients: "https://api.acme.test/acs", identityProviders: [PROVIDER] },
  jwt: { issuers: [OWN] },
  federation: FEDERATION,
  routes: [{ name: "orders", methods: ["GET"], paths: ["/orders"], scopes: { allOf: ["orders:read"] } }],
};

async function messages(config: unknown): Promise<string[]> {
  let text = "";
  const io = {
    stdout: { write: (part: string) => (text += part) },
    stderr: { write: () => {} },
    config: async () => parseConfig(config),
    writtenConfig: () => Promise.reject(new Error("not here")),
    locate: async () => () => undefined,
  };
  await checkConfig({ json: true }, io);
  const { mistakes, warnings } = JSON.parse(text);
  return [
    ...mistakes.map(
      ({ path, found, allowed }: Record<string, string>) => `${path}: found ${found}, allowed: ${allowed}`,
    ),
    ...warnings.map(({ path, message }: Record<string, string>) => `warning: ${path}: ${message}`),
  ];
}

const federation = (changed: object) => ({ ...BASE, federation: { ...FEDERATION, ...changed } });
const client = (changed: object) => federation({ clients: [{ ...CLIENT, ...changed }] });
const saml = (changed: object) => ({ ...BASE, saml: { ...BASE.saml, ...changed } });
const login = (changed: object) => saml({ identityProviders: [{ ...PROVIDER, login: { ...LOGIN, ...changed } }] });

test("a sound login has no mistake and no warning", async () => {
  expect(await messages(BASE)).toEqual([]);
});

const URI =
  "an https URL in its normal spelling, without a fragment, without `*` (there are no patterns) and without the parameters of an answer (http only on a loopback address)";

const CASES: [mistake: string, config: object, ...said: string[]][] = [
  [
    "a redirect URI is http",
    client({ redirectUris: ["http://app.acme.test/callback"] }),
    `federation.clients[0].redirectUris[0]: found "http://app.acme.test/callback", allowed: ${URI}`,
  ],
  [
    "a redirect URI has a fragment",
    client({ redirectUris: ["https://app.acme.test/#callback"] }),
    `federation.clients[0].redirectUris[0]: found "https://app.acme.test/?…", allowed: ${URI}`,
  ],
  [
    "a redirect URI is not in its normal spelling",
    client({ redirectUris: ["https://APP.acme.test/callback"] }),
    `federation.clients[0].redirectUris[0]: found "https://APP.acme.test/callback", allowed: ${URI}`,
  ],
  [
    "a redirect URI is a pattern",
    client({ redirectUris: ["https://*.acme.test/callback"] }),
    `federation.clients[0].redirectUris[0]: found "https://*.acme.test/callback", allowed: ${URI}`,
  ],
  [
    "a redirect URI is there twice",
    client({ redirectUris: [CLIENT.redirectUris[0], CLIENT.redirectUris[0]] }),
    "federation.clients[0].redirectUris: found a list of 2, allowed: each redirect URI once",
  ],
  [
    "two clients have one id",
    federation({ clients: [CLIENT, CLIENT] }),
    'federation.clients[1].id: found "web", allowed: each client once, and [0] has this one',
  ],
  [
    "a client has a secret",
    client({ secret: "s3cr3t-of-the-client" }),
    "federation.clients[0].secret: found an unknown name, allowed: only known options: id, redirectUris, authentication, grants, connections, resources, scopes",
  ],
  [
    "a client authenticates with a secret",
    client({ authentication: "client_secret_basic" }),
    'federation.clients[0].authentication: found a string, allowed: "none", "api-key", { jwksUri } or { jwks }',
  ],
  [
    "a secret is where the authentication is",
    client({ authentication: { secret: "s3cr3t-of-the-client" } }),
    "federation.clients[0].authentication.secret: found an unknown name, allowed: only known options: jwksUri, jwks",
  ],
  [
    "a client has no redirect URI",
    client({ redirectUris: [] }),
    "federation.clients[0].redirectUris: found a list of 0, allowed: `redirectUris`, or `grants` without authorization_code",
  ],
  [
    "a public client exchanges",
    client({ grants: ["exchange"] }),
    "federation.clients[0].authentication: found a string, allowed: `authentication` for every grant but authorization_code: a public client proves nothing",
  ],
  [
    "a client asks for another resource",
    client({ resources: ["https://other.acme.test"] }),
    "federation.clients[0]: found an object with id, redirectUris, authentication, grants, resources, allowed: resources of `federation.resources`: https://api.acme.test",
  ],
  [
    "a client has a connection that is not there",
    client({ connections: ["globex"] }),
    "federation: found an object with issuer, table, resources, subjectTokens, clients, signing, tokenLifetime, loginLifetime, …, allowed: `clients[].connections` that are connections of `saml.identityProviders[].login`",
  ],
  [
    "tokens live for an hour",
    federation({ tokenLifetime: 3600 }),
    "federation.tokenLifetime: found 3600, allowed: <=900",
  ],
  ["tokens live for a minute", federation({ tokenLifetime: 60 }), "federation.tokenLifetime: found 60, allowed: >=300"],
  [
    "a login may take a day",
    federation({ loginLifetime: 86_400 }),
    "federation.loginLifetime: found 86400, allowed: <=3600",
  ],
  [
    "the issuer ends with a slash",
    federation({ issuer: "https://login.acme.test/" }),
    'federation.issuer: found "https://login.acme.test/", allowed: an https origin without a path, such as https://login.example.com (http only on a loopback address)',
  ],
  [
    "the issuer has a path",
    federation({ issuer: "https://acme.test/login" }),
    'federation.issuer: found "https://acme.test/login", allowed: an https origin without a path, such as https://login.example.com (http only on a loopback address)',
  ],
  [
    "the issuer is http",
    federation({ issuer: "http://login.acme.test" }),
    'federation.issuer: found "http://login.acme.test", allowed: an https origin without a path, such as https://login.example.com (http only on a loopback address)',
  ],
  [
    "a private key is where the signing is",
    federation({ signing: "-----BEGIN PRIVATE KEY-----" }),
    'federation.signing: found a string, allowed: "kms" or { development }',
  ],
  [
    "a connection's name needs encoding",
    login({ connection: "acme corp/ä" }),
    "saml.identityProviders[0].login.connection: found \"acme corp/ä\", allowed: a letter, then up to 63 letters, digits, '_' or '-'",
  ],
  [
    "the page of the identity provider is http",
    login({ singleSignOnUrl: "http://idp.acme.test/sso" }),
    'saml.identityProviders[0].login.singleSignOnUrl: found "http://idp.acme.test/sso", allowed: an https URL without credentials (http only on a loopback address)',
  ],
  [
    "the binding is another",
    login({ binding: "artifact" }),
    'saml.identityProviders[0].login.binding: found "artifact", allowed: ("redirect" | "post")',
  ],
  [
    "requests are signed without a key",
    login({ signRequest: true }),
    "federation: found an object with issuer, table, resources, subjectTokens, clients, signing, tokenLifetime, loginLifetime, …, allowed: `requestSigning`, where a `login` has `signRequest`",
  ],
  [
    "two connections have one entity id",
    saml({ identityProviders: [PROVIDER, { ...PROVIDER, login: { ...LOGIN, connection: "other" } }] }),
    'saml.identityProviders[1].issuer: found "https://idp.acme.test", allowed: each issuer once, and [0] has this one',
  ],
  [
    "two connections have one name",
    saml({ identityProviders: [PROVIDER, { ...PROVIDER, issuer: "https://idp2.acme.test" }] }),
    "federation: found an object with issuer, table, resources, subjectTokens, clients, signing, tokenLifetime, loginLifetime, …, allowed: a name of its own for each connection of `saml.identityProviders[].login` and each entry of `subjectTokens`",
  ],
  [
    "a source of tokens has the name of a connection",
    federation({ subjectTokens: [{ name: "acme", issuer: "x" }] }),
    "federation: found an object with issuer, table, resources, subjectTokens, clients, signing, tokenLifetime, loginLifetime, …, allowed: a name of its own for each connection of `saml.identityProviders[].login` and each entry of `subjectTokens`",
  ],
  [
    "there is a login without the section",
    { ...BASE, federation: undefined },
    "federation: found nothing, allowed: `federation`, where an identity provider has `login`",
  ],
  [
    "the API takes the login's entity id",
    saml({ audience: "https://login.acme.test/saml/acme/metadata" }),
    "warning: saml.audience: a name of the login: an assertion that answers a login is accepted at the API too, by whoever has it",
  ],
  [
    "the API takes the login's consumer service",
    saml({ recipients: ["https://login.acme.test/saml/acme/acs"] }),
    "warning: saml.recipients: a name of the login: an assertion that answers a login is accepted at the API too, by whoever has it",
  ],
  [
    "nobody takes the tokens",
    { ...BASE, jwt: undefined },
    'warning: routes[0] (orders): no issuer maps scopes, so that nobody has the scope "orders:read": the rule opens nothing',
    'warning: federation.issuer: no issuer of `jwt` takes the login\'s tokens: add { preset: "sallyport", issuer: "https://login.acme.test" }',
  ],
  [
    "the tokens are taken without the preset",
    { ...BASE, jwt: { issuers: [{ ...OWN, preset: undefined }] } },
    'warning: jwt.issuers[0]: the login\'s tokens without preset "sallyport": their kind and the addresses that they are limited to are not read',
  ],
  [
    "the tokens are for another audience",
    { ...BASE, jwt: { issuers: [{ ...OWN, audience: "other" }] } },
    "warning: jwt.issuers[0].audience: none of `federation.resources`: every token of the login is refused here",
  ],
  [
    "a key of the process signs",
    federation({ signing: { development: { environment: "KEY" } } }),
    "warning: federation.signing: a private key in the process, for development: use kms where others rely on the tokens",
  ],
  [
    "nobody can log in",
    saml({ identityProviders: [{ ...PROVIDER, login: undefined }] }),
    "warning: federation.clients: no identity provider has `login`: nobody can log in",
  ],
  [
    "a redirect URI is on loopback",
    client({ redirectUris: ["http://127.0.0.1:3000/callback"] }),
    "warning: federation.clients[0] (web): a redirect URI on loopback: every program on the user's machine can listen there. For development, or an application on that machine",
  ],
  [
    "a client has an API key, and nobody has one",
    client({ authentication: "api-key" }),
    "warning: federation.clients[0] (web): authenticates by API key, and there is no `apiKeys`: it is always refused",
  ],
  [
    "the issuer of a subject token is not there",
    federation({ subjectTokens: [{ name: "staff", issuer: "https://id.acme.test" }] }),
    "warning: federation.subjectTokens[0] (staff): no issuer of `jwt`, `saml` or `apiKeys`: none of its credentials is accepted",
    "warning: federation.subjectTokens: no client has the grant `exchange`: nobody can exchange a credential",
  ],
  [
    "a resource leads to a login that has no tokens for it",
    { ...BASE, protectedResources: [{ resource: "https://mcp.acme.test", scopes: ["orders:read"] }] },
    "warning: protectedResources[0].resource: not in the audience of any issuer: tokens that clients ask for by this identifier (RFC 8707) are refused",
    "warning: protectedResources[0].resource: its metadata lead clients to the login, which has no tokens for it: add it to `federation.resources`",
  ],
];

test.each(CASES)("%s", async (_, config, ...said) => {
  expect(await messages(config)).toEqual(said);
});

test("no message shows what may be a secret", async () => {
  const secret = "s3cr3t-of-the-client";
  for (const changed of [
    client({ secret }),
    client({ authentication: secret }),
    client({ authentication: { [secret]: "a" } }),
    federation({ signing: secret }),
    federation({ signing: { [secret]: "a" } }),
    federation({ requestSigning: { key: secret, certificate: "a" } }),
    federation({ requestSigning: { [secret]: "a" } }),
  ]) {
    const said = await messages(changed);
    expect(said).not.toEqual([]);
    expect(said.join()).not.toContain(secret);
  }
});

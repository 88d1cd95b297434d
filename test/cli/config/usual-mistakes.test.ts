import { expect, test } from "vitest";
import { checkConfig } from "../../../cli/config/check.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import { identity } from "../../providers/saml/fixture.ts";

/**
 * What people write by mistake, and the one message that each gets: `found` for a mistake, `warning` for what is valid
 * and probably meant otherwise. SALLYPORT_CACHED_BY is not looked at here.
 */

const ISSUER = { issuer: "https://id.acme.test", audience: "api" };
const ROUTE = { name: "orders", methods: ["GET"], paths: ["/orders"] };
const SAML = {
  audience: "a",
  recipients: "r",
  identityProviders: [{ issuer: "i", certificates: [identity.certificate] }],
};
const KEYS = { table: "t", peppers: [{ id: "p1", secret: { ssm: "/pepper" } }] };

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

const issuer = (changed: object) => ({ jwt: { issuers: [{ ...ISSUER, ...changed }] } });
const route = (changed: object) => ({ routes: [{ ...ROUTE, ...changed }] });
const provider = (changed: object) => ({
  saml: { ...SAML, identityProviders: [{ ...SAML.identityProviders[0], ...changed }] },
});

test.each<[kind: string, changed: object, message: string]>([
  // Names
  [
    "a section's name is misspelt",
    { apiKey: KEYS },
    "apiKey: found an unknown name, allowed: only known options; did you mean apiKeys?",
  ],
  [
    "an option's name is misspelt",
    issuer({ audiance: "x" }),
    "jwt.issuers[0].audiance: found an unknown name, allowed: only known options; did you mean audience?",
  ],
  [
    "letters of a name are exchanged",
    route({ nmae: "a" }),
    "routes[0].nmae: found an unknown name, allowed: only known options; did you mean name?",
  ],
  [
    "an option has another product's name",
    issuer({ clientId: "x" }),
    "jwt.issuers[0].clientId: found an unknown name, allowed: only known options; did you mean clientIds?",
  ],
  [
    "an option stands one level too high",
    { issuers: [ISSUER] },
    "issuers: found an unknown name, allowed: only known options: $schema, jwt, saml,",
  ],
  [
    "a form's name has small letters",
    route({ scopes: { anyof: ["a"] } }),
    "routes[0].scopes.anyof: found an unknown name, allowed: only known options; did you mean anyOf?",
  ],
  [
    "a window's name is misspelt",
    route({ windows: [{ from: "08:00", untill: "09:00" }] }),
    "routes[0].windows[0].untill: found an unknown name, allowed: only known options; did you mean until?",
  ],
  ["a rule has no name", route({ name: undefined }), "routes[0].name: found nothing, allowed: "],
  [
    "a rule's name has spaces",
    route({ name: "my orders" }),
    'routes[0].name: found "my orders", allowed: a letter, then',
  ],
  // Values
  ["an algorithm is misspelt", issuer({ algorithms: ["RS265"] }), 'did you mean "RS256"?'],
  [
    "a method is misspelt",
    route({ methods: ["GTE"] }),
    'routes[0].methods[0]: found "GTE", allowed: ("DELETE" | "GET"',
  ],
  ["a method has small letters", route({ methods: ["get"] }), 'routes[0].methods[0]: found "get"'],
  [
    "an effect is another word",
    route({ effect: "block" }),
    'routes[0].effect: found "block", allowed: ("allow" | "deny")',
  ],
  [
    "a path has no slash at its start",
    route({ paths: ["orders"] }),
    "routes[0].paths[0]: found \"orders\", allowed: a path that begins with '/'",
  ],
  [
    "a path has API Gateway's placeholder",
    route({ paths: ["/orders/{id}"] }),
    'routes[0].paths[0]: found "/orders/{id}", allowed: a path of',
  ],
  ["a path has a query", route({ paths: ["/orders?all=1"] }), 'routes[0].paths[0]: found "/orders?all=1"'],
  [
    "a time of day has no leading zero",
    route({ windows: [{ from: "8:00", until: "09:00" }] }),
    'routes[0].windows[0].from: found "8:00", allowed: a time of day such as 08:00',
  ],
  [
    "a window goes over midnight",
    route({ windows: [{ from: "22:00", until: "06:00" }] }),
    "routes[0].windows[0]: found an object with from, until, allowed: `from` before `until`",
  ],
  [
    "a time zone is an abbreviation",
    route({ windows: [{ from: "08:00", until: "09:00", timeZone: "Mars/Base" }] }),
    'routes[0].windows[0].timeZone: found "Mars/Base", allowed: an IANA time zone',
  ],
  [
    "an instant has no offset",
    route({ windows: [{ notBefore: "2027-01-31T08:00:00" }] }),
    "routes[0].windows[0].notBefore: found",
  ],
  [
    "an address is no range",
    route({ addresses: ["10.0.0.0/33"] }),
    'routes[0].addresses[0]: found "10.0.0.0/33", allowed: an IPv4 or IPv6',
  ],
  [
    "a duration is a fraction",
    issuer({ clockTolerance: 1.5 }),
    "jwt.issuers[0].clockTolerance: found 1.5, allowed: a whole number of seconds",
  ],
  [
    "an issuer with discovery is no URL",
    issuer({ issuer: "acme" }),
    'jwt.issuers[0].issuer: found "acme", allowed: an https URL',
  ],
  [
    "a key server is asked without TLS",
    issuer({ keys: { jwksUri: "http://id.acme.test/jwks" } }),
    "jwt.issuers[0].keys.jwksUri: found",
  ],
  // Types
  [
    "a list is missing around one value",
    route({ paths: "/orders" }),
    "routes[0].paths: found a string, allowed: a list",
  ],
  [
    "a requirement is a list",
    route({ scopes: ["read"] }),
    "routes[0].scopes: found a list of 1, allowed: { anyOf: […] } or { allOf: […] }",
  ],
  ["a number is text", { jwt: { issuers: [ISSUER], maxLength: "8192" } }, "jwt.maxLength: found"],
  ["a section is a list", { jwt: [ISSUER] }, "jwt: found a list of 1, allowed: an object"],
  ["a list is empty", route({ methods: [] }), "routes[0].methods: found a list of 0, allowed: one item or more"],
  // References
  [
    "a rule names a provider that is not there",
    route({ credentials: { allOf: ["api-key"] } }),
    'warning: routes[0] (orders): no provider "api-key" is configured',
  ],
  [
    "a provider's name is misspelt",
    route({ credentials: { allOf: ["apikey"] } }),
    'warning: routes[0] (orders): no provider "apikey" is configured; did you mean "api-key"?',
  ],
  [
    "a rule names an issuer that is not there",
    route({ issuers: ["https://id.acme.test/"] }),
    "warning: routes[0] (orders): no issuer",
  ],
  [
    "an issuer is there twice",
    { jwt: { issuers: [ISSUER, ISSUER] } },
    "allowed: each issuer once, and [0] has this one",
  ],
  [
    "two rules have one name",
    { routes: [ROUTE, ROUTE] },
    'routes[1].name: found "orders", allowed: a name of its own for each rule, and [0] has this one',
  ],
  [
    "assertions are to be used once, and nothing records them",
    provider({ replay: "once" }),
    "saml: found an object with audience, recipients, identityProviders, allowed: replayTable",
  ],
  // Files
  [
    "a metadata file is missing",
    provider({ certificates: undefined, metadata: { file: "metadata/none.xml" } }),
    "saml.identityProviders[0].metadata.file: found metadata/none.xml, which cannot be read (ENOENT)",
  ],
  [
    "a file is elsewhere than the build looks",
    provider({ certificates: undefined, metadata: { file: "idp.xml" } }),
    'saml.identityProviders[0].metadata.file: found "idp.xml", allowed: a file in metadata/',
  ],
  [
    "a certificate is a file's name",
    provider({ certificates: ["idp.pem"] }),
    "saml.identityProviders[0].certificates[0]: found a string, allowed: one X.509 certificate",
  ],
  // Secrets
  [
    "a pepper stands in the configuration",
    { apiKeys: { ...KEYS, peppers: [{ id: "p1", secret: "hunter2" }] } },
    "apiKeys.peppers[0].secret: found a string, allowed:",
  ],
  [
    "a shared secret is to verify RS256",
    issuer({ keys: { secret: { ssm: "/s" } } }),
    "jwt.issuers[0].algorithms: found a list of 1, allowed: HS algorithms with a `secret`",
  ],
  [
    "a pepper is in the environment",
    { apiKeys: { ...KEYS, peppers: [{ id: "p1", secret: { environment: "P" } }] } },
    "warning: apiKeys.peppers[0].secret: an environment variable",
  ],
  // Rules that cannot match, and values that are probably meant otherwise
  [
    "a placeholder has no value",
    route({ paths: ["/tenants/{tenant}"] }),
    'warning: routes[0] (orders): "/tenants/{tenant}": no issuer maps a value for {tenant}',
  ],
  [
    "a role is mapped by nobody",
    route({ roles: { anyOf: ["admin"] } }),
    "warning: routes[0] (orders): no issuer maps roles",
  ],
  [
    "a path has a parameter of a web framework",
    route({ paths: ["/orders/:id"] }),
    'warning: routes[0] (orders): "/orders/:id": ":id" stands for itself',
  ],
  ["a path has a stage", route({ paths: ["/prod/orders"] }), "warning: routes[0] (orders): paths have no stage"],
  [
    "a path ends with a slash",
    route({ paths: ["/orders/"] }),
    "warning: routes[0] (orders): \"/orders/\": with the '/'",
  ],
  [
    "two scopes stand in one text",
    route({ scopes: { allOf: ["read,write"] } }),
    'warning: routes[0] (orders): "read,write": one scope with a comma',
  ],
  [
    "an issuer is an example",
    issuer({ issuer: "https://id.example.com" }),
    "warning: jwt.issuers[0].issuer: a name reserved for documentation",
  ],
  [
    "an issuer is Entra's common",
    issuer({ issuer: "https://login.microsoftonline.com/common/v2.0" }),
    'warning: jwt.issuers[0].issuer: "common" stands for every tenant',
  ],
  [
    "an issuer of Auth0 has no slash at its end",
    issuer({ issuer: "https://acme.eu.auth0.com" }),
    "warning: jwt.issuers[0].issuer: the tokens of Auth0",
  ],
  ["an issuer has no audience", issuer({ audience: undefined }), "warning: jwt.issuers[0]: no audience"],
  [
    "a rule opens everything",
    route({ methods: "ANY", paths: ["/*"] }),
    "warning: routes[0] (orders): allows every path to every caller",
  ],
])("where %s, one message says so", async (_kind, changed, message) => {
  const found = await messages({ jwt: { issuers: [ISSUER] }, routes: [ROUTE], ...changed });
  expect(found).toEqual([expect.stringContaining(message)]);
  expect(found[0]).not.toContain("hunter2");
});

test("a configuration in order gets no message", async () => {
  expect(await messages({ jwt: { issuers: [ISSUER] }, saml: SAML, apiKeys: KEYS, routes: [ROUTE] })).toEqual([]);
});

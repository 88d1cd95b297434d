import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { onlineFindings } from "../../../cli/config/online.ts";
import { createTable, type DynamoDb, useDynamoDb } from "../../../local/stage/database.ts";
import { entityXml } from "../../../local/stage/saml/metadata.ts";
import type { SallyportConfig } from "../../../shared/domain/config/schema.ts";
import { tableDefinition } from "../../../shared/infrastructure/dynamodb/table.ts";
import { configOf, NOW } from "../../fixtures.ts";
import { ecKey, rsaKey } from "../../providers/jwt/mint.ts";
import { identity } from "../../providers/saml/fixture.ts";

let server: Server;
let origin: string;
/** Answers by path: a body, or a status. */
const pages = new Map<string, string | number>();
let database: DynamoDb;

beforeAll(async () => {
  server = createServer((request, response) => {
    const page = pages.get(request.url ?? "") ?? 404;
    response.writeHead(typeof page === "number" ? page : 200);
    response.end(typeof page === "string" ? page : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  database = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = database.endpoint;
  await createTable(database.endpoint, tableDefinition("keys"));
});
afterEach(() => pages.clear());
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
});

const find = async (config: Partial<SallyportConfig>) =>
  (await onlineFindings(configOf({ jwt: undefined as never, ...config }))).map(
    ({ path, message, isUsable }) => `${isUsable ? "ok" : "failed"}: ${path}: ${message.replaceAll(origin, "ORIGIN")}`,
  );

type Issuer = NonNullable<SallyportConfig["jwt"]>["issuers"][number];
const issuer = (entry: Partial<Issuer> = {}) =>
  find({ jwt: { issuers: [{ issuer: origin, audience: "a", ...entry }] } });

const jwks = JSON.stringify({ keys: [rsaKey("r1").jwk, ecKey("e1").jwk, { kty: "RSA", n: "AQAB", e: "AQAB" }] });

test("an issuer's discovery document and key set are fetched, and its keys counted by algorithm", async () => {
  pages.set("/.well-known/openid-configuration", JSON.stringify({ issuer: origin, jwks_uri: `${origin}/jwks` }));
  pages.set("/jwks", jwks);
  expect(await issuer({ algorithms: ["RS256", "ES256"] })).toEqual([
    'ok: jwt.issuers[0].keys: 3 keys in "ORIGIN/jwks"; usable: 1 for RS256, 1 for ES256',
  ]);
});

test("a key set without a key for any of the algorithms is of no use", async () => {
  pages.set("/jwks", jwks);
  expect(await issuer({ algorithms: ["ES512"], keys: { jwksUri: `${origin}/jwks` } })).toEqual([
    'failed: jwt.issuers[0].keys: 3 keys in "ORIGIN/jwks"; usable: 0 for ES512',
  ]);
});

test("a document of an issuer that is spelt otherwise is named with its spelling", async () => {
  pages.set("/.well-known/openid-configuration", JSON.stringify({ issuer: `${origin}/`, jwks_uri: `${origin}/jwks` }));
  expect(await issuer()).toEqual([
    'failed: jwt.issuers[0].keys: the discovery document names the issuer "ORIGIN/": write it so',
  ]);
});

test("a server that fails is named with its status", async () => {
  pages.set("/.well-known/openid-configuration", 503);
  expect(await issuer()).toEqual(["failed: jwt.issuers[0].keys: status 503"]);
});

test("a shared secret that is too short is of no use, and is not shown", async () => {
  const secret = randomBytes(8).toString("hex");
  vi.stubEnv("SHARED_SECRET", secret);
  const [text = ""] = await issuer({ algorithms: ["HS256"], keys: { secret: { environment: "SHARED_SECRET" } } });
  expect(text).toBe("failed: jwt.issuers[0].keys: the secret is too short");
});

test("metadata are fetched, and their end and that of their certificates are told", async () => {
  const saml = {
    ...{ audience: "a", recipients: "r" },
    identityProviders: [{ issuer: "https://idp.acme.test", metadata: { url: `${origin}/metadata` } }],
  };
  const entity = { entityId: "https://idp.acme.test", certificates: [identity.certificate] };
  pages.set("/metadata", entityXml({ ...entity, validUntil: NOW + 10 * 365 * 86_400 }));
  expect(await find({ saml })).toEqual([
    expect.stringMatching(
      /^ok: saml\.identityProviders\[0\]\.metadata\.url: metadata of this issuer, valid until 2036-02-28; certificates until \d{4}-/,
    ),
  ]);
  pages.set("/metadata", entityXml({ ...entity, validUntil: 86_400 }));
  expect(await find({ saml })).toEqual([expect.stringMatching(/^failed: .* the metadata ended on 1970-01-02$/)]);
  pages.set("/metadata", entityXml({ ...entity, entityId: "https://idp.globex.test" }));
  expect(await find({ saml })).toEqual([expect.stringMatching(/^failed: .* it does not contain the entity$/)]);
});

test("the table of keys is read, and the pepper", async () => {
  vi.stubEnv("A_PEPPER", randomBytes(32).toString("hex"));
  const apiKeys = (table: string, environment: string) => ({
    apiKeys: { table, peppers: [{ id: "p1", secret: { environment } }] },
  });
  expect(await find(apiKeys("keys", "A_PEPPER"))).toEqual([
    "ok: apiKeys.table: the table can be read",
    "ok: apiKeys.peppers[0].secret: it can be read, and is long enough",
  ]);
  expect(await find(apiKeys("kees", "NO_PEPPER"))).toEqual([
    expect.stringMatching(/^failed: apiKeys\.table: ResourceNotFoundException: /),
    "failed: apiKeys.peppers[0].secret: the secret is empty",
  ]);
});

test("a private key that nobody can read is of no use, and no part of it is shown", async () => {
  vi.stubEnv("A_KEY", "hunter2");
  const saml = {
    ...{ audience: "a", recipients: "r", decryption: { keys: [{ environment: "A_KEY" }] } },
    identityProviders: [{ issuer: "i", certificates: [identity.certificate] }],
  };
  const [text = ""] = await find({ saml });
  expect(text).toMatch(/^failed: saml\.decryption\.keys\[0\]: /);
  expect(text).not.toContain("hunter2");
});

const introspected = (entry: Partial<Issuer> = {}) =>
  issuer({
    introspection: { client: { clientId: "api", secret: { environment: "SALLYPORT_TEST_CLIENT_SECRET" } } },
    ...entry,
  });

test.each<[string | number, string]>([
  [
    '{"active":false}',
    "ok: jwt.issuers[0].introspection: the server knows the client, and calls a made-up token inactive",
  ],
  [
    '{"active":true,"sub":"alice"}',
    "failed: jwt.issuers[0].introspection: the server calls a made-up token active: it would accept every token",
  ],
  [401, "failed: jwt.issuers[0].introspection: status 401"],
  ["<html>", "failed: jwt.issuers[0].introspection: not JSON"],
])("an introspection endpoint is asked about a made-up token, and says %s", async (answer, finding) => {
  process.env.SALLYPORT_TEST_CLIENT_SECRET = "s3cret";
  pages.set(
    "/.well-known/openid-configuration",
    JSON.stringify({ issuer: origin, introspection_endpoint: `${origin}/introspect` }),
  );
  pages.set("/introspect", answer);
  expect(await introspected()).toEqual([finding]);
  delete process.env.SALLYPORT_TEST_CLIENT_SECRET;
});

test("an introspection endpoint is not asked without the client's secret", async () => {
  pages.set("/.well-known/openid-configuration", JSON.stringify({ issuer: origin, introspection_endpoint: origin }));
  expect(await introspected()).toEqual(["failed: jwt.issuers[0].introspection: the secret is empty"]);
});

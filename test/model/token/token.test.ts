import * as fc from "fast-check";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness, ISSUER, RESOURCE } from "../../functions/federation/harness.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { AUDIENCE, claims, ecKey, mint, rsaKey, ISSUER as STAFF } from "../../providers/jwt/mint.ts";
import { type Asked, type Client, isInRange, mayBeAt, type Outcome, outcomeOf, type Party } from "./grant.ts";

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TYPES = { jwt: "urn:ietf:params:oauth:token-type:jwt", key: "urn:sallyport:token-type:api-key" };
const OTHER = "https://other.example.com";
const STRANGERS = "https://strangers.example.com";
const RESOURCES = [RESOURCE, OTHER];
/** Where the request comes from is 192.0.2.1. */
const ADDRESSES = ["192.0.2.1", "192.0.2.77", "198.51.100.9", "10.0.0.1"];

const CLIENTS: readonly Client[] = [
  { id: "all", scopes: undefined, resources: undefined, mayExchange: true },
  { id: "narrow", scopes: ["read"], resources: [RESOURCE], mayExchange: true },
  { id: "second", scopes: ["read", "write"], resources: [OTHER], mayExchange: true },
  { id: "bearer", scopes: undefined, resources: undefined, mayExchange: false },
];

const clientKey = ecKey();
const staffKey = rsaKey();
let keys: KeyTableFixture;
let login: Harness;

beforeAll(async () => {
  keys = await createKeyTableFixture();
  const entry = (issuer: string) => ({
    ...{ issuer, audience: AUDIENCE, keys: { jwks: { keys: [staffKey.jwk as { kty: string }] } } },
    claims: { tenant: "tenant", roles: ["roles"], addresses: "addresses", kind: "kind" },
  });
  login = await createHarness((config) => ({
    ...config,
    apiKeys: keys.config,
    jwt: { issuers: [entry(STAFF), entry(STRANGERS)] },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      resources: RESOURCES,
      tokenLifetime: 300,
      subjectTokens: [
        { name: "staff", issuer: STAFF },
        { name: "partners", issuer: "api-keys:live" },
      ],
      clients: CLIENTS.map(({ id, scopes, resources, mayExchange }) => ({
        ...{ id, grants: [mayExchange ? ("exchange" as const) : ("saml2" as const)] },
        ...{ authentication: { jwks: { keys: [clientKey.jwk as { kty: string }] } } },
        ...(scopes && { scopes: [...scopes] }),
        ...(resources && { resources: [...resources] }),
      })),
    },
  }));
});
afterAll(() => login.close());

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const words = fc.subarray(["read", "write", "admin"]);
const facts = {
  ...{ subject: fc.constantFrom("alice", "partner-7"), scopes: words, roles: words },
  tenant: optional(fc.constantFrom("acme", "acme", "globex")),
  addresses: fc.option(fc.subarray(["192.0.2.0/24", "192.0.2.1", "10.0.0.0/8", "0.0.0.0/0"], { minLength: 1 }), {
    nil: undefined,
    freq: 2,
  }),
};
const person: fc.Arbitrary<Party> = fc.record({
  ...facts,
  source: fc.constantFrom("staff", "staff", "staff", "staff", "strangers"),
  kind: fc.constantFrom("user", "user", "client", "unknown" as const),
  expiresAt: fc.constantFrom(NOW - 1, NOW, NOW + 1, NOW + 90, NOW + 3600, NOW + 3600, NOW + 3600),
});
const key: fc.Arbitrary<Party> = fc.record({
  ...facts,
  ...{ source: fc.constant("partners"), kind: fc.constant("client" as const) },
  expiresAt: optional(fc.constantFrom(NOW + 60, NOW + 299, NOW + 3600)),
});
const asked: fc.Arbitrary<Asked> = fc.record({
  client: fc.constantFrom(...CLIENTS, CLIENTS[0] as Client, CLIENTS[0] as Client),
  subject: fc.oneof({ weight: 3, arbitrary: person }, key),
  actor: fc.option(key, { nil: undefined, freq: 2 }),
  scope: fc.option(fc.subarray(["read", "write", "admin"], { minLength: 1, maxLength: 2 }), {
    nil: undefined,
    freq: 2,
  }),
  resource: optional(fc.constantFrom(...RESOURCES, "https://evil.example")),
});

async function credentialOf(party: Party): Promise<{ readonly token: string; readonly type: string }> {
  const { source, subject, kind, scopes, roles, tenant, addresses, expiresAt } = party;
  if (source === "partners") {
    const limits = { ...(tenant && { tenant }), ...(addresses && { addresses: [...addresses] }) };
    const expiresIn = expiresAt === undefined ? {} : { expiresIn: expiresAt - NOW };
    const { key: token } = await keys.issue({
      subject,
      scopes: [...scopes],
      roles: [...roles],
      ...limits,
      ...expiresIn,
    });
    return { token, type: TYPES.key };
  }
  const payload = claims({
    ...{ iss: source === "staff" ? STAFF : STRANGERS, sub: subject, scope: scopes.join(" "), roles, exp: expiresAt },
    ...{ tenant, addresses, kind: kind === "unknown" ? undefined : kind },
  });
  return { token: mint(staffKey, payload), type: TYPES.jwt };
}

let count = 0;
async function ask({ client, subject, actor, scope, resource }: Asked) {
  const [of, by] = [await credentialOf(subject), actor && (await credentialOf(actor))];
  const assertion = { iss: client.id, sub: client.id, aud: ISSUER, jti: `model-${count++}`, iat: NOW, exp: NOW + 60 };
  return login.send("POST /token", {
    form: {
      ...{ grant_type: EXCHANGE, client_assertion_type: ASSERTION },
      client_assertion: mint(clientKey, assertion, { alg: "ES256", kid: clientKey.jwk.kid }),
      ...{ subject_token: of.token, subject_token_type: of.type },
      ...(by && { actor_token: by.token, actor_token_type: by.type }),
      ...(scope && { scope: scope.join(" ") }),
      ...(resource && { resource }),
    },
  });
}

/** What has to happen at least once, so that the comparison shows something. */
const ALL = ["granted", "invalid_grant", "invalid_scope", "invalid_target", "unauthorized_client"];
const found = new Set<string>();

async function compare(question: Asked): Promise<void> {
  const server = {
    issuer: ISSUER,
    resources: RESOURCES,
    tokenLifetime: 300,
    now: NOW,
    address: "192.0.2.1",
    sources: ["staff", "partners"],
  };
  const expected: Outcome = outcomeOf(question, server);
  const { status, json } = await ask(question);
  const parties = question.actor ? [question.subject, question.actor] : [question.subject];
  const shown = JSON.stringify({ expected, json: { ...json, access_token: undefined } });
  found.add(status === 200 ? "granted" : String(json.error));
  if ("errors" in expected) {
    expect(expected.errors, shown).toContain(json.error);
    return;
  }
  expect(status, shown).toBe(200);
  const token = decodeJwt(String(json.access_token));
  const { granted } = expected;
  expect(token, shown).toMatchObject({ iss: ISSUER, client_id: question.client.id, iat: NOW });
  const { sub, aud, kind, tenant, act, exp } = token as Record<string, unknown>;
  const list = (value: unknown) => (typeof value === "string" ? value.split(" ").filter(Boolean) : (value ?? []));
  const scopes = (list(token.scope) as string[]).toSorted();
  const roles = (list(token.roles) as string[]).toSorted();
  const actor = (act as { readonly sub: string } | undefined)?.sub;
  expect({ sub, aud, kind: kind ?? "unknown", tenant, act: actor, exp, scopes, roles }, shown).toEqual({
    ...granted,
    ...{ scopes: granted.scopes.toSorted(), roles: granted.roles.toSorted() },
  });
  expect(json.expires_in, shown).toBe(granted.exp - NOW);
  // A token without addresses may be used from everywhere.
  const limits = token.addresses as readonly string[] | undefined;
  for (const address of ADDRESSES) {
    const isAllowed = limits === undefined || limits.some((range) => isInRange(address, range));
    expect([address, isAllowed], `${shown} ${limits}`).toEqual([address, mayBeAt(address, parties)]);
  }
}

test("a token has what its credentials have together, within what was asked for and what the client may", async () => {
  vi.setSystemTime(NOW * 1000);
  await fc.assert(fc.asyncProperty(asked, compare), {
    seed: 20_260_302,
    numRuns: 300,
  });
  expect([...found].toSorted()).toEqual(ALL.toSorted());
});

import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { authorize } from "../../../functions/authorizer/authorize.ts";
import { decide } from "../../../functions/authorizer/decide.ts";
import { OAuthError } from "../../../functions/federation/http/oauth-error.ts";
import { tokenFacts } from "../../../functions/federation/token/token-facts.ts";
import { issueSamlCredential } from "../../../local/stage/saml/identity-provider.ts";
import { createProviders } from "../../../providers/registry.ts";
import { parseConfig } from "../../../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { configOf, NOW, requestFor, user } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { AUDIENCE, claims, ecKey, mint, rsaKey, ISSUER as STAFF } from "../../providers/jwt/mint.ts";
import { type Answered, createHarness, type Harness, IDP, ISSUER, REDIRECT, RESOURCE } from "./harness.ts";

/* What a credential may not do, the token that it was exchanged for may not do either. */

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const API_KEY = "urn:sallyport:token-type:api-key";
const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const [clientKey, staffKey] = [ecKey(), rsaKey()];
const keySet = ({ jwk }: { readonly jwk: object }) => ({ jwks: { keys: [jwk as { kty: string }] } });
const staff = {
  ...{ issuer: STAFF, audience: AUDIENCE, keys: keySet(staffKey) },
  claims: { roles: ["roles"], tenant: "tenant", attributes: { department: "department" } },
};

let keys: KeyTableFixture;
let login: Harness;
let published: readonly object[];

beforeAll(async () => {
  keys = await createKeyTableFixture();
  login = await createHarness((config) => ({
    ...config,
    apiKeys: keys.config,
    jwt: { issuers: [staff] },
    saml: {
      ...(config.saml as NonNullable<typeof config.saml>),
      identityProviders: (config.saml?.identityProviders ?? []).map((entry) => ({
        ...entry,
        attributes: { ...entry.attributes, attributes: { department: "department" } },
      })),
    },
    federation: {
      ...(config.federation as NonNullable<typeof config.federation>),
      subjectTokens: [
        { name: "staff", issuer: STAFF },
        { name: "partners", issuer: "api-keys:live" },
      ],
      clients: [
        { id: "web", redirectUris: [REDIRECT] },
        { id: "service", grants: ["exchange"], authentication: keySet(clientKey) },
      ],
    },
  }));
  published = await login.services.signer.published();
});
afterAll(() => login.close());
beforeEach(() => {
  login.told.length = 0;
});

type Rules = SallyportConfig["routes"];
const orders: Rules[number] = { name: "orders", methods: ["GET"], paths: ["/orders"] };
const denying = (requirement: object): Rules => [
  orders,
  { name: "no", effect: "deny", methods: ["GET"], paths: ["/orders"], ...requirement },
];

/** The API's authorizer: it takes what the login verifies, and the login's tokens. */
const apiOf = (routes: Rules): Config =>
  parseConfig({
    apiKeys: keys.config,
    jwt: {
      issuers: [
        staff,
        { issuer: ISSUER, audience: RESOURCE, preset: "sallyport", keys: { jwks: { keys: published as never } } },
      ],
    },
    saml: {
      ...{ audience: "https://api.example.com/saml", recipients: "https://api.example.com/saml/acs" },
      identityProviders: [
        {
          ...{ issuer: IDP, certificates: [login.acme.certificate], fixed: { tenant: "acme" } },
          attributes: { scopes: ["scopes"], roles: ["roles"], attributes: { department: "department" } },
        },
      ],
    },
    routes,
  });

async function decisionOn(routes: Rules, ...credentials: readonly ["bearer" | "saml" | "api-key", string][]) {
  const config = apiOf(routes);
  const presented = credentials.map(([scheme, value], place) => ({
    ...{ scheme, value },
    location: { in: "header" as const, name: place === 0 ? "authorization" : "x-api-key" },
  }));
  const { decision } = await authorize(
    requestFor("GET", "/orders", { credentials: presented }),
    { config, providers: createProviders(config) },
    new AbortController().signal,
  );
  return "reason" in decision ? `${decision.outcome} ${decision.reason}` : decision.outcome;
}

let count = 0;
const exchange = (routes: Rules, form: Readonly<Record<string, string>>) => {
  const assertion = mint(
    clientKey,
    { iss: "service", sub: "service", aud: ISSUER, jti: `assertion-${count++}`, iat: NOW, exp: NOW + 60 },
    { alg: "ES256", kid: clientKey.jwk.kid },
  );
  const client = { client_assertion_type: ASSERTION, client_assertion: assertion };
  const replaced = { routes: configOf({ routes }).routes };
  return login.send(
    "POST /token",
    { form: { grant_type: EXCHANGE, subject_token_type: JWT, ...client, ...form } },
    replaced,
  );
};
const staffToken = (overrides: object = {}) => mint(staffKey, claims({ roles: ["buyer"], ...overrides }));
const issued = async (options: Parameters<KeyTableFixture["issue"]>[0]) => (await keys.issue(options)).key;
const tokenOf = ({ json }: Answered) => String(json.access_token);

describe("no token for whom a denying rule applies to, and would not apply to the token: a rule by", () => {
  test.each([
    ["a role of the actor", { roles: { anyOf: ["blocked"] } }],
    ["the issuer of the actor", { issuers: ["api-keys:live"] }],
    ["the issuer of the subject", { issuers: [STAFF] }],
    ["the tenant of the actor", { tenants: ["evil"] }],
    ["the kind client, which the actor is", { kind: "client" }],
    ["the provider of the actor", { credentials: { anyOf: ["api-key"] } }],
    ["a role of the subject that the actor has not", { roles: { anyOf: ["suspended"] } }],
    ["an attribute of the subject", { attributes: { department: ["contract*"] } }],
    ["several of these", { attributes: { department: ["contractor"] }, roles: { anyOf: ["blocked"] } }],
  ])("%s", async (_, requirement) => {
    const routes = denying(requirement);
    const subject = staffToken({ roles: ["buyer", "suspended"], department: "contractor" });
    const actor = await issued({ subject: "p", roles: ["buyer", "blocked"], tenant: "evil" });
    expect(await decisionOn(routes, ["bearer", subject], ["api-key", actor])).toBe("deny route_denied");
    const answer = await exchange(routes, {
      ...{ subject_token: subject, actor_token: actor, actor_token_type: API_KEY },
    });
    expect(answer).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect(login.told.join()).toContain("denial_lost");
  });

  test("what another credential of a later request may complete", async () => {
    // Alone, the subject is not denied; beside a blocked key, it is. So must its token be.
    const routes = denying({ attributes: { department: ["contractor"] }, roles: { anyOf: ["blocked"] } });
    const subject = staffToken({ department: "contractor" });
    const key = await issued({ subject: "p", roles: ["buyer", "blocked"] });
    expect(await decisionOn(routes, ["bearer", subject])).toBe("allow");
    expect(await decisionOn(routes, ["bearer", subject], ["api-key", key])).toBe("deny route_denied");
    expect(await exchange(routes, { subject_token: subject })).toMatchObject({ json: { error: "invalid_grant" } });
  });

  test.each([
    ["an attribute", { attributes: { department: ["contractor"] } }, {}],
    ["a scope that was not asked for", { scopes: { anyOf: ["trial"] } }, { scope: "orders:read" }],
    ["the issuer", { issuers: [IDP] }, {}],
    ["the provider", { credentials: { anyOf: ["saml"] } }, {}],
  ])("%s, after a login", async (_, requirement, query) => {
    const routes = denying(requirement);
    const attributes = { department: "contractor", scopes: "orders:read trial" };
    const assertion = issueSamlCredential(login.acme, {
      ...{ issuer: IDP, subject: "alice", time: NOW, attributes },
      ...{ audience: "https://api.example.com/saml", recipient: "https://api.example.com/saml/acs" },
    });
    expect(await decisionOn(routes, ["saml", assertion])).toBe("deny route_denied");
    const replaced = { routes: configOf({ routes }).routes };
    const begun = await login.begin(query);
    const answer = await login.post(begun, login.respond(begun, { attributes }), {}, replaced);
    const form = { grant_type: "authorization_code", client_id: "web", code: answer.to.get("code") ?? "" };
    expect(
      await login.send("POST /token", { form: { ...form, code_verifier: begun.verifier } }, replaced),
    ).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect(login.told.join()).toContain("denial_lost");
  });

  test("but a token where the rule applies to the token too, or to nobody who is there", async () => {
    const subject = staffToken({ roles: ["buyer", "suspended"] });
    for (const requirement of [
      { roles: { anyOf: ["suspended"] } },
      { issuers: [STAFF, ISSUER] },
      { attributes: { department: ["contractor"] } },
      { kind: "client" },
      { authentication: { contexts: ["urn:weak"] } },
    ]) {
      const routes = denying(requirement);
      const direct = await decisionOn(routes, ["bearer", subject]);
      const token = tokenOf(await exchange(routes, { subject_token: subject }));
      expect([requirement, await decisionOn(routes, ["bearer", token])]).toEqual([requirement, direct]);
    }
  });
});

describe("a list is never narrowed to none, which would no longer limit: no token", () => {
  const both: Rules = [
    {
      ...{ name: "orders", methods: ["GET"], paths: ["/orders"] },
      ...{ credentials: { allOf: ["jwt", "api-key"] }, scopes: { anyOf: ["transfer"] } },
    },
  ];

  test.each([
    ["by a scope that the subject has not", { scope: "transfer" }, "invalid_scope"],
    ["by an actor with other scopes", { actor: "scopes" }, "invalid_scope"],
    ["by an actor with other roles", { actor: "roles" }, "invalid_grant"],
  ])("%s", async (_, { actor, ...form }: { actor?: string; scope?: string }, error) => {
    const subject = staffToken({ scope: "orders:read" });
    const key = await issued({ subject: "p", scopes: ["transfer"] });
    expect(await decisionOn(both, ["bearer", subject], ["api-key", key])).toBe("deny route_not_granted");
    const options = actor === "roles" ? { roles: ["partner"] } : { scopes: ["transfer"] };
    const acting = actor ? { actor_token: await issued({ subject: "p", ...options }), actor_token_type: API_KEY } : {};
    const answer = await exchange(both, { subject_token: subject, ...form, ...acting });
    expect(answer).toMatchObject({ status: 400, json: { error } });
    expect(answer.json.access_token).toBeUndefined();
  });

  test("by a scope that the person who logs in has not; the code may be redeemed for others", async () => {
    const done = await login.login({ scope: "transfer orders:read" });
    expect(await login.redeem(done, { scope: "transfer" })).toMatchObject({ json: { error: "invalid_scope" } });
    expect(await login.redeem(done)).toMatchObject({ json: { scope: "orders:read" } });
  });

  test("but `openid` and its kin, which libraries send, narrow nothing", async () => {
    const subject = staffToken({ scope: "orders:read" });
    const key = await issued({ subject: "p", scopes: ["transfer"] });
    const answer = await exchange(both, { subject_token: subject, scope: "openid profile" });
    expect(answer).toMatchObject({ status: 200, json: { scope: "orders:read" } });
    expect(await decisionOn(both, ["bearer", tokenOf(answer)], ["api-key", key])).toBe("deny route_not_granted");
    const mixed = await exchange(both, { subject_token: staffToken({ scope: "a b" }), scope: "openid a" });
    expect(mixed.json.scope).toBe("a");
    expect((await login.redeem(await login.login({ scope: "openid" }))).json.scope).toBe("orders:read orders:write");
  });
});

describe("whatever the credentials, what was asked for and the rules", () => {
  const few = (...items: readonly string[]) => fc.uniqueArray(fc.constantFrom(...items), { maxLength: 2 });
  const principal = (provider: string, issuer: string, ...kinds: Principal["kind"][]) =>
    fc.record({
      ...{ provider: fc.constant(provider), issuer: fc.constant(issuer), kind: fc.constantFrom(...kinds) },
      ...{ subject: fc.constantFrom("alice", "partner"), scopes: few("s1", "s2"), roles: few("r1", "r2") },
      tenant: fc.constantFrom(undefined, "acme", "acme", "globex"),
      attributes: fc.constantFrom<Principal["attributes"]>({}, { department: "contractor" }),
    });
  const whole = (made: object): Principal => user(JSON.parse(JSON.stringify(made)));
  const list = (...items: readonly string[]) =>
    fc.tuple(fc.constantFrom("anyOf", "allOf"), fc.uniqueArray(fc.constantFrom(...items), { minLength: 1 }));
  const requirements = fc.record(
    {
      roles: list("r1", "r2").map(([form, items]) => ({ [form]: items })),
      scopes: list("s1", "s2").map(([form, items]) => ({ [form]: items })),
      tenants: fc.constantFrom(["acme"], ["globex"]),
      kind: fc.constantFrom("user", "client"),
      attributes: fc.constant({ department: ["contractor"] }),
    },
    { requiredKeys: [] },
  );
  const allowing = fc.tuple(
    requirements,
    fc.constantFrom({}, { credentials: { allOf: ["jwt", "api-key"] } }, { credentials: { anyOf: ["jwt"] } }),
  );
  const denials = fc.tuple(
    requirements,
    fc.constantFrom(
      ...[{}, { issuers: [STAFF] }, { issuers: ["api-keys:live"] }, { issuers: [STAFF, ISSUER] }],
      ...[{ credentials: { anyOf: ["saml"] } }, { credentials: { allOf: ["jwt", "api-key"] } }],
    ),
  );

  const tokenIn = (
    config: Config,
    ...[subject, actor, scopes]: readonly [Principal, Principal | undefined, readonly string[] | undefined]
  ): Principal | undefined => {
    const clientOfToken = { ...(login.services.config.clients[0] as never as object), scopes: undefined } as never;
    const asked = { client: clientOfToken, scopes, subject: { source: "staff", principal: subject } };
    const services = { config: login.services.config, merge: config.merge, routes: config.routes };
    try {
      const acting = actor && { source: "partners", principal: actor };
      const { sub, actor: _, ...facts } = tokenFacts({ ...asked, actor: acting }, services);
      return { provider: "jwt", issuer: ISSUER, subject: sub, attributes: {}, ...facts };
    } catch (error) {
      if (error instanceof OAuthError) return undefined;
      throw error;
    }
  };
  const opens = (config: Config, ...principals: readonly Principal[]) =>
    decide(requestFor("GET", "/orders"), principals, config).outcome === "allow";

  test("a token opens no route, alone or beside another credential, that what it was made of did not", () => {
    let tokens = 0;
    fc.assert(
      fc.property(
        fc.constantFrom("intersection" as const, "union" as const),
        fc.array(allowing, { minLength: 1, maxLength: 2 }),
        fc.array(denials, { maxLength: 2 }),
        principal("jwt", STAFF, "user", "unknown"),
        fc.option(principal("api-key", "api-keys:live", "client"), { nil: undefined }),
        fc.option(few("s1", "s2", "s3"), { nil: undefined }),
        principal("api-key", "api-keys:live", "client"),
        (scopes, allowed, denied, ofSubject, ofActor, asked, ofOther) => {
          const rule = (effect: "allow" | "deny") => (parts: readonly object[], place: number) => ({
            ...{ name: `${effect}-${place}`, effect, methods: ["GET"], paths: ["/orders"] },
            ...Object.assign({}, ...parts),
          });
          const routes = [...allowed.map(rule("allow")), ...denied.map(rule("deny"))] as unknown as Rules;
          const config = configOf({ merge: { scopes }, routes });
          const [subject, actor, other] = [whole(ofSubject), ofActor && whole(ofActor), whole(ofOther)];
          // As `scopesOf` has it: none of an API was asked for.
          const token = tokenIn(config, subject, actor, asked?.length === 0 ? undefined : asked);
          if (!token) return;
          tokens++;
          const before = actor ? [subject, actor] : [subject];
          if (opens(config, token)) expect(opens(config, ...before)).toBe(true);
          // With `union`, scopes of an actor count for the subject. Two clients are no caller.
          if (scopes === "union" && actor) return;
          if (opens(config, token, other)) expect(opens(config, subject, other)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
    expect(tokens).toBeGreaterThan(300);
  });
});

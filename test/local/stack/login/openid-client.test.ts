import * as client from "openid-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import { answeredBy } from "./without-scripts.ts";

/** The login with a certified client that knows nothing of it: discovery, code with PKCE, exchange, revocation. */

let stack: LocalStack;
let configuration: client.Configuration;
beforeAll(async () => {
  stack = await startLocalStack({ template: "template.yaml" });
  configuration = await client.discovery(new URL(stack.login?.issuer ?? ""), "web", undefined, client.None(), {
    // Plain http, on this machine.
    execute: [client.allowInsecureRequests],
  });
});
afterAll(() => stack.close());

const redirectUri = () => `${stack.login?.page}/callback`;

async function begin(scope?: string) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(configuration, {
    ...{ redirect_uri: redirectUri(), connection: "main", state, code_challenge_method: "S256" },
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    ...(scope !== undefined && { scope }),
  });
  return { verifier, state, url };
}

async function logIn(person: string, scope?: string) {
  const { verifier, state, url } = await begin(scope);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  return { back: await answeredBy(person, url), checks };
}

const call = async (token: string) =>
  (await fetch(`${stack.gateway.urls.HttpApi}/tenants/acme/orders`, { headers: { Authorization: `Bearer ${token}` } }))
    .status;

test("finds the endpoints by both documents of metadata", async () => {
  const { issuer, ...endpoints } = configuration.serverMetadata();
  expect(issuer).toBe(stack.login?.issuer);
  expect(endpoints).toMatchObject({
    ...{ authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` },
    ...{ revocation_endpoint: `${issuer}/revoke`, authorization_response_iss_parameter_supported: true },
  });
  const other = await client.discovery(new URL(issuer), "web", undefined, client.None(), {
    ...{ execute: [client.allowInsecureRequests], algorithm: "oauth2" },
  });
  expect(other.serverMetadata().token_endpoint).toBe(`${issuer}/token`);
});

test("gets a token for a code with PKCE, which the API takes", async () => {
  const { back, checks } = await logIn("alice");
  const tokens = await client.authorizationCodeGrant(configuration, back, checks);
  expect(tokens).toMatchObject({ token_type: "bearer", scope: "orders:read orders:write" });
  expect(tokens.expiresIn()).toBeGreaterThan(0);
  expect(await call(tokens.access_token)).toBe(200);
});

test("gets fewer scopes if it asks for fewer", async () => {
  const { back, checks } = await logIn("alice", "orders:write");
  const tokens = await client.authorizationCodeGrant(configuration, back, checks);
  expect(tokens.scope).toBe("orders:write");
  expect(await call(tokens.access_token)).toBe(403);
});

test("is told of a code that was used, and of a wrong verifier", async () => {
  const { back, checks } = await logIn("alice");
  await client.authorizationCodeGrant(configuration, back, checks);
  const refused = { error: "invalid_grant" };
  await expect(client.authorizationCodeGrant(configuration, back, checks)).rejects.toMatchObject(refused);
  const other = await logIn("alice");
  const wrong = { ...other.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await expect(client.authorizationCodeGrant(configuration, other.back, wrong)).rejects.toMatchObject(refused);
});

test("refuses an answer whose issuer is another one (mix-up)", async () => {
  const { back, checks } = await logIn("alice");
  back.searchParams.set("iss", "https://evil.test");
  await expect(client.authorizationCodeGrant(configuration, back, checks)).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/"iss"/) },
  });
});

test("revokes a token, which the API refuses from then on, and is answered the same for one that is not known", async () => {
  const { back, checks } = await logIn("alice");
  const { access_token: token } = await client.authorizationCodeGrant(configuration, back, checks);
  await client.tokenRevocation(configuration, token);
  expect(await call(token)).toBe(401);
  await client.tokenRevocation(configuration, "unknown");
});

test("revokes a code before it is exchanged", async () => {
  const { back, checks } = await logIn("alice");
  await client.tokenRevocation(configuration, back.searchParams.get("code") ?? "");
  const refused = { error: "invalid_grant" };
  await expect(client.authorizationCodeGrant(configuration, back, checks)).rejects.toMatchObject(refused);
});

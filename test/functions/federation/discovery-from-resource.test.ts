import { createPublicKey } from "node:crypto";
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createHandler } from "../../../functions/resource-metadata/create-handler.ts";
import { createProviders } from "../../../providers/registry.ts";
import { NOW, requestFor } from "../../fixtures.ts";
import { createHarness, type Harness, ISSUER } from "./harness.ts";

/* A client that knows a resource alone finds the login (RFC 9728, RFC 8414), and gets a token that the resource takes. */

const RESOURCE = "https://mcp.example.com/orders";
let login: Harness;
beforeAll(async () => {
  const config: Parameters<typeof createHarness>[0] = (given) => {
    const { kty, n, e } = createPublicKey(process.env.SALLYPORT_TEST_SIGNING_KEY ?? "").export({ format: "jwk" });
    return {
      ...given,
      jwt: {
        issuers: [
          {
            preset: "sallyport",
            issuer: ISSUER,
            audience: RESOURCE,
            keys: { jwks: { keys: [{ kty: kty ?? "", n, e }] } },
          },
        ],
      },
      federation: {
        ...(given.federation as NonNullable<typeof given.federation>),
        resources: ["https://api.example.com", RESOURCE],
      },
      protectedResources: [{ resource: RESOURCE, scopes: ["orders:read"] }],
    };
  };
  login = await createHarness(config);
});
afterAll(() => login.close());

/** What a client fetches: of the resource, or of the login. */
async function fetched(url: string): Promise<Record<string, unknown>> {
  const { origin, pathname } = new URL(url);
  if (origin === ISSUER) return { ...(await login.send(`GET ${pathname}`)).json };
  const answer = (await createHandler(login.config)({ httpMethod: "GET", path: pathname })) as { body: string };
  return JSON.parse(answer.body);
}

test("from the resource to a token that it takes", async () => {
  const resource = await fetched("https://mcp.example.com/.well-known/oauth-protected-resource/orders");
  expect(resource).toMatchObject({ resource: RESOURCE, authorization_servers: [ISSUER] });
  const [server] = resource.authorization_servers as string[];
  const metadata = await fetched(`${server}/.well-known/oauth-authorization-server`);
  // RFC 8414 section 3.3.
  expect(metadata.issuer).toBe(server);
  expect(metadata.authorization_endpoint).toBe(`${server}/authorize`);

  const asked = await login.login({ resource: String(resource.resource), scope: "orders:read" });
  const { json } = await login.redeem(asked);
  const token = String(json.access_token);
  const { keys } = await fetched(String(metadata.jwks_uri));
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys as never }), {
    ...{ issuer: String(server), audience: RESOURCE, typ: "at+jwt", currentDate: new Date(NOW * 1000) },
  });
  expect(payload).toMatchObject({ aud: RESOURCE, scope: "orders:read" });
  expect(await calculateJwkThumbprint((keys as never)[0])).toBe((keys as { kid: string }[])[0]?.kid);
});

test("a token for another resource of the login is refused there", async () => {
  const { json } = await login.redeem(await login.login({ resource: "https://api.example.com" }));
  const [provider] = createProviders(login.config);
  const credential = {
    scheme: "bearer",
    value: String(json.access_token),
    location: { in: "header", name: "a" },
  } as const;
  const verdict = await provider?.verify(credential, requestFor("GET", "/orders"), new AbortController().signal);
  expect(verdict).toMatchObject({ reason: "token_audience_mismatch" });
});

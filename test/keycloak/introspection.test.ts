import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestEvent } from "../../local/events/rest.ts";
import type { FunctionHost } from "../../local/hosts/host.ts";
import { startWorld } from "../../local/stage/world.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { createRealm, type Realm } from "./keycloak.ts";

/**
 * Introspection by a real server, the Keycloak at `KEYCLOAK_URL`. Its access tokens are JWTs, which are asked about after
 * their signatures are verified; to an entry for opaque tokens, with a prefix before them, they are opaque.
 */
const keycloak = process.env.KEYCLOAK_URL;
const [SECRET, KEY] = ["SALLYPORT_TEST_KEYCLOAK_SECRET", "SALLYPORT_TEST_KEYCLOAK_KEY"];
const AUDIENCE = "https://api.example.com";

type Introspection = NonNullable<NonNullable<SallyportConfig["jwt"]>["issuers"][number]["introspection"]>;

let realm: Realm;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!keycloak) return;
  realm = await createRealm(keycloak);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  process.env[SECRET] = await realm.addServiceClient("api-by-secret");
  process.env[KEY] = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await realm.addServiceClient("api-by-key", {
    ...publicKey.export({ format: "jwk" }),
    kid: "k1",
    alg: "PS256",
    use: "sig",
  });
});
afterAll(async () => {
  for (const close of closing) await close();
  await realm?.remove();
  delete process.env[SECRET];
  delete process.env[KEY];
});

async function authorizerWith(introspection: Partial<Introspection>): Promise<FunctionHost> {
  const client = { clientId: "api-by-secret", secret: { environment: SECRET } };
  const world = await startWorld({
    adjust: (config) => ({
      ...config,
      jwt: {
        issuers: [
          {
            issuer: realm.url,
            audience: AUDIENCE,
            claims: { tenant: "tenant" },
            introspection: { tokens: "jwt", client, cacheAge: 0, ...introspection } as Introspection,
          },
        ],
      },
    }),
  });
  closing.push(() => world.close());
  return world.authorizer;
}

async function present(token: string, authorizer: FunctionHost) {
  const { result, log } = await authorizer.invoke(
    requestEvent({
      ...{ method: "GET", path: "/whoami", resource: "/whoami", stage: "prod", address: "203.0.113.7" },
      ...{ headers: { Authorization: `Bearer ${token}` }, time: Math.floor(Date.now() / 1000) },
    }),
  );
  const line = log.find((each) => "outcome" in each) as { outcome: string; reason?: string };
  const { context } = Object(result) as { context?: Record<string, unknown> };
  return { outcome: line.outcome, reason: line.reason, context };
}

describe.skipIf(!keycloak)("a token of Keycloak that is asked about", () => {
  test.each<[string, object]>([
    ["client_secret_basic", { clientId: "api-by-secret", secret: { environment: SECRET } }],
    ["private_key_jwt", { clientId: "api-by-key", privateKey: { environment: KEY }, algorithm: "PS256", keyId: "k1" }],
  ])("is accepted by %s, and refused after its session has ended", async (_how, client) => {
    const authorizer = await authorizerWith({ client: client as Introspection["client"] });
    const token = await realm.accessToken();
    expect(await present(token, authorizer)).toMatchObject({
      outcome: "allow",
      context: { tenant: "acme", kind: "user", issuer: realm.url },
    });
    await realm.endSessions();
    expect(await present(token, authorizer)).toMatchObject({ outcome: "unauthenticated", reason: "token_inactive" });
  });

  test("is trouble if Keycloak does not know the client", async () => {
    const authorizer = await authorizerWith({ client: { clientId: "nobody", secret: { environment: SECRET } } });
    expect(await present(await realm.accessToken(), authorizer)).toMatchObject({
      outcome: "unavailable",
      reason: "introspection_unavailable",
    });
  });

  test("proves a client if the client acts for itself", async () => {
    const authorizer = await authorizerWith({});
    const token = await realm.clientToken("api-by-secret", process.env[SECRET] ?? "");
    expect(await present(token, authorizer)).toMatchObject({ outcome: "allow", context: { kind: "client" } });
  });

  test("is refused if it is a made-up opaque token", async () => {
    const authorizer = await authorizerWith({ tokens: "opaque" });
    expect(await present("made-up-token", authorizer)).toMatchObject({
      outcome: "unauthenticated",
      reason: "token_inactive",
    });
  });
});

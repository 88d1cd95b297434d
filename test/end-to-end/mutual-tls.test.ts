import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Api, Authorizer, Route } from "../../local/gateway/api.ts";
import { type Gateway, startGateway } from "../../local/gateway/gateway.ts";
import type { Invoker } from "../../local/gateway/invoker.ts";
import type { Answer } from "../../local/hosts/host.ts";
import { createSigningIdentity, type SigningIdentity } from "../../local/stage/saml/signing.ts";
import { startWorld, type World } from "../../local/stage/world.ts";

/** Tokens that are bound to client certificates, over mutual TLS to the local gateway and the built authorizer. */

const REQUEST: Authorizer = { type: "REQUEST", function: "Authorizer", sources: [], ttl: 0 };
const ROUTES: readonly Route[] = [
  { method: "ANY", path: "/{path+}", function: "Backend", authorizer: "Sallyport", payload: "2.0" },
];
const BASE = { id: "abcdef1234", stage: "prod", stageVariables: {}, routes: ROUTES } as const;
const REST = { ...BASE, kind: "rest", gatewayResponses: {}, apiKeySource: "HEADER" } as const;
const APIS: readonly Api[] = [
  { ...REST, name: "rest", authorizers: { Sallyport: REQUEST } },
  { ...BASE, kind: "http", name: "http-1.0", authorizers: { Sallyport: { ...REQUEST, payload: "1.0" } } },
  { ...BASE, kind: "http", name: "http-2.0", authorizers: { Sallyport: { ...REQUEST, payload: "2.0" } } },
];

let world: World;
let gateway: Gateway;
let alice: SigningIdentity;
let thief: SigningIdentity;
let last: Answer | undefined;

beforeAll(async () => {
  const server = await createSigningIdentity();
  [alice, thief] = [await createSigningIdentity(), await createSigningIdentity({ curve: "P-256" })];
  world = await startWorld();
  const functions: Invoker = {
    invoke: async (name, event) => {
      if (name === "Backend") return { result: { statusCode: 200, body: "{}" } };
      last = await world.authorizer.invoke(event);
      return last;
    },
  };
  const ca = `${alice.certificate}\n${thief.certificate}`;
  gateway = await startGateway({
    apis: APIS,
    functions,
    tls: { cert: server.certificate, key: server.privateKey, ca },
  });
});
afterAll(async () => {
  await gateway?.close();
  await world?.close();
});

const thumbprint = ({ certificate }: SigningIdentity) =>
  createHash("sha256").update(new X509Certificate(certificate).raw).digest("base64url");

/** Calls an API as the owner of a certificate; resolves with the status, and the authorizer's reason or outcome. */
async function call(api: string, by: SigningIdentity, token: string, headers: Record<string, string> = {}) {
  const outgoing = request(`${gateway.urls[api]}/whoami`, {
    ...{ cert: by.certificate, key: by.privateKey, rejectUnauthorized: false, agent: false },
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
  outgoing.end();
  const [response] = await once(outgoing, "response");
  response.resume();
  const { outcome, reason, credentials } = last?.log.find((line) => "outcome" in line) ?? {};
  return { status: response.statusCode, reason: reason ?? outcome, credentials };
}

const tokenFor = (identity: SigningIdentity) =>
  world.issuersAt(Math.floor(Date.now() / 1000)).jwt({ cnf: { "x5t#S256": thumbprint(identity) } });

describe.each(["rest", "http-1.0", "http-2.0"])("%s", (api) => {
  test("accepts a token from the client whose certificate it is bound to", async () => {
    expect(await call(api, alice, await tokenFor(alice))).toMatchObject({
      status: 200,
      reason: "allow",
      credentials: [{ confirmation: ["mtls"] }],
    });
  });

  test("refuses the token from another client, who has a certificate of his own, and writes Alice's into headers", async () => {
    const token = await tokenFor(alice);
    const pem = encodeURIComponent(alice.certificate);
    const headers = { "X-Client-Cert": pem, "X-Forwarded-Client-Cert": `Cert="${pem}"`, "X-Amzn-Mtls-Clientcert": pem };
    const refused = { status: 401, reason: "token_certificate_mismatch" };
    expect(await call(api, thief, token)).toMatchObject(refused);
    expect(await call(api, thief, token, headers)).toMatchObject(refused);
    expect(await call(api, alice, token)).toMatchObject({ status: 200 });
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requestEvent } from "../../local/events/rest.ts";
import type { FunctionHost } from "../../local/hosts/host.ts";
import { LOCAL } from "../../local/stage/configuration.ts";
import { createDpopKey, dpopClient } from "../../local/stage/dpop-client.ts";
import { createSigningIdentity } from "../../local/stage/saml/signing.ts";
import { startWorld } from "../../local/stage/world.ts";
import { createRealm, type Realm } from "./keycloak.ts";

/**
 * Tests with a real identity provider, the Keycloak at `KEYCLOAK_URL`. `KEYCLOAK_USER` and `KEYCLOAK_PASSWORD` are its
 * administrator, by default admin / admin. The built authorizer uses only its metadata and its discovery document.
 */
const keycloak = process.env.KEYCLOAK_URL;
if (!keycloak) console.warn("The tests with Keycloak are skipped: KEYCLOAK_URL is not set.");

const VARIABLE = "SALLYPORT_TEST_SAML_KEY";
const ours = await createSigningIdentity();
let scene: Scene;
let folder: string;

/** A new realm, and an authorizer that trusts it. */
interface Scene {
  readonly realm: Realm;
  readonly authorizer: FunctionHost;
  close(): Promise<unknown>;
}

async function startScene(url: string): Promise<Scene> {
  const realm = await createRealm(url);
  const { stdout } = await sallyport("saml", "import", `${realm.url}/protocol/saml/descriptor`, "--follow");
  const claims = { tenant: "tenant", roles: [["realm_access", "roles"]] };
  const world = await startWorld({
    adjust: (config) => ({
      ...config,
      jwt: { issuers: [{ issuer: realm.url, audience: "https://api.example.com", claims }] },
      saml: {
        ...{ audience: "https://api.example.com/saml", recipients: "https://api.example.com/saml/acs" },
        ...(config.saml?.replayTable && { replayTable: config.saml.replayTable }),
        decryption: { keys: [{ environment: VARIABLE }] },
        identityProviders: [JSON.parse(stdout)],
      },
    }),
  });
  return { realm, authorizer: world.authorizer, close: () => Promise.all([world.close(), realm.remove()]) };
}

beforeAll(async () => {
  if (!keycloak) return;
  folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  process.env[VARIABLE] = ours.privateKey;
  scene = await startScene(keycloak);
});
afterAll(async () => {
  delete process.env[VARIABLE];
  await scene?.close();
  if (folder) await rm(folder, { recursive: true });
});

const sallyport = (...argv: string[]) => promisify(execFile)(process.execPath, ["cli/main.ts", ...argv]);
const deflated = (response: string) => deflateRawSync(Buffer.from(response, "base64")).toString("base64url");

/**
 * Sends a credential to the authorizer and returns outcome and reason of its log line, and the context.
 *
 * @param more headers beside `Authorization`, and the client certificate as PEM
 */
async function present(
  authorization: string,
  { authorizer } = scene,
  { headers = {}, clientCertPem }: { headers?: Record<string, string>; clientCertPem?: string } = {},
) {
  const event = requestEvent({
    ...{ method: "GET", path: "/whoami", resource: "/whoami", stage: "prod", address: "203.0.113.7" },
    ...{ headers: { Authorization: authorization, ...headers }, time: Math.floor(Date.now() / 1000) },
  });
  const { requestContext } = event;
  const identity = { ...requestContext.identity, clientCert: clientCertPem === undefined ? null : { clientCertPem } };
  const { result, log } = await authorizer.invoke({ ...event, requestContext: { ...requestContext, identity } });
  const line = log.find((each) => "outcome" in each) as { outcome: string; reason?: string };
  const { context } = Object(result) as { context?: Record<string, unknown> };
  return { outcome: line.outcome, reason: line.reason, context };
}

describe.skipIf(!keycloak)("a user who logs in at Keycloak", () => {
  const accepted = {
    outcome: "allow",
    context: expect.objectContaining({
      subject: "alice",
      tenant: "acme",
      roles: expect.stringMatching(/reader.*staff|staff.*reader/),
      email: "alice@example.com",
    }),
  };

  test("is accepted with the Response that the browser posts", async () => {
    expect(await present(`SAML ${await scene.realm.samlResponse()}`)).toMatchObject(accepted);
  });

  test("is accepted with a deflated Response", async () => {
    expect(await present(`SAML ${deflated(await scene.realm.samlResponse())}`)).toMatchObject(accepted);
  });

  test("is accepted with the assertion alone", async () => {
    const file = join(folder, "response");
    await writeFile(file, await scene.realm.samlResponse());
    const { stdout } = await sallyport("saml", "encode", "--assertion", file);
    expect(await present(`SAML ${stdout.trim()}`)).toMatchObject(accepted);
  });

  test("is refused with a changed Response", async () => {
    const xml = Buffer.from(await scene.realm.samlResponse(), "base64").toString();
    const changed = Buffer.from(xml.replace(">alice<", ">admin<")).toString("base64");
    expect(await present(`SAML ${deflated(changed)}`)).toMatchObject({
      outcome: "unauthenticated",
      reason: "assertion_signature_invalid",
    });
  });

  test("is accepted with an access token", async () => {
    const { outcome, context } = await present(`Bearer ${await scene.realm.accessToken()}`);
    expect(outcome).toBe("allow");
    expect(context).toMatchObject({ tenant: "acme", roles: expect.stringContaining("reader") });
  });
});

describe.skipIf(!keycloak)("a token that Keycloak binds to a DPoP key", () => {
  const whoami = { method: "GET", url: `${LOCAL.origin}/prod/whoami` };

  test("is accepted with a proof of the key and our nonce, once, and not as a bearer token", async () => {
    const client = await dpopClient(await createDpopKey());
    const token = await scene.realm.accessToken({ proof: (url) => client.proof({ method: "POST", url }) });
    const asked = await present(`DPoP ${token}`, scene, { headers: { DPoP: await client.proof(whoami, token) } });
    expect(asked).toMatchObject({ reason: "dpop_nonce_missing" });
    const nonce = asked.context?.dpopNonce;
    const headers = { DPoP: await client.proof(whoami, token, undefined, { nonce }) };
    expect(await present(`DPoP ${token}`, scene, { headers })).toMatchObject({
      outcome: "allow",
      context: { tenant: "acme" },
    });
    expect(await present(`DPoP ${token}`, scene, { headers })).toMatchObject({ reason: "dpop_proof_replayed" });
    expect(await present(`Bearer ${token}`)).toMatchObject({ reason: "dpop_scheme_missing" });
    const thief = await dpopClient(await createDpopKey());
    const stolen = { headers: { DPoP: await thief.proof(whoami, token, undefined, { nonce }) } };
    expect(await present(`DPoP ${token}`, scene, stolen)).toMatchObject({ reason: "dpop_key_mismatch" });
  });
});

/** `KEYCLOAK_TLS_URL` is the same Keycloak with https; `KEYCLOAK_TLS` a folder with its and a client's certificates. */
const { KEYCLOAK_TLS_URL: tlsUrl, KEYCLOAK_TLS: tls } = process.env;
if (keycloak && !(tlsUrl && tls)) console.warn("The tests of mutual TLS with Keycloak are skipped.");

test.skipIf(!keycloak || !tlsUrl || !tls)(
  "a token that Keycloak binds to a client certificate is accepted from this client alone",
  async () => {
    const [ca = "", cert = "", key = ""] = await Promise.all(
      ["server.pem", "client.pem", "client.key"].map((name) => readFile(join(tls ?? "", name), "utf8")),
    );
    const token = await scene.realm.accessToken({ mutualTls: { origin: tlsUrl ?? "", ca, cert, key } });
    expect(await present(`Bearer ${token}`, scene, { clientCertPem: cert })).toMatchObject({ outcome: "allow" });
    expect(await present(`Bearer ${token}`, scene, { clientCertPem: ca })).toMatchObject({
      reason: "token_certificate_mismatch",
    });
    expect(await present(`Bearer ${token}`)).toMatchObject({ reason: "token_certificate_missing" });
  },
);

describe.skipIf(!keycloak)("a Keycloak with other settings", () => {
  const body = ours.certificate.replace(/-----.*-----|\s/g, "");

  test("is accepted with assertions encrypted with AES-GCM", async () => {
    await scene.realm.changeSamlClient({
      "saml.encrypt": "true",
      "saml.encryption.certificate": body,
      "saml.encryption.algorithm": "http://www.w3.org/2009/xmlenc11#aes256-gcm",
      "saml.encryption.keyAlgorithm": "http://www.w3.org/2009/xmlenc11#rsa-oaep",
      "saml.encryption.digestMethod": "http://www.w3.org/2001/04/xmlenc#sha256",
      "saml.encryption.maskGenerationFunction": "http://www.w3.org/2009/xmlenc11#mgf1sha256",
    });
    const response = await scene.realm.samlResponse();
    expect(Buffer.from(response, "base64").toString()).toContain("EncryptedAssertion");
    expect(await present(`SAML ${deflated(response)}`)).toMatchObject({ outcome: "allow" });
    await scene.realm.changeSamlClient({ "saml.encrypt": "false" });
  });

  test("is accepted with RSA and SHA-512, and refused with SHA-1", async () => {
    await scene.realm.changeSamlClient({ "saml.signature.algorithm": "RSA_SHA512" });
    expect(await present(`SAML ${deflated(await scene.realm.samlResponse())}`)).toMatchObject({ outcome: "allow" });
    await scene.realm.changeSamlClient({ "saml.signature.algorithm": "RSA_SHA1" });
    expect(await present(`SAML ${deflated(await scene.realm.samlResponse())}`)).toMatchObject({
      reason: "assertion_algorithm_not_allowed",
    });
    await scene.realm.changeSamlClient({ "saml.signature.algorithm": "RSA_SHA256" });
  });

  test("has a one-time assertion accepted once and then refused", async () => {
    await scene.realm.changeSamlClient({ "saml.onetimeuse.condition": "true" });
    const credential = `SAML ${deflated(await scene.realm.samlResponse())}`;
    expect(await present(credential)).toMatchObject({ outcome: "allow" });
    expect(await present(credential)).toMatchObject({ outcome: "unauthenticated", reason: "assertion_replayed" });
    await scene.realm.changeSamlClient({ "saml.onetimeuse.condition": "false" });
  });

  test("is accepted after it rotates its signing key", async () => {
    // A new realm: in the shared one, a bad signature of another test may have started the cooldown for fetching
    // metadata.
    const own = await startScene(keycloak ?? "");
    const both = async () => [
      await present(`SAML ${deflated(await own.realm.samlResponse())}`, own),
      await present(`Bearer ${await own.realm.accessToken()}`, own),
    ];
    const accepted = [expect.objectContaining({ outcome: "allow" }), expect.objectContaining({ outcome: "allow" })];
    expect(await both()).toEqual(accepted);
    await own.realm.rotateKey();
    expect(await both()).toEqual(accepted);
    await own.close();
  });
});

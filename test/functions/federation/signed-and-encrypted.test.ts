import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isSignedPost, isSignedRedirect } from "../../../local/stage/saml/request-signature.ts";
import { createSigningIdentity, type SigningIdentity } from "../../../local/stage/saml/signing.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { authorizationQuery, createHarness, type Harness, ISSUER } from "./harness.ts";

/* Requests that we sign, and assertions that are encrypted for us, verified as an identity provider would. */

let ours: SigningIdentity;
let requests: SigningIdentity;
let login: Harness;
beforeAll(async () => {
  [ours, requests] = await Promise.all([createSigningIdentity(), createSigningIdentity()]);
  process.env.SALLYPORT_TEST_DECRYPTION = ours.privateKey;
  process.env.SALLYPORT_TEST_REQUESTS = requests.privateKey;
  login = await createHarness((config) => {
    const { identityProviders = [], ...saml } = config.saml ?? { audience: "", recipients: "" };
    const [acme, globex] = identityProviders;
    if (!acme?.login || !globex?.login) throw new Error("two connections");
    return {
      ...config,
      saml: {
        ...saml,
        decryption: { keys: [{ environment: "SALLYPORT_TEST_DECRYPTION" }], certificate: ours.certificate },
        identityProviders: [
          { ...acme, login: { ...acme.login, signRequest: true } },
          { ...globex, login: { ...globex.login, signRequest: true, binding: "post" } },
        ],
      },
      federation: {
        ...(config.federation as NonNullable<typeof config.federation>),
        requestSigning: { key: { environment: "SALLYPORT_TEST_REQUESTS" }, certificate: requests.certificate },
      },
    };
  });
});
afterAll(async () => {
  await login.close();
  delete process.env.SALLYPORT_TEST_DECRYPTION;
  delete process.env.SALLYPORT_TEST_REQUESTS;
});

const ask = (connection: string, replaced = {}) =>
  login.send("GET /authorize", { query: { ...authorizationQuery("a"), connection } }, replaced);

/** The certificate that our metadata name for a use. */
async function published(connection: string, use: string): Promise<string> {
  const { text } = await login.send("GET /saml/{connection}/metadata", { connection });
  const [, certificate = ""] =
    new RegExp(`<md:KeyDescriptor use="${use}">\\s*<ds:KeyInfo[^>]*><ds:X509Data><ds:X509Certificate>([^<]+)`).exec(
      text,
    ) ?? [];
  return certificate;
}

describe("a request by redirect", () => {
  test("is signed with the key of our metadata, over what is sent", async () => {
    const { to } = await ask("acme");
    const certificate = await published("acme", "signing");
    expect(isSignedRedirect(to, certificate)).toBe(true);
    for (const name of ["SAMLRequest", "RelayState", "SigAlg", "Signature"]) {
      const changed = new URLSearchParams(to);
      changed.set(name, `${to.get(name)?.slice(0, -5)}AAAA=`);
      expect([name, isSignedRedirect(changed, certificate)]).toEqual([name, false]);
    }
    expect(isSignedRedirect(to, await published("acme", "encryption"))).toBe(false);
  });

  test("is not sent without a signature if the key cannot be had: the application is told, and may ask again", async () => {
    const requestSigning = () => Promise.reject(new TroubleError("secret_unavailable"));
    const before = await login.items();
    const answer = await ask("acme", { requestSigning });
    expect(answer).toMatchObject({ status: 303, cookies: [] });
    expect(answer.to.get("error")).toBe("temporarily_unavailable");
    expect(await login.items()).toBe(before);
  });
});

describe("a request by a form", () => {
  const fieldsOf = (html: string) =>
    Object.fromEntries(
      [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map((match) => match.slice(1)),
    );

  test("is signed as a whole with the key of our metadata", async () => {
    const { SAMLRequest = "", RelayState = "", ...others } = fieldsOf((await ask("globex")).text);
    expect(others).toEqual({});
    expect(Buffer.byteLength(RelayState)).toBeLessThanOrEqual(80);
    const certificate = await published("globex", "signing");
    expect(isSignedPost(SAMLRequest, certificate)).toBe(true);
    const xml = Buffer.from(SAMLRequest, "base64").toString();
    expect(xml).toContain(`AssertionConsumerServiceURL="${ISSUER}/saml/globex/acs"`);
    const changed = xml.replace(`${ISSUER}/saml/globex/acs`, "https://evil.example/acs");
    expect(isSignedPost(Buffer.from(changed).toString("base64"), certificate)).toBe(false);
  });

  test("goes to the identity provider alone, by the one script that the page's policy allows", async () => {
    const { text, headers, status, cookies } = await ask("globex");
    expect(status).toBe(200);
    expect(cookies).toHaveLength(1);
    expect(text.match(/<form [^>]+>/g)).toEqual([`<form method="post" action="https://idp.globex.example/sso">`]);
    const policy = headers["Content-Security-Policy"] ?? "";
    const allowed = (directive: string) =>
      new RegExp(`(?:^|; )${directive} 'sha256-([^']+)'(?:;|$)`).exec(policy)?.[1] ?? `no ${directive}`;
    for (const [element, directive] of [
      ["script", "script-src"],
      ["style", "style-src"],
    ] as const) {
      const [, content = ""] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(text) ?? [];
      expect(content).not.toBe("");
      expect(allowed(directive)).toBe(createHash("sha256").update(content).digest("base64"));
      expect(text.split(`<${element}`)).toHaveLength(2);
    }
    expect(policy).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
    expect(policy).not.toContain("unsafe");
    // No handler beside the script, which the policy would forbid.
    expect(text).not.toMatch(/ on\w+=/);
    expect(text).toContain("<button>");
  });

  test("a login that began so ends in a code", async () => {
    const { text, cookies } = await ask("globex");
    const { SAMLRequest = "", RelayState = "" } = fieldsOf(text);
    const requestId = / ID="([^"]+)"/.exec(Buffer.from(SAMLRequest, "base64").toString())?.[1] ?? "";
    const [cookie = ""] = (cookies[0] ?? "").split(";");
    const begun = { relayState: RelayState, requestId, cookie, verifier: "a", request: "" };
    const own = {
      ...{ issuer: "https://idp.globex.example", audience: `${ISSUER}/saml/globex/metadata` },
      recipient: `${ISSUER}/saml/globex/acs`,
    };
    const answer = await login.post(begun, "", {
      connection: "globex",
      form: { SAMLResponse: login.respond(begun, own, {}, login.globex), RelayState },
    });
    expect(answer.to.get("code")).toBeTruthy();
  });
});

test("metadata name the key of requests only where requests are signed", async () => {
  const plain = await createHarness();
  const { text } = await plain.send("GET /saml/{connection}/metadata", { connection: "acme" });
  expect(text).toContain('AuthnRequestsSigned="false"');
  expect(text).not.toContain("KeyDescriptor");
});

describe("an encrypted assertion", () => {
  test("logs a person in, up to the token, and node-saml is not asked about what it does not read", async () => {
    login.events.length = 0;
    const begun = await login.begin();
    const certificate = `-----BEGIN CERTIFICATE-----\n${await published("acme", "encryption")}\n-----END CERTIFICATE-----`;
    const response = login.respond(begun, {}, { encryptFor: certificate });
    expect(Buffer.from(response, "base64").toString()).not.toContain("alice");
    const answer = await login.post(begun, response);
    const token = await login.redeem({ code: answer.to.get("code") ?? "", verifier: begun.verifier });
    expect(token).toMatchObject({ status: 200, json: { scope: "orders:read orders:write" } });
    expect(login.events.map(({ name }) => name)).toEqual(["LoginSucceeded"]);
  });

  test("is good for one code, also by two posts at the same time", async () => {
    const begun = await login.begin();
    const response = login.respond(begun, {}, { encryptFor: ours.certificate });
    const answers = await Promise.all([1, 2, 3].map(() => login.post(begun, response)));
    expect(answers.filter(({ to }) => to.has("code"))).toHaveLength(1);
  });

  test.each([
    ["for somebody else's key", { encryptFor: "other" }, "assertion_decryption_failed"],
    ["without a signature inside", { encryptFor: "ours", sign: [] }, "assertion_unsigned"],
  ] as const)("%s is refused", async (_, { encryptFor, ...form }, reason) => {
    login.events.length = 0;
    const { certificate } = encryptFor === "ours" ? ours : await createSigningIdentity();
    const begun = await login.begin();
    const answer = await login.post(begun, login.respond(begun, {}, { ...form, encryptFor: certificate }));
    expect(answer.to.get("error")).toBe("access_denied");
    expect(login.events.at(-1)?.detail).toMatchObject({ reason });
  });
});

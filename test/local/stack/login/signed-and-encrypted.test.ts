import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import { createSigningIdentity } from "../../../../local/stage/saml/signing.ts";
import { authorizationQuery } from "../../../functions/federation/harness.ts";
import { cookieOf, field, form } from "./without-scripts.ts";

/** A login whose requests are signed, by a form, and whose assertions are encrypted, at the local identity provider. */

let folder: string;
let stack: LocalStack;
let settings: { readonly issuer: string; readonly clientId: string; readonly redirectUri: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-login-"));
  const { certificate } = await createSigningIdentity();
  const [, example = ""] =
    /## Configure it[\s\S]+?```ts\n([\s\S]+?)```/.exec(await readFile("docs/federation.md", "utf8")) ?? [];
  const key = '{ secretsManager: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key" }';
  const text = JSON.stringify(certificate);
  const changed = example
    .replace('"./shared', `"${resolve("shared")}`)
    .replace(/login: \{ connection: "acme"/, '$&, binding: "post", signRequest: true')
    .replace("saml: {", `$& decryption: { keys: [${key}], certificate: ${text} },`)
    .replace("federation: {", `$& requestSigning: { key: ${key}, certificate: ${text} },`);
  await writeFile(join(folder, "own.config.ts"), changed);
  stack = await startLocalStack({ template: "template.yaml", project: join(folder, "own.config.ts") });
  const page = await (await fetch(stack.login?.page ?? "")).text();
  settings = JSON.parse(/id="settings">(.+?)<\/script>/.exec(page)?.[1] ?? "null");
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

/** What the page of the login posts to the identity provider. */
async function begin() {
  const own = { client_id: settings.clientId, redirect_uri: settings.redirectUri };
  const query = new URLSearchParams({ ...authorizationQuery("a".repeat(43)), ...own });
  const answer = await fetch(`${settings.issuer}/authorize?${query}`);
  const page = await answer.text();
  const fields = { SAMLRequest: field(page, "SAMLRequest"), RelayState: field(page, "RelayState") };
  return { cookie: cookieOf(answer), sso: /action="([^"]+)"/.exec(page)?.[1] ?? "", fields };
}

test("ends in a code: the identity provider verifies the request, and encrypts the assertion", async () => {
  const { cookie, sso, fields } = await begin();
  const shown = await fetch(sso, form(fields));
  expect(shown.status).toBe(200);
  const asked = { ...fields, binding: "post", person: "alice" };
  const page = await (await fetch(new URL("/login/answer", sso), form(asked))).text();
  const answer = { SAMLResponse: field(page, "SAMLResponse"), RelayState: field(page, "RelayState") };
  const xml = Buffer.from(answer.SAMLResponse, "base64").toString();
  expect(xml).toContain("EncryptedAssertion");
  expect(xml).not.toContain("alice");
  const consumer = /action="([^"]+)"/.exec(page)?.[1] ?? "";
  const consumed = await fetch(consumer, { ...form(answer), headers: { Cookie: cookie } });
  expect(new URL(consumed.headers.get("location") ?? "").searchParams.get("code")).toBeTruthy();
});

test("does not begin with a request that is changed, or has no signature", async () => {
  const { sso, fields } = await begin();
  const xml = Buffer.from(fields.SAMLRequest, "base64").toString();
  for (const changed of [xml.replace(/<Signature[\s\S]+<\/Signature>/, ""), xml.replace(/ ID="_./, ' ID="_x')]) {
    expect(changed).not.toBe(xml);
    const answer = await fetch(sso, form({ ...fields, SAMLRequest: Buffer.from(changed).toString("base64") }));
    expect(answer.status).toBe(400);
  }
});

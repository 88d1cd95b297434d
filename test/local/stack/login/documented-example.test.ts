import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import { dynamoDbKeyTable } from "../../../../providers/api-key/management/dynamodb-key-table.ts";
import { issueApiKey, type KeyOptions } from "../../../../providers/api-key/management/issue.ts";
import type { ApiKeysConfig } from "../../../../shared/domain/config/api-keys.ts";
import { answeredBy, form } from "./without-scripts.ts";

/** docs/federation.md: its configuration as `npm start` takes it, whose tables no template has, and its commands. */

let folder: string;
let stack: LocalStack;
let text: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-login-"));
  text = await readFile("docs/federation.md", "utf8");
  const [example = "", services = ""] = [...text.matchAll(/^```ts\n(.+?)^```$/gms)].map(([, block = ""]) => block);
  // The second block shows members of the first one's `federation`.
  const [, members = ""] = /as above, and:\n(.+)^\},$/ms.exec(services) ?? [];
  const project = join(folder, "own.config.ts");
  const whole = example
    .replace('"./shared', `"${resolve("shared")}`)
    .replace(/^ {4}clients: .+\n/m, members)
    .replace("issuers: [", 'issuers: [{ issuer: "https://id.example.com", audience: "https://api.example.com" }, ')
    .replace(
      /^ {2}jwt:/m,
      '  apiKeys: { table: "keys", peppers: [{ id: "p1", secret: { environment: "P" } }] },\n  jwt:',
    );
  await writeFile(project, whole);
  stack = await startLocalStack({ template: "template.yaml", project });
  // Keys are issued here with the pepper of the functions.
  Object.assign(process.env, stack.access.environment);
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

async function keyOf(options: Partial<KeyOptions>): Promise<string> {
  const config = stack.config.apiKeys as ApiKeysConfig;
  const change = { by: "test", time: Math.floor(Date.now() / 1000) };
  return (await issueApiKey({ name: "Key", ...options }, config, dynamoDbKeyTable(config.table), change)).key;
}

/** Sends what a command of the page sends, with values in place of its variables. */
async function run(nth: number, variables: Readonly<Record<string, string>>) {
  const [, section = ""] = text.split("\n## Ask for a token\n");
  const command = [...section.matchAll(/^```sh\n(.+?)^```$/gms)][nth]?.[1] ?? "";
  const filled = command.replace(/\$([A-Z_]+)/g, (_, name) => variables[name] ?? "");
  const [, path = ""] = /login\.example\.com(\/\w+)/.exec(filled) ?? [];
  const fields = Object.fromEntries([...filled.matchAll(/-d (\w+)=(\S*)/g)].map(([, name, value]) => [name, value]));
  const [, basic] = /-u (\S+)/.exec(filled) ?? [];
  const authorization = basic && { Authorization: `Basic ${Buffer.from(basic).toString("base64")}` };
  const answer = await fetch(`${stack.login?.issuer}${path}`, { ...form(fields), headers: { ...authorization } });
  const body = await answer.text();
  return { status: answer.status, ...(body === "" ? {} : (JSON.parse(body) as object)) } as Readonly<
    Record<string, unknown>
  >;
}

test("a person logs in, and the API takes the token", async () => {
  const page = await (await fetch(stack.login?.page ?? "")).text();
  const { issuer, clientId, redirectUri } = JSON.parse(/id="settings">(.+?)<\/script>/.exec(page)?.[1] ?? "null");
  const begin = new URL(`${issuer}/authorize`);
  // The example of RFC 7636, appendix B.
  const [VERIFIER, code_challenge] = [
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  ];
  const fields = { response_type: "code", client_id: clientId, redirect_uri: redirectUri, connection: "acme" };
  begin.search = String(new URLSearchParams({ ...fields, code_challenge, code_challenge_method: "S256", state: "s" }));
  const CODE = (await answeredBy("alice", begin)).searchParams.get("code") ?? "";
  const { access_token } = await run(0, { CODE, VERIFIER });
  const headers = { Authorization: `Bearer ${access_token}` };
  const statuses = ["acme", "globex"].map(async (tenant) => {
    return (await fetch(`${stack.gateway.urls.RestApi}/tenants/${tenant}/orders`, { headers })).status;
  });
  expect(await Promise.all(statuses)).toEqual([200, 403]);
});

test("a service exchanges a user's token, alone and with a partner who acts, and revokes what it got", async () => {
  const GATEWAY_KEY = await keyOf({ subject: "gateway" });
  const PARTNER_KEY = await keyOf({ subject: "partner", tenant: "acme", scopes: ["orders:write"] });
  const asked = "iss=https://id.example.com&scope=orders:read+orders:write&tenant=acme";
  const USER_TOKEN = await (await fetch(`${stack.issuers}/jwt?${asked}`)).text();
  const alone = await run(1, { GATEWAY_KEY, USER_TOKEN });
  expect(alone).toMatchObject({ status: 200, scope: "orders:read" });
  const acted = await run(2, { GATEWAY_KEY, USER_TOKEN, PARTNER_KEY });
  expect(acted).toMatchObject({ status: 200, scope: "orders:write" });
  expect(decodeJwt(String(acted.access_token))).toMatchObject({ sub: "staff:alice", act: { sub: "partners:partner" } });
  expect(await run(4, { GATEWAY_KEY, TOKEN: String(acted.access_token) })).toMatchObject({
    error: "unsupported_token_type",
  });
});

test("an assertion for the API is none for the token endpoint", async () => {
  const GATEWAY_KEY = await keyOf({ subject: "gateway" });
  const ASSERTION = await (await fetch(`${stack.issuers}/saml`)).text();
  expect(await run(3, { GATEWAY_KEY, ASSERTION })).toMatchObject({ status: 400, error: "invalid_grant" });
});

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalStack, startLocalStack } from "../../../../local/stack/local-stack.ts";
import { answeredBy, form } from "./without-scripts.ts";

/** The configuration of docs/federation.md as `npm start` takes it: the names of its tables are those of no template. */

let folder: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-login-"));
  const [, example = ""] =
    /## Configure it[\s\S]+?```ts\n([\s\S]+?)```/.exec(await readFile("docs/federation.md", "utf8")) ?? [];
  const project = join(folder, "own.config.ts");
  await writeFile(project, example.replace('"./shared', `"${resolve("shared")}`));
  stack = await startLocalStack({ template: "template.yaml", project });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

test("ends in a token that the API takes", async () => {
  const page = await (await fetch(stack.login?.page ?? "")).text();
  const { issuer, clientId, redirectUri } = JSON.parse(/id="settings">(.+?)<\/script>/.exec(page)?.[1] ?? "null");
  const begin = new URL(`${issuer}/authorize`);
  // The example of RFC 7636, appendix B.
  const [code_verifier, code_challenge] = [
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  ];
  const fields = { response_type: "code", client_id: clientId, redirect_uri: redirectUri, connection: "acme" };
  begin.search = String(new URLSearchParams({ ...fields, code_challenge, code_challenge_method: "S256", state: "s" }));
  const code = (await answeredBy("alice", begin)).searchParams.get("code") ?? "";
  const asked = { grant_type: "authorization_code", client_id: clientId, code, code_verifier };
  const { access_token } = (await (await fetch(`${issuer}/token`, form(asked))).json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${access_token}` };
  const statuses = ["acme", "globex"].map(async (tenant) => {
    return (await fetch(`${stack.gateway.urls.RestApi}/tenants/${tenant}/orders`, { headers })).status;
  });
  expect(await Promise.all(statuses)).toEqual([200, 403]);
});

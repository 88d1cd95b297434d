import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import createClient from "openapi-fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATIONS } from "../../../functions/api-keys/answer-request.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import type { paths } from "./openapi-types.d.ts";

/** The admin API behind the local gateway, with a client that is generated from its document. */

let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ template: "template.yaml", parameters: { ReauthorizeEvery: "0" } });
});
afterAll(() => stack.close());

const credential = async (page: string) => (await fetch(stack.issuers + page)).text();
const clientWith = (authorization: string) =>
  createClient<paths>({ baseUrl: stack.gateway.urls.KeysApi ?? "", headers: { Authorization: authorization } });
const withToken = async (parameters: string) => clientWith(`Bearer ${await credential(`/jwt?${parameters}`)}`);
const operator = () => withToken("scope=keys:read+keys:write&tenant=&sub=olga");

/** The status of a request to the example API with a key. */
async function used(secret: string) {
  const headers = { Authorization: `ApiKey ${secret}` };
  return (await fetch(`${stack.gateway.urls.RestApi}/whoami`, { headers })).status;
}

test("has exactly the routes of the template, which are those of the document", async () => {
  const { default: document } = await import("../../../schema/api-keys.openapi.json", { with: { type: "json" } });
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).flatMap((method) => (method === "parameters" ? [] : [`${method.toUpperCase()} ${path}`])),
  );
  const api = stack.apis.find(({ name }) => name === "KeysApi");
  const served = api?.kind === "http" ? api.routes.map(({ method, path }) => `${method} ${path}`) : [];
  expect(documented.sort()).toEqual(Object.keys(OPERATIONS).sort());
  expect(served.sort()).toEqual(Object.keys(OPERATIONS).sort());
});

test("an operator takes a key through its whole life", async () => {
  const client = await operator();
  const { data: issued, response } = await client.POST("/keys", {
    body: { name: "Partner", owner: "partner-inc", tenant: "acme", scopes: ["orders:read"] },
  });
  if (!issued || !("secret" in issued)) throw new Error("no key");
  expect([response.status, response.headers.get("cache-control")]).toEqual([201, "no-store"]);
  expect(new URL(response.headers.get("location") ?? "", response.url).pathname).toBe(`/prod/keys/${issued.id}`);
  const { id } = issued;
  expect(await used(issued.secret)).toBe(200);

  const path = { id };
  const { data: changed } = await client.PATCH("/keys/{id}", {
    params: { path, header: { "If-Match": '"1"' } },
    headers: { "Content-Type": "application/merge-patch+json" },
    body: { name: "Partner Inc", scopes: null },
  });
  expect(changed).toMatchObject({ name: "Partner Inc", scopes: [], version: 2 });
  const late = await client.POST("/keys/{id}/rotate", { params: { path, header: { "If-Match": '"1"' } } });
  expect([late.response.status, late.error && "current" in late.error && late.error.current]).toEqual([
    412,
    expect.objectContaining({ version: 2, by: expect.stringMatching(/\|olga$/) }),
  ]);
  const { data: rotated } = await client.POST("/keys/{id}/rotate", {
    params: { path, header: { "If-Match": '"2"', "Idempotency-Key": "rotation" } },
    body: { grace: 0 },
  });
  if (!rotated || !("secret" in rotated)) throw new Error("no key");
  expect([await used(issued.secret), await used(rotated.secret)]).toEqual([401, 200]);

  await client.POST("/keys/{id}/disable", { params: { path } });
  expect(await used(rotated.secret)).toBe(401);
  await client.POST("/keys/{id}/enable", { params: { path, header: { "If-Match": '"4"' } } });
  const { data: revoked } = await client.POST("/keys/{id}/revoke", { params: { path }, body: { reason: "over" } });
  expect(revoked).toMatchObject({ status: "revoked", revokeReason: "over" });
  const gone = await client.DELETE("/keys/{id}", { params: { path, header: { "If-Match": '"6"' } } });
  expect(gone.response.status).toBe(204);
  expect((await client.GET("/keys/{id}", { params: { path } })).response.status).toBe(404);
});

test("an operator takes a user through roles, a lockout and back, and no tenant's administrator does", async () => {
  const client = await withToken("scope=entitlements:read+entitlements:write&tenant=&sub=olga");
  const query = { issuer: stack.config.jwt?.issuers[0]?.issuer ?? "", subject: "zoë|a/b+c" };
  const token = await credential(`/jwt?${new URLSearchParams({ sub: query.subject, scope: "" })}`);
  const usedBy = async (path: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${stack.gateway.urls.RestApi}${path}`, { headers })).status;
  };
  const orders = "/tenants/acme/orders";
  expect([await usedBy("/whoami"), await usedBy(orders)]).toEqual([200, 403]);

  const given = await client.PATCH("/entitlements/subject", {
    params: { query, header: { "If-None-Match": "*" } },
    headers: { "Content-Type": "application/merge-patch+json" },
    body: { scopes: ["orders:read"], reason: "new" },
  });
  expect([given.response.status, given.data?.scopes, given.data?.subject]).toEqual([
    201,
    ["orders:read"],
    query.subject,
  ]);
  expect(await usedBy(orders)).toBe(200);

  const { data: out, response } = await client.POST("/entitlements/subject/disable", { params: { query } });
  expect(out).toMatchObject({ state: "disabled", changedBy: expect.stringMatching(/\|olga$/) });
  expect(await usedBy("/whoami")).toBe(401);
  const header = { "If-Match": response.headers.get("etag") ?? "" };
  await client.POST("/entitlements/subject/enable", { params: { query, header } });
  expect(await usedBy("/whoami")).toBe(200);
  const listed = await client.GET("/entitlements", { params: { query: { issuer: query.issuer, limit: 5 } } });
  expect(listed.data?.entitlements).toContainEqual(expect.objectContaining({ subject: query.subject, version: 3 }));

  const admin = await withToken("scope=entitlements:read+entitlements:write");
  const refused = await admin.POST("/entitlements/subject/disable", { params: { query } });
  expect([refused.response.status, refused.error]).toMatchObject([
    403,
    { type: "urn:sallyport:problem:not-permitted" },
  ]);
  const reader = await withToken("scope=entitlements:read+keys:write&tenant=");
  expect((await reader.POST("/entitlements/subject/disable", { params: { query } })).response.status).toBe(403);
});

describe("a tenant", () => {
  test("has its keys managed by its administrator and by its own key, and by no other tenant", async () => {
    const admin = await withToken("scope=keys:read+keys:write+orders:read");
    const { data } = await admin.POST("/keys", { body: { name: "ours", scopes: ["keys:read", "keys:write"] } });
    if (!data || !("secret" in data)) throw new Error("no key");
    expect(data.tenant).toBe("acme");
    const own = clientWith(`ApiKey ${data.secret}`);
    const { data: page } = await own.GET("/keys", { params: { query: { limit: 5 } } });
    expect(page?.keys.map(({ id }) => id)).toContain(data.id);
    const more = await own.POST("/keys", { body: { name: "more", scopes: ["orders:read"] } });
    expect([more.response.status, more.error]).toMatchObject([403, { type: "urn:sallyport:problem:not-permitted" }]);
    const other = await withToken("scope=keys:read+keys:write&tenant=globex");
    const path = { id: data.id };
    expect((await other.GET("/keys/{id}", { params: { path } })).response.status).toBe(404);
    // Without a cache, a key that is revoked manages nothing from the next request on.
    await admin.POST("/keys/{id}/revoke", { params: { path } });
    expect((await own.GET("/keys", {})).response.status).toBe(401);
  });
});

test.each([
  ["no credential", undefined, 401],
  ["a scope to read alone", "scope=keys:read", 403],
  ["another scope", "scope=orders:write", 403],
])("%s issues nothing", async (_, parameters, status) => {
  const headers = parameters === undefined ? {} : { Authorization: `Bearer ${await credential(`/jwt?${parameters}`)}` };
  const answer = await fetch(`${stack.gateway.urls.KeysApi}/keys`, {
    ...{ method: "POST", body: '{"name":"x"}', headers: { "Content-Type": "application/json", ...headers } },
  });
  expect(answer.status).toBe(status);
});

test("a problem names the request", async () => {
  // Of base64, a third of all ids would have a character that no id of API Gateway has.
  const client = await operator();
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.GET("/keys", {})));
  for (const { error } of answers)
    expect(error).toMatchObject({ instance: expect.stringMatching(/^urn:request:[\w-]{15}=$/) });
});

test("the addresses and schedules of docs/local-cloud.md are those of `npm start`, and its command runs a schedule", async () => {
  const page = await readFile("docs/local-cloud.md", "utf8");
  const port = 4000 + stack.apis.length + 2;
  expect(new Set(page.match(/127\.0\.0\.1:\d+/g))).toEqual(new Set([`127.0.0.1:${port}`]));
  const commands = [...page.matchAll(/^curl .+$/gm)].map(([command]) => command);
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    const here = command.replace(`127.0.0.1:${port}`, stack.cloud.url).replace("curl ", "curl -sS --fail-with-body ");
    await promisify(execFile)("bash", ["-c", here]);
  }
  const queue = /\$local(\/\d{12}\/\S+)/.exec(page)?.[1] ?? "";
  expect(stack.cloud.queue(queue.split("/").at(-1) ?? "")).toBeDefined();
});

test("serves the document that is checked in", async () => {
  const { data } = await (await operator()).GET("/openapi.json", {});
  expect(data).toEqual(JSON.parse(await readFile("schema/api-keys.openapi.json", "utf8")));
});

test("the commands of docs/admin-api.md run as they are written", async () => {
  const [, script = ""] = /^```bash\n(.+?)^```$/ms.exec(await readFile("docs/admin-api.md", "utf8")) ?? [];
  const bare = (url = "") => url.replace("http://", "");
  const commands = script
    .replace("127.0.0.1:4003/prod", bare(stack.gateway.urls.KeysApi))
    .replace("127.0.0.1:4005", bare(stack.issuers))
    .replaceAll("curl -s ", "curl -sS --fail-with-body ");
  const folder = await mkdtemp(join(tmpdir(), "sallyport-docs-"));
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", commands], { cwd: folder });
  expect(stdout).toMatch(/"secret":"sp_live_.+etag: "1".+"status":"revoked"/is);
  expect(JSON.parse(await readFile(join(folder, "openapi.json"), "utf8"))).toHaveProperty("openapi", "3.1.0");
  await rm(folder, { recursive: true });
});

test("the commands of docs/entitlements.md run as they are written", async () => {
  const [, script = ""] = /^```bash\n(.+?)^```$/ms.exec(await readFile("docs/entitlements.md", "utf8")) ?? [];
  const bare = (url = "") => url.replace("http://", "");
  const commands = script
    .replace("127.0.0.1:4003/prod", bare(stack.gateway.urls.KeysApi))
    .replace("127.0.0.1:4005", bare(stack.issuers))
    .replaceAll("curl -s ", "curl -sS --fail-with-body ");
  const folder = await mkdtemp(join(tmpdir(), "sallyport-docs-"));
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", commands], { cwd: folder });
  expect(stdout).toMatch(/201 Created.+"state":"disabled".+"state":"active".+"subject":"ann\+it@example.com"/s);
  await rm(folder, { recursive: true });
});

test("the start screen has a request by which an operator locks somebody out", async () => {
  const { startScreen } = await import("../../../local/stack/start-screen.ts");
  const [command = ""] =
    /^ {2}curl .+ \|\n.+\/entitlements\/subject\/disable \\\n.+$/m.exec(startScreen(stack, [])) ?? [];
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  expect(stdout).toMatch(/^HTTP\/1.1 201.+"subject":"mallory".+"state":"disabled"/s);
});

test("the start screen has a request of an operator and one of a tenant's administrator", async () => {
  const { startScreen } = await import("../../../local/stack/start-screen.ts");
  const screen = startScreen(stack, []);
  const commands = [...screen.matchAll(/^ {2}(curl .+\|)\n {4}(curl .+\/keys)$/gm)].map(
    ([, first, then]) => `${first} ${then}`,
  );
  expect(commands).toHaveLength(2);
  for (const command of commands) {
    const { stdout } = await promisify(execFile)("sh", ["-c", command]);
    expect(stdout.slice(0, 12)).toBe("HTTP/1.1 201");
  }
});

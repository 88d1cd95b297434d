import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import { sampleRequests } from "../../../local/stack/sample-requests.ts";
import { startScreen } from "../../../local/stack/start-screen.ts";
import { LOCAL } from "../../../local/stage/configuration.ts";
import { readMetadata } from "../../../providers/saml/metadata.ts";

/** The project's own template and bundles behind the local gateway, as `npm start` serves them. */

let folder: string;
let template: string;
let stack: LocalStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sallyport-stack-"));
  template = join(folder, "template.yaml");
  await cp("template.yaml", template);
  stack = await startLocalStack({ template });
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

const credential = async (page: string) => (await fetch(stack.issuers + page)).text();
async function get(api: string, path: string, headers: Record<string, string>, method = "GET") {
  const response = await fetch(`${stack.gateway.urls[api]}${path}`, { method, headers });
  const text = await response.text();
  return { status: response.status, caller: text === "" ? undefined : JSON.parse(text), headers: response.headers };
}

describe.each(["RestApi", "HttpApi"])("%s", (api) => {
  test("lets a user with a JWT call the routes that the token's scopes allow", async () => {
    const headers = { Authorization: `Bearer ${await credential("/jwt?scope=orders:read")}` };
    expect(await get(api, "/tenants/acme/orders", headers)).toMatchObject({
      status: 200,
      caller: { subject: "alice" },
    });
    expect((await get(api, "/tenants/globex/orders", headers)).status).toBe(403);
  });

  test("allows a user with an assertion and a partner with a key", async () => {
    const { certificates, entityId } = readMetadata(Buffer.from(await credential("/saml/metadata")), {
      maxLength: 10_000,
    });
    expect([certificates.length, entityId]).toEqual([1, LOCAL.samlIssuer]);
    const saml = { Authorization: `SAML ${await credential("/saml?sub=bob&tenant=acme&form=deflate")}` };
    expect(await get(api, "/whoami", saml)).toMatchObject({
      status: 200,
      caller: { subject: "bob", providers: ["saml"] },
    });
    const key = { Authorization: `ApiKey ${await credential("/api-key?scope=orders:read")}` };
    expect(await get(api, "/whoami", key)).toMatchObject({ status: 200, caller: { kind: "client" } });
  });

  test("refuses an expired token, a revoked key, and a request without a credential", async () => {
    const expired = { Authorization: `Bearer ${await credential("/jwt?expires=-1")}` };
    const revoked = { Authorization: `ApiKey ${await credential("/api-key?status=revoked")}` };
    for (const headers of [expired, revoked, {}]) expect((await get(api, "/whoami", headers)).status).toBe(401);
  });

  test("allows only the caller's address by a cached policy", async () => {
    const headers = { Authorization: `Bearer ${await credential("/jwt?jti=roams")}` };
    expect((await get(api, "/whoami", headers)).status).toBe(200);
    const key = `ApiKey ${await credential("/api-key?address=192.0.2.0/24")}`;
    const from = (address: string) => get(api, "/whoami", { Authorization: key, "X-Sallyport-Source-Ip": address });
    expect((await from("192.0.2.7")).status).toBe(200);
    expect((await from("198.51.100.7")).status).toBe(403);
  });

  test("refuses a key in a header that is not in the cache key", async () => {
    // A token that is not in the cache yet.
    const headers = {
      Authorization: `Bearer ${await credential(`/jwt?jti=misplaced-${api}`)}`,
      "X-Api-Key": await credential("/api-key"),
    };
    expect((await get(api, "/whoami", headers)).status).toBe(401);
  });
});

test("on a route without a cache, a partner's key and a user's token in two headers make one caller", async () => {
  const headers = {
    Authorization: `Bearer ${await credential("/jwt?scope=orders:write")}`,
    "X-Api-Key": await credential("/api-key?scope=orders:write"),
  };
  expect(await get("RestApi", "/tenants/acme/orders", headers, "POST")).toMatchObject({
    status: 200,
    caller: { subject: "alice", providers: ["jwt", "api-key"] },
  });
});

test("without a cache, a REST API accepts a key beside a token; an HTTP API with Authorization as identity source does not", async () => {
  const uncached = await startLocalStack({ template, parameters: { ReauthorizeEvery: "0" } });
  const issued = async (page: string) => (await fetch(uncached.issuers + page)).text();
  const headers = { Authorization: `Bearer ${await issued("/jwt")}`, "X-Api-Key": await issued("/api-key") };
  const statusOf = async (api: string) => (await fetch(`${uncached.gateway.urls[api]}/whoami`, { headers })).status;
  expect([await statusOf("RestApi"), await statusOf("HttpApi")]).toEqual([200, 401]);
  await uncached.close();
});

test("a 403 has its reason in a header, and a body without an empty one", async () => {
  const headers = { Authorization: `Bearer ${await credential("/jwt?jti=refused")}` };
  const refused = await get("RestApi", "/tenants/acme/orders", headers);
  expect(refused.headers.get("x-sallyport-reason")).toBe("route_not_granted");
  expect(Object.keys(refused.caller)).toEqual(["message"]);
  // The policy that was made for an allowed route is cached. It has no reason for another route.
  const cached = { Authorization: `Bearer ${await credential("/jwt?jti=cached")}` };
  expect((await get("RestApi", "/whoami", cached)).status).toBe(200);
  const later = await get("RestApi", "/tenants/acme/orders", cached);
  expect([later.status, Object.keys(later.caller)]).toEqual([403, ["message"]]);
});

test("a 401 says by which schemes a caller can authenticate, each with its realm, and where the metadata are", async () => {
  const { status, headers } = await get("RestApi", "/whoami", {});
  const metadata = `${stack.gateway.urls.RestApi}/.well-known/oauth-protected-resource`;
  expect([status, headers.get("www-authenticate")]).toEqual([
    401,
    `Bearer realm="local", resource_metadata="${metadata}", SAML realm="local", ApiKey realm="local"`,
  ]);
  const { resource, authorization_servers } = (await (await fetch(metadata)).json()) as Record<string, unknown>;
  expect([resource, authorization_servers]).toEqual([stack.gateway.urls.RestApi, [stack.openId]]);
});

test("a 403 asks a client to step up, with the scopes of the template", async () => {
  const { status, headers } = await get("RestApi", "/tenants/acme/orders", {
    Authorization: `Bearer ${await credential("/jwt?jti=step-up")}`,
  });
  expect(status).toBe(403);
  expect(headers.get("www-authenticate")).toMatch(/^Bearer realm="local", error="insufficient_scope", scope="orders:/);
});

test("the local authorization server gives tokens for codes with PKCE and for client credentials, and nothing else", async () => {
  const ask = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${stack.openId}/token`, { method: "POST", headers, body: new URLSearchParams(form) });
    const answer = (await response.json()) as { access_token?: string };
    return { status: response.status, ...answer };
  };
  const scope = "orders:read";
  const verifier = "v".repeat(43);
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const authorize = async (parameters: Record<string, string>) => {
    const query = new URLSearchParams({
      response_type: "code",
      redirect_uri: "http://127.0.0.1/cb",
      scope,
      ...parameters,
    });
    const { headers } = await fetch(`${stack.openId}/authorize?${query}`, { redirect: "manual" });
    return new URL(headers.get("location") ?? "").searchParams.get("code") ?? "";
  };
  const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
  const code = await authorize(pkce);
  const exchange = (given: string, code_verifier = verifier) =>
    ask({ grant_type: "authorization_code", code: given, code_verifier });
  const { access_token, ...rest } = await exchange(code);
  expect(rest).toEqual({ status: 200, token_type: "Bearer", expires_in: 600, scope });
  const orders = await get("RestApi", "/tenants/acme/orders", { Authorization: `Bearer ${access_token}` });
  expect([orders.status, orders.caller]).toMatchObject([200, { subject: "alice", scopes: [scope] }]);

  const refused = { status: 400, error: "invalid_grant" };
  expect(await exchange(code)).toEqual(refused);
  expect(await exchange(await authorize(pkce), "w".repeat(43))).toEqual(refused);
  expect(await exchange(await authorize({}))).toEqual(refused);
  expect(await ask({ grant_type: "password" })).toEqual({ status: 400, error: "unsupported_grant_type" });
  expect(await ask({ grant_type: "client_credentials" })).toEqual({ status: 400, error: "invalid_client" });

  const basic = { Authorization: `Basic ${Buffer.from("reports:any").toString("base64")}` };
  const own = await ask({ grant_type: "client_credentials", scope }, basic);
  const reports = await get("RestApi", "/tenants/acme/orders", { Authorization: `Bearer ${own.access_token}` });
  expect([reports.status, reports.caller]).toMatchObject([200, { subject: "reports", kind: "client" }]);
});

test("a TOKEN authorizer takes one header, and needs a scheme in it", async () => {
  const token = await credential("/jwt?jti=token");
  const of = (value: string) => get("RestApi", "/users/alice", { Authorization: value });
  expect(await of(`Bearer ${token}`)).toMatchObject({ status: 200, caller: { subject: "alice" } });
  expect((await of(token)).status).toBe(401);
  expect((await get("RestApi", "/users/bob", { Authorization: `Bearer ${token}` })).status).toBe(403);
});

describe("the start screen", () => {
  let screen: string;
  beforeAll(async () => {
    screen = startScreen(stack, await stack.rehearse(sampleRequests(stack.apis, stack.config)));
  });

  test("fits a terminal, and shows every API", () => {
    for (const line of screen.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    for (const url of Object.values(stack.gateway.urls)) expect(screen).toContain(url);
  });

  test("has commands that end as their headings say, when pasted into a shell", async () => {
    const shown = [...screen.matchAll(/^([A-Z][a-z ]+) \((\d+)\)\n((?: {2}.+\n)+)/gm)];
    expect(shown.map(([, heading]) => heading)).toEqual([
      "Allowed",
      "Open to all",
      "Refused",
      "Denied",
      "Unavailable",
      "Refused by the gateway",
    ]);
    for (const [, , status, lines = ""] of shown) {
      // A line that ends with a pipe or a backslash goes on in the next one.
      const commands = lines
        .replace(/\|\n/g, "| ")
        .replace(/\\\n/g, " ")
        .split("\n")
        .filter((line) => line.trim().startsWith("curl"));
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        const { stdout } = await promisify(execFile)("sh", ["-c", command]);
        expect(stdout.slice(0, 12), command).toBe(`HTTP/1.1 ${status}`);
      }
    }
  });

  test("leaves out a request whose credential cannot be issued", async () => {
    const request = { title: "nobody", api: "RestApi", method: "GET", path: "/whoami", header: "/header/none" };
    expect(await stack.rehearse([request])).toEqual([]);
  });

  test("has the way of an agent from the metadata to a token that is accepted", async () => {
    const [, metadata = ""] = /where to get a token\n +(curl .+)$/m.exec(screen) ?? [];
    const [, server = ""] = /authorization server that they name\n +(curl .+)$/m.exec(screen) ?? [];
    const [, token = ""] = /agent with credentials of its own\n +(curl -s -u .+\n.+)$/m.exec(screen) ?? [];
    const run = async (command: string) => (await promisify(execFile)("sh", ["-c", command])).stdout;
    expect(await run(metadata)).toContain(`"authorization_servers":["${stack.openId}"]`);
    expect(JSON.parse(await run(server))).toMatchObject({ issuer: stack.openId });
    const { access_token } = JSON.parse(await run(token));
    const { status } = await get("RestApi", "/tenants/acme/orders", { Authorization: `Bearer ${access_token}` });
    expect(status).toBe(200);
  });

  test("has a command for the WebSocket, with a token that is accepted", async () => {
    const [, assignment = "", url = "", header = ""] =
      /^ +(token=.+)\n.+ wscat -c (\S+) -H (".+")$/m.exec(screen) ?? [];
    const { stdout } = await promisify(execFile)("sh", ["-c", `${assignment}; echo ${header}`]);
    const socket = new WebSocket(url, { headers: { Authorization: stdout.trim().replace("Authorization: ", "") } });
    await once(socket, "open");
    socket.close();
  });
});

test("reloads a changed template, and keeps serving the old one if the new one is wrong", async () => {
  const headers = { Authorization: `Bearer ${await credential("/jwt?jti=reload")}` };
  const original = await readFile(template, "utf8");
  await writeFile(template, original.replaceAll("Path: /whoami", "Path: /who"));
  await stack.reload();
  expect((await get("RestApi", "/whoami", headers)).status).toBe(403);
  await writeFile(template, original.replaceAll("!Ref AuthorizerLogs", "!Ref Nothing"));
  await expect(stack.reload()).rejects.toThrow("refers to Nothing");
  expect((await get("RestApi", "/whoami", headers)).status).toBe(403);
  await writeFile(template, original);
  await stack.reload();
  expect((await get("RestApi", "/whoami", headers)).status).toBe(200);
});

test("a parameter of the template decides which APIs are served", async () => {
  const other = await startLocalStack({
    template,
    parameters: { WithHttpApi: "false", WithWebSocketApi: "false", WithKeysApi: "false", LoginUrl: "" },
  });
  expect(Object.keys(other.gateway.urls)).toEqual(["RestApi"]);
  await other.close();
});

/** The servers of this process that listen. Others that have been closed may still have connections. */
const listening = () =>
  (process as unknown as { _getActiveHandles(): unknown[] })
    ._getActiveHandles()
    .filter((handle): handle is Server => handle instanceof Server && handle.listening);

describe("does not start, and says why in one line", () => {
  test.each<[string, Parameters<typeof startLocalStack>[0], RegExp]>([
    ["a template that is not there", { template: "none.yaml" }, /no template none\.yaml/],
    [
      "a parameter that the template has not",
      { template: "template.yaml", parameters: { Stage: "x" } },
      /no parameter Stage/,
    ],
  ])("%s", async (_, options, message) => {
    await expect(startLocalStack(options)).rejects.toThrow(message);
  });

  test("a port that is taken, and ends the servers that were started before", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const before = new Set(listening());
    // Another process may have one of the ports behind it.
    await expect(startLocalStack({ template, port })).rejects.toThrow(/^Port \d+ is taken/);
    await expect.poll(() => listening().filter((each) => !before.has(each))).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  test("a function that is not built", async () => {
    const file = join(folder, "unbuilt.yaml");
    await writeFile(file, (await readFile(template, "utf8")).replaceAll("Bundle: authorizer", "Bundle: missing"));
    await expect(startLocalStack({ template: file })).rejects.toThrow(/Authorizer\w* is not built.*npm run build/);
  });
});

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
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

test("a 401 says by which schemes a caller can authenticate, each with its realm", async () => {
  const { status, headers } = await get("RestApi", "/whoami", {});
  expect([status, headers.get("www-authenticate")]).toEqual([
    401,
    'Bearer realm="local", SAML realm="local", ApiKey realm="local"',
  ]);
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
      "Refused",
      "Denied",
      "Unavailable",
      "Refused by the gateway",
    ]);
    for (const [, , status, lines = ""] of shown) {
      // A line that ends with a pipe goes on in the next one.
      const commands = lines
        .replace(/\|\n/g, "| ")
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
    parameters: { WithHttpApi: "false", WithWebSocketApi: "false", WithKeysApi: "false" },
  });
  expect(Object.keys(other.gateway.urls)).toEqual(["RestApi"]);
  await other.close();
});

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
    await expect(startLocalStack({ template, port })).rejects.toThrow(`Port ${port} is taken`);
    const openId = `http://127.0.0.1:${port + stack.apis.length + 1}/.well-known/openid-configuration`;
    await expect(fetch(openId)).rejects.toThrow();
    await new Promise((resolve) => server.close(resolve));
  });

  test("a function that is not built", async () => {
    const file = join(folder, "unbuilt.yaml");
    await writeFile(file, (await readFile(template, "utf8")).replaceAll("Bundle: authorizer", "Bundle: missing"));
    await expect(startLocalStack({ template: file })).rejects.toThrow(/Authorizer\w* is not built.*npm run build/);
  });
});

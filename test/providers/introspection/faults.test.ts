import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { introspectionProvider } from "../../../providers/introspection/index.ts";
import { configOf, requestFor } from "../../fixtures.ts";
import { entryOf, SECRET, USER } from "./fixture.ts";

/** Servers that fail, over real connections: whatever they do, nothing is decided. */

beforeAll(() => {
  process.env[SECRET] = "s3cret";
});
afterAll(() => {
  delete process.env[SECRET];
});

const ACTIVE = JSON.stringify({ active: true, ...USER });

async function askedAt(respond: (response: ServerResponse, request: IncomingMessage) => void) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    respond(response, request);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`;
  const provider = introspectionProvider(configOf({ jwt: { issuers: [entryOf({ endpoint })] } }));
  const credential = { scheme: "bearer", value: "token1", location: { in: "header", name: "authorization" } } as const;
  const verdict = await provider?.verify(credential, requestFor("GET", "/a"), new AbortController().signal);
  server.closeAllConnections();
  server.close();
  return { verdict, paths };
}

test("a server that answers rightly is believed", async () => {
  const { verdict } = await askedAt((response) => response.end(ACTIVE));
  expect(verdict).toMatchObject({ status: "authenticated" });
});

test.each<[string, (response: ServerResponse) => void, number]>([
  ["resets the connection", (response) => response.socket?.destroy(), 2],
  [
    "resets it within the answer",
    (response) => response.writeHead(200, { "Content-Length": 500 }).write(ACTIVE, () => response.socket?.destroy()),
    2,
  ],
  ["says nothing", () => {}, 1],
  ["sends headers and then nothing", (response) => void response.writeHead(200).flushHeaders(), 1],
  ["redirects to itself", (response) => void response.writeHead(307, { location: "/elsewhere" }).end(), 1],
  ["answers with 5 MB", (response) => void response.end(`{"active":true,"a":"${"x".repeat(5_000_000)}"}`), 1],
  [
    "answers with 50 MB of gzip",
    (response) =>
      void response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000, " "))),
    1,
  ],
  ["ends within the answer", (response) => void response.end(ACTIVE.slice(0, -9)), 1],
  ["answers twice in one", (response) => void response.end(ACTIVE + ACTIVE), 1],
])("a server that %s is trouble, and is not asked elsewhere", async (_what, respond, count) => {
  const { verdict, paths } = await askedAt(respond);
  expect(verdict).toMatchObject({ status: "unavailable", reason: "introspection_unavailable" });
  expect(paths).toEqual(Array(count).fill("/introspect"));
});

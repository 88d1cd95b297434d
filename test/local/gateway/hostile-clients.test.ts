import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { listen, shut } from "../../../local/listen.ts";
import { readTarget } from "../../../local/request-target.ts";
import { type LocalStack, startLocalStack } from "../../../local/stack/local-stack.ts";
import { ALLOWED, type Harness, plan, startHarness } from "./harness.ts";

/** What a client may send to any port, without ending the process. An error that nobody handles fails this file. */

const TEMPLATE = `
  Api: { Type: AWS::Serverless::HttpApi, Properties: { StageName: $default } }
  Back: { Type: AWS::Serverless::Function, Properties: { CodeUri: back, Handler: index.handler, Events: { All: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: "/{path+}", Method: GET } } } } }
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: { ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Socket, StageName: live } }
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: { ApiId: !Ref Socket, AuthorizerType: REQUEST, AuthorizerUri: !Sub "arn:x/functions/\${Auth.Arn}/invocations", IdentitySource: [route.request.header.Authorization] }
  Connect: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Socket, RouteKey: $connect, AuthorizerId: !Ref Authorizer } }
`;

let harness: Harness;
let stack: LocalStack;
beforeAll(async () => {
  [harness, stack] = await Promise.all([startHarness(TEMPLATE), startLocalStack({ template: "template.yaml" })]);
});
afterAll(async () => {
  await Promise.all([harness.close(), stack.close()]);
});

/** Every port: those of the APIs, of the issuers' pages and of the OpenID provider. */
function ports(): string[] {
  const urls = [...Object.values(harness.urls), ...Object.values(stack.gateway.urls), stack.issuers, stack.openId];
  return [...urls, process.env.AWS_ENDPOINT_URL_DYNAMODB ?? ""].map((url) => new URL(url).port);
}

/** Sends bytes; resolves with the beginning of the answer, or without one when the server ends the connection. */
async function exchange(port: number | string, text: string): Promise<string> {
  const socket = connect(Number(port), "127.0.0.1");
  const answered = Promise.race([once(socket, "data"), once(socket, "close")]);
  socket.write(text);
  const [answer] = await answered;
  socket.destroy();
  return String(answer);
}

const HOST = "Host: localhost\r\nConnection: close\r\n";

test.each([
  ["an empty authority", `GET // HTTP/1.1\r\n${HOST}\r\n`],
  ["an authority that cannot be read", `GET //[/a HTTP/1.1\r\n${HOST}\r\n`],
  ["the absolute form, with a host that cannot be read", `GET http://[ HTTP/1.1\r\n${HOST}\r\n`],
  ["the asterisk", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
  ["an escape that is none", `DELETE /restapis/a/stages/%zz/cache/authorizers HTTP/1.1\r\n${HOST}\r\n`],
  ["an upgrade", `GET // HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
])("every port answers a request with %s", async (_, text) => {
  for (const port of ports()) {
    expect(await exchange(port, text)).toMatch(/^HTTP\/1\.1 [2345]\d\d /);
  }
});

test("every port bears a request, an upgrade and a tunnel that are reset", async () => {
  for (const port of ports()) {
    for (const line of ["GET /live", "POST /jwt", "CONNECT a:1"]) {
      const socket = connect(Number(port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(
        `${line} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 9\r\n\r\n`,
      );
      await new Promise((resolve) => socket.write("x", resolve));
      socket.resetAndDestroy();
      await once(socket, "close");
    }
  }
  expect((await fetch(`${stack.issuers}/jwt`)).status).toBe(200);
});

test("a handshake that is reset while its authorizer decides leaves the gateway serving", async () => {
  const before = harness.functions.invocations("Auth");
  const { port } = new URL(harness.urls.Socket ?? "");
  const socket = connect(Number(port), "127.0.0.1");
  const authorization = plan({ wait: 200, result: {} });
  socket.write(
    `GET /live HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  await expect.poll(() => harness.functions.invocations("Auth"), { timeout: 10_000 }).toBe(before + 1);
  socket.resetAndDestroy();
  const next = new WebSocket(harness.urls.Socket ?? "", { headers: { Authorization: ALLOWED } });
  await once(next, "open");
  next.terminate();
});

test.each([
  ["a status that is none of HTTP", "status=99999"],
  ["a status that is no number", "status=none"],
])("a backend's answer with %s is 500 for the client", async (_, query) => {
  expect((await fetch(`${harness.urls.Api}/a?${query}`)).status).toBe(500);
});

test("a server that cannot accept a connection goes on", async () => {
  const server = createServer();
  await listen(server, "127.0.0.1", 0);
  server.emit("error", new Error("EMFILE"));
  await shut(server);
});

describe("the target of a request", () => {
  test.each([
    ["/a/b?c=d", "/a/b", "?c=d"],
    ["//", "//", ""],
    ["//host/a?b", "//host/a", "?b"],
    ["http://host/a?b", "/a", "?b"],
    ["http://[", "/", ""],
    ["*", "/", ""],
    ["file:///etc", "/", ""],
    [undefined, "/", ""],
  ])("%s is the path %s", (target, path, query) => {
    const { pathname, search } = readTarget(target);
    expect([pathname, search]).toEqual([path, query]);
  });
});

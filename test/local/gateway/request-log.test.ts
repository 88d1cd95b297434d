import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type RequestRecord, Trail } from "../../../local/gateway/trail.ts";
import { allow, deny, type Harness, output, plan, startHarness } from "./harness.ts";

/** What a gateway tells of each request that it has answered. */

const AUTH = `
        DefaultAuthorizer: Cached
        Authorizers:
          Cached:
            FunctionArn: !GetAtt Auth.Arn
            FunctionPayloadType: REQUEST`;
const TEMPLATE = `
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'*'"
      Auth:${AUTH}
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: prod
      Auth:
        DefaultAuthorizer: Cached
        Authorizers:
          Cached:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: { ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Socket, StageName: live } }
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: { ApiId: !Ref Socket, AuthorizerType: REQUEST, AuthorizerUri: !Sub "arn:x/functions/\${Auth.Arn}/invocations", IdentitySource: [route.request.header.Authorization] }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Socket, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:x/functions/\${Back.Arn}/invocations" }
  Connect: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Socket, RouteKey: $connect, AuthorizerId: !Ref Authorizer, Target: !Sub "integrations/\${Integration}" } }
  Echo: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Socket, RouteKey: echo, Target: !Sub "integrations/\${Integration}" } }
  Back:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        Me: { Type: Api, Properties: { RestApiId: !Ref Rest, Path: /me, Method: GET } }
        Open: { Type: Api, Properties: { RestApiId: !Ref Rest, Path: /open, Method: GET, Auth: { Authorizer: NONE } } }
        HttpMe: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /me, Method: GET } }
        Other: { Type: Api, Properties: { RestApiId: !Ref Rest, Path: /other, Method: GET } }
        HttpOther: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /other, Method: GET } }
`;

const records: RequestRecord[] = [];
let harness: Harness;
beforeAll(async () => {
  harness = await startHarness(TEMPLATE, { onRequest: (record) => void records.push(record) });
});
afterAll(() => harness.close());
beforeEach(() => {
  records.length = 0;
});

/** An authorizer that tells its decision as Sallyport does. */
const decided = (outcome: string, rest: { reason?: string; rules?: string[]; n?: string }, statements?: object[]) =>
  plan({
    log: { message: outcome, outcome, ...rest },
    ...(statements ? { result: output(statements) } : { thrown: "Unauthorized" }),
  });

async function ask(api: string, path: string, authorization?: string, method = "GET") {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  await (await fetch(`${harness.urls[api]?.replace("ws:", "http:")}${path}`, { method, headers })).arrayBuffer();
  return records.at(-1);
}

test.each(["Rest", "Http"])("%s: an allowed request, from the function and then from the cache", async (api) => {
  const token = decided("allow", { rules: ["one", "two"] }, [allow("$STAGE/GET/me")]);
  const fresh = { api, method: "GET", path: "/prod/me", status: 200, outcome: "allow", rules: ["one", "two"] };
  expect(await ask(api, "/me", token)).toMatchObject({ ...fresh, by: "function" });
  expect(await ask(api, "/me", token)).toMatchObject({ ...fresh, by: "cache" });
  expect(await ask(api, "/other", token)).toMatchObject({
    ...{ by: "cache", outcome: "deny", status: 403 },
    ...{ reason: "not in the policy: route, address or time", rules: ["one", "two"] },
  });
});

test.each(["Rest", "Http"])("%s: a denied and a refused caller, with the authorizer's reasons", async (api) => {
  const denied = decided("deny", { reason: "route_not_granted", rules: [] }, [deny("$STAGE/*")]);
  for (const by of ["function", "cache"]) {
    expect(await ask(api, "/me", denied)).toMatchObject({
      by,
      outcome: "deny",
      reason: "route_not_granted",
      status: 403,
    });
  }
  const refused = decided("unauthenticated", { reason: "token_expired" });
  for (const by of ["function", "function"]) {
    expect(await ask(api, "/me", refused)).toMatchObject({
      ...{ by, outcome: "unauthenticated", reason: "token_expired", status: 401 },
    });
  }
});

test.each(["Rest", "Http"])("%s: a request without an identity source, which no function sees", async (api) => {
  const before = harness.functions.invocations("Auth");
  expect(await ask(api, "/me")).toMatchObject({
    ...{ by: "gateway", outcome: "unauthenticated", status: 401, path: "/prod/me" },
    reason: "no header Authorization",
  });
  expect(harness.functions.invocations("Auth")).toBe(before);
});

describe("the line of a request that the backend refused", () => {
  const answered = (type: string, body: string) => {
    const trail = new Trail("KeysApi", 0);
    trail.decidedBy("function", { outcome: "allow", rules: ["keys"] });
    trail.answers(type, body);
    return trail.record(403);
  };
  const PROBLEM = "application/problem+json";

  test("has the code of its problem", () => {
    expect(answered(PROBLEM, '{"type":"urn:sallyport:problem:not-permitted"}')).toMatchObject({
      ...{ outcome: "allow", reason: "not-permitted", rules: ["keys"] },
    });
  });

  test.each([
    ["another type of content", "application/json", '{"type":"urn:x:a"}'],
    ["no JSON", PROBLEM, "{"],
    ["null", PROBLEM, "null"],
    ["no code, but what a caller may have written", PROBLEM, '{"type":"urn:x:a b\\u001b"}'],
  ])("has nothing of %s", (_what, type, body) => {
    expect(answered(type, body)).not.toHaveProperty("reason");
  });
});

test.each([
  ["Rest", "/none", 403, "no such route"],
  ["Http", "/none", 404, "no such route"],
  ["Socket", "/", 403, "no WebSocket handshake"],
])("%s: %s is refused by the gateway", async (api, path, status, reason) => {
  expect(await ask(api, path)).toMatchObject({ by: "gateway", outcome: "refused", status, reason });
});

test("a route without an authorizer is open, and a preflight request is answered", async () => {
  expect(await ask("Rest", "/open")).toMatchObject({ by: "gateway", outcome: "open", status: 200 });
  expect(await ask("Rest", "/me", undefined, "OPTIONS")).toMatchObject({ outcome: "open", reason: "preflight" });
});

test.each(["Rest", "Http"])("%s: trouble, a failed authorizer, a wrong output, and a failed backend", async (api) => {
  const trouble = { message: "unavailable", outcome: "unavailable", reason: "key_set_unavailable" };
  expect(await ask(api, "/me", plan({ log: trouble, thrown: "unavailable" }))).toMatchObject({
    ...{ outcome: "unavailable", reason: "key_set_unavailable", status: 500 },
  });
  expect(await ask(api, "/me", plan({ thrown: "secret text" }))).toMatchObject({
    ...{ outcome: "error", reason: "the authorizer failed", status: 500 },
  });
  expect(await ask(api, "/me", plan({ result: {} }))).toMatchObject({
    ...{ outcome: "error", reason: "the authorizer's output is not accepted", status: 500 },
  });
  const token = decided("allow", { rules: [], n: "backend" }, [allow("$STAGE/*")]);
  expect(await ask(api, "/me?status=99999", token)).toMatchObject({ outcome: "error", status: 500 });
});

test("takes nothing from the log of an authorizer that is not of the form of Sallyport's names", async () => {
  const log = {
    message: "x",
    outcome: "al\u001b[2Jlow",
    reason: "token eyJhbGciOiJSUzI1NiJ9",
    rules: ["one two", 3, "three"],
  };
  const token = plan({ log, result: output([allow("$STAGE/GET/me")]) });
  const record = await ask("Rest", "/me", token);
  expect(record).toMatchObject({ outcome: "allow", rules: ["three"] });
  expect(record).not.toHaveProperty("reason");
});

test("shows no query, and no part of a path that may be a credential", async () => {
  const token = `eyJhbGciOiJSUzI1NiJ9.${"a".repeat(30)}.c2ln`;
  for (const path of [`/me?token=${token}`, `/${token}`, "/sp_live_0123456789abcdef_x", `/x/${"k".repeat(64)}`]) {
    expect((await ask("Rest", path))?.path).toMatch(/^\/prod\/(me\?…|…|x\/…)$/);
  }
  const headers = { "X-HTTP-Method-Override": token };
  await fetch(`${harness.urls.Rest}/me`, { headers });
  expect(records.at(-1)).toMatchObject({ method: "?", outcome: "refused" });
});

test("a WebSocket: its handshake and its messages", async () => {
  const Authorization = decided("allow", { rules: ["live"] }, [allow("$ARN")]);
  const socket = new WebSocket(harness.urls.Socket ?? "", { headers: { Authorization } });
  await once(socket, "open");
  socket.send('{"action":"echo"}');
  socket.send('{"action":"nothing"}');
  await once(socket, "message");
  socket.close();
  expect(records).toMatchObject([
    { api: "Socket", method: "CONNECT", path: "/live", status: 101, outcome: "allow", by: "function", rules: ["live"] },
    { api: "Socket", method: "MESSAGE", path: "echo", status: 200, outcome: "allow" },
    { api: "Socket", method: "MESSAGE", path: "$default", status: 403, outcome: "refused", reason: "no such route" },
  ]);
  const refused = new WebSocket(harness.urls.Socket ?? "");
  await once(refused, "unexpected-response");
  expect(records.at(-1)).toMatchObject({ method: "CONNECT", status: 401, reason: "no header Authorization" });
});

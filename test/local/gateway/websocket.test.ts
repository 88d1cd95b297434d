import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ALLOWED, allow, deny, type Harness, output, plan, startHarness } from "./harness.ts";

const TEMPLATE = `
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Stage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Api, StageName: live } }
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: { ApiId: !Ref Api, AuthorizerType: REQUEST, AuthorizerUri: !Sub "arn:x/functions/\${Auth.Arn}/invocations", IdentitySource: [route.request.header.Authorization] }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !Sub "arn:x/functions/\${Back.Arn}/invocations" }
  Connect: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: $connect, AuthorizerId: !Ref Authorizer, Target: !Sub "integrations/\${Integration}" } }
  Echo: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Api, RouteKey: echo, Target: !Sub "integrations/\${Integration}" } }
  EchoResponse: { Type: AWS::ApiGatewayV2::RouteResponse, Properties: { ApiId: !Ref Api, RouteId: !Ref Echo } }
  Back: { Type: AWS::Serverless::Function, Properties: { CodeUri: back, Handler: index.handler } }
`;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness(TEMPLATE);
});
afterAll(() => harness.close());

const open = (authorization?: string, url = harness.urls.Api ?? "", protocols: string[] = []) =>
  new WebSocket(url, protocols, { headers: authorization === undefined ? {} : { Authorization: authorization } });

/** The HTTP response to a refused handshake. */
async function refusal(socket: WebSocket) {
  const [, response] = await once(socket, "unexpected-response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

describe("a handshake", () => {
  test("is accepted with the backend's sub-protocol, and later messages have the context", async () => {
    const socket = open(ALLOWED, harness.urls.Api, ["chat", "other"]);
    await once(socket, "open");
    expect(socket.protocol).toBe("chat");
    for (const n of [1, 2]) {
      socket.send(JSON.stringify({ action: "echo", n }));
      const [data] = await once(socket, "message");
      const event = JSON.parse(String(data));
      expect(event).toMatchObject({
        body: JSON.stringify({ action: "echo", n }),
        requestContext: {
          routeKey: "echo",
          eventType: "MESSAGE",
          authorizer: { user: "me", level: "3", vip: "true", principalId: "me" },
        },
      });
      expect(event).not.toHaveProperty("headers");
    }
    socket.send(JSON.stringify({ action: "nothing" }));
    const [data] = await once(socket, "message");
    expect(JSON.parse(String(data))).toMatchObject({ message: "Forbidden" });
    socket.close();
    await once(socket, "close");
  });

  test("is never answered from a cache", async () => {
    const before = harness.functions.invocations("Auth");
    for (const _ of [1, 2]) {
      const socket = open(ALLOWED);
      await once(socket, "open");
      socket.terminate();
    }
    expect(harness.functions.invocations("Auth")).toBe(before + 2);
  });

  test.each<[string, string | undefined, number, RegExp]>([
    ["without its identity source", undefined, 401, /Unauthorized/],
    ["with a thrown Unauthorized", plan({ thrown: "Unauthorized" }), 401, /Unauthorized/],
    ["with a Deny", plan({ result: output([deny("*")]) }), 403, /explicit deny/],
    [
      "with a policy for HTTP routes alone",
      plan({ result: output([allow("$STAGE/*/*")]) }),
      403,
      /no identity-based policy/,
    ],
    [
      "with another address in the policy",
      plan({ result: output([allow("*", { IpAddress: { "aws:SourceIp": "10.0.0.1" } })]) }),
      403,
      /no identity/,
    ],
    ["with anything else that is thrown", plan({ thrown: "x" }), 500, /Internal server error/],
    [
      "with an output of more than 8 KB",
      plan({ result: output([allow("*")], { context: { a: "$LONG" } }) }),
      500,
      /Internal/,
    ],
  ])("%s is refused with its status", async (_, authorization, status, text) => {
    const refused = await refusal(open(authorization));
    expect(refused.status).toBe(status);
    expect(JSON.parse(refused.text).message).toMatch(text);
  });

  test("for another stage is refused", async () => {
    expect(await refusal(open(ALLOWED, harness.urls.Api?.replace("/live", "/test")))).toMatchObject({ status: 403 });
  });
});

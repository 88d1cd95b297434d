import { ApiGatewayV2Client, ResetAuthorizersCacheCommand } from "@aws-sdk/client-apigatewayv2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALLOWED, allow, deny, type Harness, output, plan, startHarness } from "./harness.ts";

const TEMPLATE = `
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: { AllowOrigins: ["https://app.example.com"], AllowHeaders: [authorization], AllowMethods: [GET] }
      Auth:
        DefaultAuthorizer: Policy
        Authorizers:
          Policy:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: 2.0
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
          Simple:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            EnableSimpleResponses: true
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
          Old:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: "1.0"
            Identity: { Headers: [Authorization], Context: [routeKey], ReauthorizeEvery: 60 }
          Sourceless: { FunctionArn: !GetAtt Auth.Arn, AuthorizerPayloadFormatVersion: "2.0" }
  Back:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        A: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: "/a/{id}", Method: GET } }
        B: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /b, Method: GET } }
        Upload: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /upload, Method: POST } }
        SimpleA: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /simple/a, Method: GET, Auth: { Authorizer: Simple } } }
        SimpleB: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /simple/b, Method: GET, Auth: { Authorizer: Simple } } }
        OldA: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /old/a, Method: GET, PayloadFormatVersion: "1.0", Auth: { Authorizer: Old } } }
        OldB: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /old/b, Method: GET, Auth: { Authorizer: Old } } }
        None: { Type: HttpApi, Properties: { ApiId: !Ref Api, Path: /none, Method: GET, Auth: { Authorizer: Sourceless } } }
`;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness(TEMPLATE);
});
afterAll(() => harness.close());

async function get(path: string, authorization?: string, headers: Record<string, string> = {}, method = "GET") {
  const response = await fetch(harness.urls.Api + path, {
    method,
    headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
const invocations = () => harness.functions.invocations("Auth");
let count = 0;
const fresh = (statements: object[], rest: object = {}) =>
  plan({ result: output(statements, { ...rest, principalId: `p${count++}` }) });

test("an event of payload 2.0 has header names in lower case, joins repeated headers, and leaves out empty maps", async () => {
  const event = JSON.parse((await get("/a/7?x=1&x=2", ALLOWED, { "X-Some": "y" })).text);
  expect(event).toMatchObject({
    version: "2.0",
    routeKey: "GET /a/{id}",
    rawPath: "/a/7",
    queryStringParameters: { x: "1,2" },
    pathParameters: { id: "7" },
    headers: { "x-some": "y" },
    requestContext: { stage: "$default", http: { method: "GET", path: "/a/7", sourceIp: "127.0.0.1" } },
  });
  expect(JSON.parse((await get("/b", ALLOWED)).text)).not.toHaveProperty("pathParameters");
});

test("a backend gets the context with its types, or as text in payload 1.0", async () => {
  const token = plan({ result: output([allow("*")], { context: { level: 3, list: ["a"], nested: { a: 1 } } }) });
  expect(JSON.parse((await get("/b", token)).text).requestContext.authorizer).toEqual({
    lambda: { level: 3, list: ["a"], nested: { a: 1 } },
  });
  expect(JSON.parse((await get("/b", fresh([allow("*")]))).text).requestContext.authorizer).toEqual({ lambda: null });
  expect(JSON.parse((await get("/old/a", ALLOWED)).text)).toMatchObject({
    version: "1.0",
    httpMethod: "GET",
    requestContext: { authorizer: { user: "me" } },
  });
});

describe("a missing identity source", () => {
  test("gives 401 without a call to the authorizer", async () => {
    const before = invocations();
    expect(await get("/b")).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(invocations()).toBe(before);
  });

  test("matters only if sources are configured; without them nothing is cached", async () => {
    const before = invocations();
    await get("/none", ALLOWED);
    await get("/none", ALLOWED);
    expect(invocations()).toBe(before + 2);
  });
});

describe("the cache", () => {
  test("stores a policy and evaluates it for every route", async () => {
    const token = fresh([allow("$STAGE/GET/a/*")]);
    const before = invocations();
    expect((await get("/a/7", token)).status).toBe(200);
    expect((await get("/b", token)).status).toBe(403);
    expect(invocations()).toBe(before + 1);
  });

  test("stores a simple response and serves it on every route of the authorizer", async () => {
    const token = plan({ result: { isAuthorized: true, context: { n: count++ } } });
    const before = invocations();
    expect((await get("/simple/a", token)).status).toBe(200);
    expect((await get("/simple/b", token)).status).toBe(200);
    expect(invocations()).toBe(before + 1);
  });

  test("has an entry for each route if the route is an identity source", async () => {
    const token = fresh([allow("*")]);
    const before = invocations();
    await get("/old/a", token);
    await get("/old/b", token);
    await get("/old/b", token);
    expect(invocations()).toBe(before + 2);
  });

  test("can be flushed with the AWS SDK", async () => {
    const token = fresh([allow("*")]);
    const before = invocations();
    await get("/b", token);
    const client = new ApiGatewayV2Client({ endpoint: harness.endpoint });
    await client.send(new ResetAuthorizersCacheCommand({ ApiId: "Api", StageName: "$default" }));
    client.destroy();
    await get("/b", token);
    expect(invocations()).toBe(before + 2);
  });
});

describe("the status that a client gets for an authorizer's answer", () => {
  test.each<[string, string, string, number, string]>([
    ["a policy that denies", "/b", plan({ result: output([deny("*")]) }), 403, '{"message":"Forbidden"}'],
    [
      "a policy that is silent",
      "/b",
      plan({ result: output([allow("arn:aws:execute-api:x")]) }),
      403,
      '{"message":"Forbidden"}',
    ],
    [
      "an address that does not match",
      "/b",
      plan({ result: output([allow("*", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } })]) }),
      403,
      '{"message":"Forbidden"}',
    ],
    ["a simple no", "/simple/a", plan({ result: { isAuthorized: false } }), 403, '{"message":"Forbidden"}'],
    ["a thrown Unauthorized", "/b", plan({ thrown: "Unauthorized" }), 401, '{"message":"Unauthorized"}'],
    ["anything else that is thrown", "/b", plan({ thrown: "unavailable" }), 500, '{"message":"Internal Server Error"}'],
    [
      "a simple answer where a policy is due",
      "/b",
      plan({ result: { isAuthorized: true } }),
      500,
      '{"message":"Internal Server Error"}',
    ],
    ["a policy where a simple answer is due", "/simple/a", ALLOWED, 500, '{"message":"Internal Server Error"}'],
    [
      "a yes that is text",
      "/simple/a",
      plan({ result: { isAuthorized: "true" } }),
      500,
      '{"message":"Internal Server Error"}',
    ],
    ["no route", "/nothing", ALLOWED, 404, '{"message":"Not Found"}'],
  ])("%s", async (_, path, token, status, text) => {
    expect(await get(path, token)).toMatchObject({ status, text });
  });
});

test("a backend gets a body in base64 unless its Content-Type is text, and a form too, which a REST API sends as it is", async () => {
  const bytes = Uint8Array.of(0, 0xff, 0x80, 1);
  const send = async (type: string, body: Uint8Array<ArrayBuffer> | string) => {
    const headers = { Authorization: ALLOWED, "Content-Type": type };
    return (await fetch(`${harness.urls.Api}/upload`, { method: "POST", headers, body })).json() as Promise<object>;
  };
  expect(await send("application/octet-stream", bytes)).toMatchObject({
    body: Buffer.from(bytes).toString("base64"),
    isBase64Encoded: true,
  });
  expect(await send("application/json", '{"a":"é"}')).toMatchObject({ body: '{"a":"é"}', isBase64Encoded: false });
  const form = { body: Buffer.from("a=%C3%A9").toString("base64"), isBase64Encoded: true };
  expect(await send("application/x-www-form-urlencoded", "a=%C3%A9")).toMatchObject(form);
  expect(await send("application/x-www-form-urlencoded; charset=utf-8", "a=%C3%A9")).toMatchObject(form);
});

test("an HTTP API ignores X-HTTP-Method-Override", async () => {
  expect(await get("/b", ALLOWED, { "X-HTTP-Method-Override": "DELETE" })).toMatchObject({ status: 200 });
});

test("an API with CORS answers preflight requests itself", async () => {
  const { status, headers } = await get("/b", undefined, {}, "OPTIONS");
  expect([status, headers.get("access-control-allow-origin")]).toEqual([204, "https://app.example.com"]);
});

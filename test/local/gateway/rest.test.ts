import { APIGatewayClient, FlushStageAuthorizersCacheCommand } from "@aws-sdk/client-api-gateway";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ALLOWED, allow, deny, type Harness, output, plan, startHarness } from "./harness.ts";

const TEMPLATE = `
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: "'https://app.example.com'"
      Variables: { color: blue }
      Auth:
        DefaultAuthorizer: Cached
        Authorizers:
          Cached:
            FunctionArn: !GetAtt Auth.Arn
            FunctionPayloadType: REQUEST
            Identity: { Headers: [Authorization], ReauthorizeEvery: 300 }
          Uncached:
            FunctionArn: !GetAtt Auth.Arn
            FunctionPayloadType: REQUEST
            Identity: { ReauthorizeEvery: 0 }
          ByToken:
            FunctionArn: !GetAtt Auth.Arn
            Identity: { Header: Authorization, ValidationExpression: "Bearer [A-Za-z0-9_-]+", ReauthorizeEvery: 0 }
          ByQuery:
            FunctionArn: !GetAtt Auth.Arn
            FunctionPayloadType: REQUEST
            Identity: { QueryStrings: [token], Context: [httpMethod], ReauthorizeEvery: 60 }
      GatewayResponses:
        UNAUTHORIZED:
          ResponseParameters: { Headers: { WWW-Authenticate: "'Bearer'", X-Path: "context.path" } }
          ResponseTemplates: { application/json: '{"said":$context.error.messageString,"type":"$context.error.responseType"}' }
  Back:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        One: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/users/{id}", Method: GET } }
        Me: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /users/me, Method: GET } }
        All: { Type: Api, Properties: { RestApiId: !Ref Api, Path: "/files/{path+}", Method: ANY } }
        Open: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /open, Method: GET, Auth: { Authorizer: NONE } } }
        Uncached: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /uncached, Method: GET, Auth: { Authorizer: Uncached } } }
        Token: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /token, Method: GET, Auth: { Authorizer: ByToken } } }
        Query: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /query, Method: ANY, Auth: { Authorizer: ByQuery } } }
        Planned: { Type: Api, Properties: { RestApiId: !Ref Api, Path: /planned, Method: GET, Auth: { ApiKeyRequired: true } } }
  Guarded:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      ApiKeySourceType: AUTHORIZER
      Auth:
        DefaultAuthorizer: Cached
        Authorizers:
          Cached: { FunctionArn: !GetAtt Auth.Arn, FunctionPayloadType: REQUEST, Identity: { Headers: [Authorization] } }
        ResourcePolicy:
          CustomStatements:
            - { Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/prod/GET/open*" }
            - Effect: Deny
              Principal: "*"
              Action: "execute-api:Invoke"
              Resource: "execute-api:/prod/*"
              Condition: { IpAddress: { "aws:SourceIp": "198.51.100.0/24" } }
  SlowPlan: { Type: AWS::ApiGateway::UsagePlan, Properties: { Throttle: { RateLimit: 1, BurstLimit: 1 } } }
  FewPlan: { Type: AWS::ApiGateway::UsagePlan, Properties: { Quota: { Limit: 1, Period: DAY } } }
  OpenPlan: { Type: AWS::ApiGateway::UsagePlan }
  Slow: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: slow, Enabled: true } }
  Few: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: few } }
  Off: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: "off", Enabled: false } }
  Named: { Type: AWS::ApiGateway::ApiKey, Properties: { Value: named } }
  SlowKey: { Type: AWS::ApiGateway::UsagePlanKey, Properties: { KeyId: !Ref Slow, UsagePlanId: !Ref SlowPlan, KeyType: API_KEY } }
  FewKey: { Type: AWS::ApiGateway::UsagePlanKey, Properties: { KeyId: !Ref Few, UsagePlanId: !Ref FewPlan, KeyType: API_KEY } }
  OffKey: { Type: AWS::ApiGateway::UsagePlanKey, Properties: { KeyId: !Ref Off, UsagePlanId: !Ref OpenPlan, KeyType: API_KEY } }
  NamedKey: { Type: AWS::ApiGateway::UsagePlanKey, Properties: { KeyId: !Ref Named, UsagePlanId: !Ref OpenPlan, KeyType: API_KEY } }
  GuardedBack:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        Open: { Type: Api, Properties: { RestApiId: !Ref Guarded, Path: /open, Method: GET } }
        Shut: { Type: Api, Properties: { RestApiId: !Ref Guarded, Path: /shut, Method: GET } }
        Planned: { Type: Api, Properties: { RestApiId: !Ref Guarded, Path: /planned, Method: GET, Auth: { ApiKeyRequired: true } } }
`;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness(TEMPLATE);
});
afterAll(() => harness.close());

async function get(
  path: string,
  authorization?: string,
  { api = "Api", method = "GET", headers = {} as Record<string, string>, body = null as string | null } = {},
) {
  const response = await fetch(harness.urls[api] + path, {
    method,
    body,
    headers: { ...headers, ...(authorization !== undefined && { Authorization: authorization }) },
  });
  const text = await response.text();
  return { status: response.status, error: response.headers.get("x-amzn-errortype"), headers: response.headers, text };
}
const invocations = () => harness.functions.invocations("Auth");
/** A unique token, so that no cache entry of another test answers. */
let count = 0;
const fresh = (statements: object[], rest: object = {}) =>
  plan({ result: output(statements, { ...rest, principalId: `p${count++}` }) });

describe("a route", () => {
  test("is matched by literal segments before parameters", async () => {
    expect(JSON.parse((await get("/users/me", ALLOWED)).text)).toMatchObject({
      resource: "/users/me",
      pathParameters: null,
    });
    expect(JSON.parse((await get("/users/7", ALLOWED)).text)).toMatchObject({
      resource: "/users/{id}",
      pathParameters: { id: "7" },
    });
    expect(JSON.parse((await get("/files/a/b%20c", ALLOWED)).text).pathParameters).toEqual({ path: "a/b c" });
  });

  test.each(["/nothing", "/users", "/files/", "/users/7/x"])(
    "that is not there is 403, whoever asks: %s",
    async (path) => {
      expect(await get(path, ALLOWED)).toMatchObject({
        status: 403,
        error: "MissingAuthenticationTokenException",
        text: '{"message":"Missing Authentication Token"}',
      });
    },
  );

  test("of another stage is not found", async () => {
    const response = await fetch(`${harness.urls.Api?.replace("/prod", "/test")}/open`);
    expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
  });

  test("without an authorizer is open", async () => {
    const before = invocations();
    expect((await get("/open")).status).toBe(200);
    expect(invocations()).toBe(before);
  });

  test("answers preflight requests as the template's CORS settings say", async () => {
    const { status, headers } = await get("/users/7", undefined, { method: "OPTIONS" });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, "https://app.example.com"]);
  });
});

describe("the events of an authorizer and a backend", () => {
  test("have the documented fields: empty maps are empty for an authorizer, and null for a backend", async () => {
    const echo = plan({ result: output([allow("$STAGE/*")], { context: { user: "me", level: 3, vip: true } }) });
    const event = JSON.parse((await get("/users/7?a=1&a=2", echo, { headers: { "X-Multi": "x" } })).text);
    expect(event).toMatchObject({
      httpMethod: "GET",
      path: "/users/7",
      queryStringParameters: { a: "2" },
      multiValueQueryStringParameters: { a: ["1", "2"] },
      stageVariables: { color: "blue" },
      body: null,
      isBase64Encoded: false,
      requestContext: {
        path: "/prod/users/7",
        stage: "prod",
        identity: { sourceIp: "127.0.0.1" },
        authorizer: { user: "me", level: "3", vip: "true", principalId: "me", integrationLatency: 0 },
      },
    });
    expect(event.requestContext.requestTime).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(JSON.parse((await get("/users/me", echo)).text)).toMatchObject({
      queryStringParameters: null,
      pathParameters: null,
    });
  });

  test("a backend does not get the headers that API Gateway removes; some of a backend's headers are renamed", async () => {
    const { headers, text } = await get("/files/x", ALLOWED, {
      method: "POST",
      body: "hello",
      headers: { "Content-Type": "text/plain" },
    });
    expect(Object.keys(JSON.parse(text).headers).map((name) => name.toLowerCase())).not.toContain("content-length");
    expect(JSON.parse(text).body).toBe("hello");
    expect(headers.get("x-amzn-remapped-server")).toBe("mine");
  });
});

describe("identity sources", () => {
  test("that are missing give 401 without a call to the authorizer", async () => {
    const before = invocations();
    for (const authorization of [undefined, ""]) {
      expect(await get("/users/7", authorization)).toMatchObject({ status: 401, error: "UnauthorizedException" });
    }
    expect(await get("/query")).toMatchObject({ status: 401 });
    expect(await get("/token")).toMatchObject({ status: 401 });
    expect(invocations()).toBe(before);
  });

  test("are not required without a cache", async () => {
    const before = invocations();
    await get("/uncached");
    expect(invocations()).toBe(before + 1);
  });

  test("of a TOKEN authorizer must match its validation expression, or the authorizer is not called", async () => {
    const before = invocations();
    expect((await get("/token", "Basic abc")).status).toBe(401);
    expect((await get("/token", "Bearer abc def")).status).toBe(401);
    expect(invocations()).toBe(before);
    expect((await get("/token", ALLOWED)).status).toBe(200);
  });

  test("form the cache key together", async () => {
    const token = fresh([allow("$STAGE/*")]).slice("Bearer ".length);
    const before = invocations();
    await get(`/query?token=${token}`);
    await get(`/query?token=${token}`);
    expect(invocations()).toBe(before + 1);
    await get(`/query?token=${token}`, undefined, { method: "POST" });
    expect(invocations()).toBe(before + 2);
  });
});

describe("the cache", () => {
  test("stores a policy, which serves the next route", async () => {
    const token = fresh([allow("$STAGE/GET/users/*")]);
    const before = invocations();
    expect((await get("/users/7", token)).status).toBe(200);
    expect((await get("/users/me", token)).status).toBe(200);
    expect((await get("/files/x", token)).status).toBe(403);
    expect(invocations()).toBe(before + 1);
  });

  test("serves a policy for one route to other routes, which it denies", async () => {
    const token = fresh([allow("$ARN")]);
    expect((await get("/users/7", token)).status).toBe(200);
    expect((await get("/users/8", token)).status).toBe(403);
  });

  test("stores a denial but not a failure", async () => {
    const [denied, failing] = [fresh([deny("*")]), plan({ thrown: `trouble ${count++}` })];
    const before = invocations();
    for (const token of [denied, denied, failing, failing]) await get("/users/7", token);
    expect(invocations()).toBe(before + 3);
  });

  test("expires after its time to live, and can be flushed with the AWS SDK", async () => {
    const token = fresh([allow("$STAGE/*")]);
    const before = invocations();
    await get("/users/7", token);
    harness.later(299);
    await get("/users/7", token);
    expect(invocations()).toBe(before + 1);
    harness.later(1);
    await get("/users/7", token);
    expect(invocations()).toBe(before + 2);
    const client = new APIGatewayClient({ endpoint: harness.endpoint });
    await client.send(new FlushStageAuthorizersCacheCommand({ restApiId: "Api", stageName: "prod" }));
    await get("/users/7", token);
    expect(invocations()).toBe(before + 3);
    const unknown = client.send(new FlushStageAuthorizersCacheCommand({ restApiId: "Api", stageName: "none" }));
    await expect(unknown).rejects.toThrow("Invalid stage");
    client.destroy();
  });
});

describe("a policy's conditions are evaluated for new and cached policies", () => {
  const EXPLICIT = "User is not authorized to access this resource with an explicit deny in an identity-based policy";
  const IMPLICIT =
    "User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action";

  test("another address gets 403 both times", async () => {
    const token = fresh([allow("$STAGE/*", { IpAddress: { "aws:SourceIp": "192.0.2.7/32" } })]);
    const from = (address: string) => get("/users/7", token, { headers: { "X-Sallyport-Source-Ip": address } });
    const before = invocations();
    expect(await from("192.0.2.8")).toMatchObject({
      status: 403,
      error: "AccessDeniedException",
      text: JSON.stringify({ Message: IMPLICIT }),
    });
    expect((await from("192.0.2.7")).status).toBe(200);
    expect((await from("192.0.2.8")).status).toBe(403);
    expect(invocations()).toBe(before + 1);
  });

  test("a cached policy gives 403 from the second in which it ends", async () => {
    const end = new Date(harness.now() + 100_000).toISOString();
    const token = fresh([allow("$STAGE/*", { DateLessThan: { "aws:CurrentTime": end } })]);
    const before = invocations();
    expect((await get("/users/7", token)).status).toBe(200);
    harness.later(98);
    expect((await get("/users/7", token)).status).toBe(200);
    harness.later(2);
    expect((await get("/users/7", token)).status).toBe(403);
    expect(invocations()).toBe(before + 1);
  });

  test("the message names an explicit Deny", async () => {
    const token = fresh([allow("$STAGE/*"), deny("$STAGE/GET/users/7")]);
    expect(await get("/users/7", token)).toMatchObject({ status: 403, text: JSON.stringify({ Message: EXPLICIT }) });
    expect((await get("/users/8", token)).status).toBe(200);
  });
});

describe("an authorizer that fails", () => {
  test.each<[string, string, number, string]>([
    ["throws Unauthorized", plan({ thrown: "Unauthorized" }), 401, "UnauthorizedException"],
    ["throws anything else", plan({ thrown: "unavailable" }), 500, "AuthorizerConfigurationException"],
    ["throws Unauthorized in another case", plan({ thrown: "unauthorized" }), 500, "AuthorizerConfigurationException"],
    ["does not answer in its time", plan({ wait: 1500 }), 500, "AuthorizerConfigurationException"],
    ["answers with nothing", plan({}), 500, "AuthorizerConfigurationException"],
    [
      "names no principal",
      plan({ result: { ...output([allow("*")]), principalId: "" } }),
      500,
      "AuthorizerConfigurationException",
    ],
    ["has no policy", plan({ result: { principalId: "me" } }), 500, "AuthorizerConfigurationException"],
    [
      "has a policy that nobody can read",
      plan({ result: output([{ Effect: "Maybe", Resource: "*" }]) }),
      500,
      "AuthorizerConfigurationException",
    ],
    [
      "has a list in its context",
      plan({ result: output([allow("*")], { context: { roles: ["a"] } }) }),
      500,
      "AuthorizerConfigurationException",
    ],
    [
      "has null in its context",
      plan({ result: output([allow("*")], { context: { role: null } }) }),
      500,
      "AuthorizerConfigurationException",
    ],
    [
      "has too long a resource",
      plan({ result: output([allow(`arn:aws:execute-api:${"x".repeat(500)}`)]) }),
      500,
      "AuthorizerConfigurationException",
    ],
    [
      "answers with more than 8 KB",
      plan({ result: output([allow("*")], { context: { a: "$LONG" } }) }),
      500,
      "AuthorizerConfigurationException",
    ],
    [
      "uses an operator that nobody knows",
      plan({ result: output([allow("*", { Whenever: { "aws:SourceIp": "x" } })]) }),
      500,
      "AuthorizerConfigurationException",
    ],
  ])("and %s", async (_, token, status, error) => {
    expect(await get("/uncached", token)).toMatchObject({ status, error });
  });

  test("gets the body and headers of the template's gateway response", async () => {
    const { text, headers } = await get("/uncached", plan({ thrown: "Unauthorized" }));
    expect(JSON.parse(text)).toEqual({ said: "Unauthorized", type: "UNAUTHORIZED" });
    expect([headers.get("www-authenticate"), headers.get("x-path")]).toEqual(["Bearer", "/prod/uncached"]);
    expect((await get("/uncached", plan({ thrown: "x" }))).text).toBe('{"message":null}');
  });
});

describe("a resource policy together with an authorizer's policy", () => {
  const ask = (path: string, statements: object[], address = "192.0.2.1") =>
    get(path, fresh(statements), { api: "Guarded", headers: { "X-Sallyport-Source-Ip": address } });
  const before = () => invocations();

  test.each<[string, string, object[], number]>([
    ["allow and allow", "/open", [allow("*")], 200],
    ["allow and nothing", "/shut", [allow("*")], 200],
    ["nothing and allow: the silent policy lets through", "/open", [allow("arn:aws:execute-api:x")], 200],
    ["nothing and nothing", "/shut", [allow("arn:aws:execute-api:x")], 403],
    ["deny and allow", "/open", [deny("*")], 403],
    ["deny and nothing", "/shut", [deny("*")], 403],
  ])("%s", async (_, path, statements, status) => {
    expect((await ask(path, statements)).status).toBe(status);
  });

  test("that denies is evaluated first, without a call to the authorizer", async () => {
    const count = before();
    const { status, text } = await ask("/open", [allow("*")], "198.51.100.7");
    expect(status).toBe(403);
    expect(JSON.parse(text).Message).toMatch(
      /^User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:\*{8}9012:/,
    );
    expect(invocations()).toBe(count);
  });
});

describe("a usage plan", () => {
  const planned = (key?: string) =>
    get("/planned", ALLOWED, { headers: key === undefined ? {} : { "X-API-Key": key } });

  test("requires a known key", async () => {
    for (const key of [undefined, "unknown", "off"]) {
      expect(await planned(key)).toMatchObject({
        status: 403,
        error: "ForbiddenException",
        text: '{"message":"Forbidden"}',
      });
    }
  });

  test("limits a key to its rate and quota", async () => {
    expect((await planned("slow")).status).toBe(200);
    expect(await planned("slow")).toMatchObject({ status: 429, error: "TooManyRequestsException" });
    harness.later(1);
    expect((await planned("slow")).status).toBe(200);
    expect((await planned("few")).status).toBe(200);
    expect(await planned("few")).toMatchObject({ status: 429, error: "LimitExceededException" });
  });

  test("takes the key from the authorizer if the API's key source is AUTHORIZER", async () => {
    const token = fresh([allow("*")], { usageIdentifierKey: "named" });
    expect((await get("/planned", token, { api: "Guarded" })).status).toBe(200);
    expect(
      (await get("/planned", fresh([allow("*")]), { api: "Guarded", headers: { "X-API-Key": "named" } })).status,
    ).toBe(403);
  });
});

test("a method ARN of more than 1600 bytes gives 414", async () => {
  expect(await get(`/files/${"x".repeat(1600)}`, ALLOWED)).toMatchObject({ status: 414, text: "Request URI too long" });
});

test("headers of more than 10,240 bytes give 431", async () => {
  expect(await get("/users/me", ALLOWED, { headers: { "X-Long": "x".repeat(9000) } })).toMatchObject({ status: 200 });
  expect(await get("/users/me", ALLOWED, { headers: { "X-Long": "x".repeat(10_300) } })).toMatchObject({ status: 431 });
});

test("a body of more than 10 MiB gives 413", async () => {
  const body = "x".repeat(10 * 1024 * 1024 + 1);
  expect(await get("/files/a", ALLOWED, { method: "POST", body })).toMatchObject({
    status: 413,
    error: "RequestTooLargeException",
    text: '{"message":"HTTP content length exceeded 10485760 bytes"}',
  });
});

test("X-HTTP-Method-Override replaces the method, for the route and for the policy", async () => {
  const headers = { "X-HTTP-Method-Override": "put" };
  const { text } = await get("/files/a", ALLOWED, { method: "POST", headers });
  expect(JSON.parse(text)).toMatchObject({ httpMethod: "PUT" });
  const puts = fresh([allow("$STAGE/PUT/files/*")]);
  expect(await get("/files/a", puts, { method: "POST", headers })).toMatchObject({ status: 200 });
  expect(await get("/files/a", puts, { method: "POST" })).toMatchObject({ status: 403 });
  expect(await get("/users/me", ALLOWED, { headers })).toMatchObject({ error: "MissingAuthenticationTokenException" });
});

test("a backend whose result is not in the format of a proxy integration gives 502", async () => {
  expect(await get("/users/me?status=x", ALLOWED)).toMatchObject({
    status: 502,
    text: '{"message": "Internal server error"}',
  });
});

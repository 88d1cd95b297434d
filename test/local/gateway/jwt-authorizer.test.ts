import { SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GatewaySettings } from "../../../local/gateway/settings.ts";
import type { RequestRecord } from "../../../local/gateway/trail.ts";
import { ALLOWED, type Harness, startHarness } from "./harness.ts";
import { type JwtIssuer, startJwtIssuer } from "./jwt-issuer.ts";

/** AWS's own JWT authorizers beside a Lambda authorizer, on one API of each kind. */

const AUDIENCE = "https://api.example.com";

const templateFor = ({ url }: JwtIssuer, other: JwtIssuer) => `
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Lambda
        Authorizers:
          Lambda:
            FunctionArn: !GetAtt Auth.Arn
            AuthorizerPayloadFormatVersion: "2.0"
            Identity: { Headers: [Authorization] }
          Tokens:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: { issuer: "${url}", audience: ["${AUDIENCE}", other, "5", "null"] }
          Query:
            AuthorizationScopes: [query]
            IdentitySource: $request.querystring.token
            JwtConfiguration: { issuer: "${url}", audience: ["${AUDIENCE}"] }
  HttpBack:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: back
      Handler: index.handler
      Events:
        Lambda: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /lambda, Method: GET } }
        Any: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /jwt, Method: GET, Auth: { Authorizer: Tokens } } }
        Read: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /read, Method: GET, Auth: { Authorizer: Tokens, AuthorizationScopes: [read, all] } } }
        Old: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /old, Method: GET, PayloadFormatVersion: "1.0", Auth: { Authorizer: Tokens } } }
        Query: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /query, Method: GET, Auth: { Authorizer: Query } } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Http, Path: /open, Method: GET, Auth: { Authorizer: NONE } } }
  Rest: { Type: AWS::ApiGateway::RestApi, Properties: { Name: rest } }
  RestStage: { Type: AWS::ApiGateway::Stage, Properties: { RestApiId: !Ref Rest, StageName: prod } }
  Tokens:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Rest
      Name: Tokens
      Type: JWT
      IdentitySource: method.request.header.Authorization
      JwtConfiguration:
        DefaultAlgorithms: [RS256, ES256]
        Issuers:
          - { Issuer: "${url}", Audiences: ["${AUDIENCE}", other, "5", "null"] }
          - Issuer: "${other.url}"
            Audiences: ["${AUDIENCE}"]
            AdditionalClaims:
              - { ClaimName: token_use, Format: single-string, ExpectedValues: [access], Required: true }
              - { ClaimName: groups, Format: string-array, ExpectedValues: [staff, admins] }
              - { ClaimName: features, Format: SPACE_SEPARATED_VALUES, ExpectedValues: [beta] }
  Lambda:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Rest
      Name: Lambda
      Type: TOKEN
      AuthorizerUri: !Sub arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/\${Auth.Arn}/invocations
      IdentitySource: method.request.header.Authorization
  Denied:
    Type: AWS::ApiGateway::GatewayResponse
    Properties:
      RestApiId: !Ref Rest
      ResponseType: ACCESS_DENIED
      ResponseParameters: { gatewayresponse.header.X-Why: "'scope'" }
${[
  ["Jwt", "jwt", "AuthorizationType: JWT, AuthorizerId: !Ref Tokens"],
  ["Read", "read", "AuthorizationType: JWT, AuthorizerId: !Ref Tokens, AuthorizationScopes: [read, all]"],
  ["ByLambda", "lambda", "AuthorizationType: CUSTOM, AuthorizerId: !Ref Lambda"],
  ["Open", "open", "AuthorizationType: NONE"],
]
  .map(
    ([name, path, authorization]) => `
  ${name}Resource: { Type: AWS::ApiGateway::Resource, Properties: { RestApiId: !Ref Rest, ParentId: !GetAtt Rest.RootResourceId, PathPart: ${path} } }
  ${name}Method:
    Type: AWS::ApiGateway::Method
    Properties:
      { RestApiId: !Ref Rest, ResourceId: !Ref ${name}Resource, HttpMethod: GET, ${authorization}, Integration: { Type: AWS_PROXY, IntegrationHttpMethod: POST, Uri: !Sub "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/\${HttpBack.Arn}/invocations" } }`,
  )
  .join("")}
`;

let [issuer, second]: JwtIssuer[] = [];
let harness: Harness;
let record: RequestRecord | undefined;
const at = (value: JwtIssuer | undefined) => value ?? expect.fail("no issuer");
const start = (settings: Partial<GatewaySettings> = {}, own = at(issuer)) =>
  startHarness(templateFor(own, at(second)), { settings, onRequest: (each) => (record = each) });

beforeAll(async () => {
  issuer = await startJwtIssuer("RS256", "RS384", "RS512", "PS256", "ES256");
  second = await startJwtIssuer("RS256");
  harness = await start();
});
afterAll(() => Promise.all([harness.close(), issuer?.close(), second?.close()]));
beforeEach(() => {
  record = undefined;
});

const now = () => Math.floor(harness.now() / 1000);
const claims = (more: object = {}) => ({ aud: AUDIENCE, sub: "alice", iat: now(), exp: now() + 600, ...more });
const token = (more: object = {}, header: Parameters<JwtIssuer["sign"]>[1] = {}) =>
  at(issuer).sign(claims(more), header);

async function get(api: "Http" | "Rest", path: string, authorization?: string, from = harness) {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  const response = await fetch(`${from.urls[api]}${path}`, { headers });
  return {
    status: response.status,
    challenge: response.headers.get("www-authenticate"),
    headers: response.headers,
    body: await response.text(),
  };
}

const UNAUTHORIZED = { status: 401, body: '{"message":"Unauthorized"}' };
const symmetric = () =>
  new SignJWT({ iss: at(issuer).url, ...claims() })
    .setProtectedHeader({ alg: "HS256", kid: "RS384" })
    .sign(Buffer.from("a secret that nobody should ever take for a key"));
const unsigned = () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return Promise.resolve(`${part({ alg: "none", kid: "RS384" })}.${part({ iss: at(issuer).url, ...claims() })}.`);
};
const manipulated = async () => {
  const [header, , signature] = (await token()).split(".");
  const body = Buffer.from(JSON.stringify({ iss: at(issuer).url, ...claims({ sub: "mallory" }) })).toString(
    "base64url",
  );
  return `${header}.${body}.${signature}`;
};

describe.each(["Http", "Rest"] as const)("the JWT authorizer of the %s API", (api) => {
  test.each<[string, () => Promise<string>]>([
    ["a token behind Bearer", async () => `Bearer ${await token()}`],
    ["a token alone", () => token()],
    ["another audience of the authorizer", async () => `Bearer ${await token({ aud: ["elsewhere", "other"] })}`],
    ["client_id where there is no aud", async () => `Bearer ${await token({ aud: undefined, client_id: AUDIENCE })}`],
    [
      "an ID token, which nothing tells from an access token",
      async () => `Bearer ${await token({ nonce: "n", at_hash: "h" })}`,
    ],
    ["a token whose nbf is now", async () => `Bearer ${await token({ nbf: now() })}`],
  ])("allows %s", async (_, credential) => {
    expect(await get(api, "/jwt", await credential())).toMatchObject({ status: 200 });
    expect(record).toMatchObject({ outcome: "allow", by: "gateway", status: 200 });
  });

  test.each<[string, () => Promise<string>, string]>([
    ["what is no JWT", async () => "Bearer not-a-token", "token contains an invalid number of segments"],
    ["parts that are no JSON", async () => "Bearer a.b.c", "the token cannot be read"],
    ["an expired token", async () => token({ exp: now() }), "the token has expired"],
    ["a token without exp", async () => token({ exp: undefined }), "the token has expired"],
    ["a token that is not valid yet", async () => token({ nbf: now() + 60 }), "the token is not valid yet"],
    ["a token of the future", async () => token({ iat: now() + 60 }), "the token was issued in the future"],
    ["another audience", async () => token({ aud: "elsewhere" }), "the token does not have a valid audience"],
    [
      "aud of another API, whatever client_id says",
      async () => token({ aud: "elsewhere", client_id: AUDIENCE }),
      "the token does not have a valid audience",
    ],
    ["no audience at all", async () => token({ aud: undefined }), "the token does not have a valid audience"],
    ["an audience that is a number", async () => token({ aud: 5 }), "the token does not have a valid audience"],
    ["an audience of null", async () => token({ aud: null }), "the token does not have a valid audience"],
    [
      "an audience of null, whatever client_id says",
      async () => token({ aud: null, client_id: AUDIENCE }),
      "the token does not have a valid audience",
    ],
    [
      "a list with an audience that is a number",
      async () => token({ aud: [AUDIENCE, 5] }),
      "the token does not have a valid audience",
    ],
    ["a client_id that is a number", async () => token({ aud: undefined, client_id: 5 }), "a valid audience"],
    ["nbf as a text", async () => token({ nbf: "1" }), "the token is not valid yet"],
    ["nbf of null", async () => token({ nbf: null }), "the token is not valid yet"],
    ["iat as a text", async () => token({ iat: "1" }), "the token was issued in the future"],
    ["exp as a text", async () => token({ exp: "9999999999" }), "the token has expired"],
    ["another issuer", async () => token({ iss: `${at(issuer).url}/` }), "the token does not have a valid issuer"],
    ["HS256", symmetric, "the token's signing algorithm is not accepted"],
    ["alg none", unsigned, "the token's signing algorithm is not accepted"],
    ["a changed payload", manipulated, "the token's signature is not valid"],
    ["no kid", async () => token({}, { kid: undefined }), "the token has no kid"],
    ["a kid that the issuer does not have", async () => token({}, { kid: "gone" }), "no key of the issuer has"],
    ["the kid of another key", async () => token({}, { kid: "RS384" }), "the token's signature is not valid"],
  ])("refuses %s with 401", async (_, credential, description) => {
    const answer = await get(api, "/jwt", await credential());
    expect(answer).toMatchObject(UNAUTHORIZED);
    expect(record).toMatchObject({ outcome: "unauthenticated", by: "gateway" });
    expect(record?.reason).toContain(description);
    if (api === "Http") {
      expect(answer.challenge).toMatch(/^Bearer scope="" error="invalid_token" error_description="/);
      expect(answer.challenge).toContain(description);
    }
  });

  test("refuses a request without a token with 401", async () => {
    expect(await get(api, "/jwt")).toMatchObject({ ...UNAUTHORIZED, challenge: api === "Http" ? "Bearer" : null });
    expect(record?.reason).toBe("no header Authorization");
  });

  test("takes any of the route's scopes, from scope or scp, as a text or a list", async () => {
    for (const scope of [{ scope: "read" }, { scope: "a all" }, { scp: ["read", "b"] }, { scp: "read" }]) {
      expect(await get(api, "/read", `Bearer ${await token(scope)}`)).toMatchObject({ status: 200 });
    }
  });

  test("refuses a token without one of the route's scopes with 403", async () => {
    for (const scope of [{}, { scope: "" }, { scope: "reader" }, { scope: "write" }, { scp: [1] }]) {
      const answer = await get(api, "/read", `Bearer ${await token(scope)}`);
      expect(answer).toMatchObject({ status: 403 });
      expect(JSON.parse(answer.body)).toEqual(api === "Http" ? { message: "Forbidden" } : { Message: "Forbidden" });
      expect(record).toMatchObject({ outcome: "deny", by: "gateway" });
    }
  });

  test("leaves the routes of the Lambda authorizer to it, and open ones open", async () => {
    const before = harness.functions.invocations("Auth");
    expect(await get(api, "/lambda", ALLOWED)).toMatchObject({ status: 200 });
    expect(await get(api, "/lambda", `Bearer ${await token()}`)).toMatchObject({ status: 500 });
    expect(harness.functions.invocations("Auth")).toBe(before + 2);
    expect(await get(api, "/jwt", ALLOWED)).toMatchObject({ status: 401 });
    expect(harness.functions.invocations("Auth")).toBe(before + 2);
    expect(await get(api, "/open")).toMatchObject({ status: 200 });
  });

  test("keeps the keys, and fetches them again for a new one", async () => {
    const [first, before] = [await token(), at(issuer).fetched()];
    expect(await get(api, "/jwt", first)).toMatchObject({ status: 200 });
    expect(await get(api, "/jwt", first)).toMatchObject({ status: 200 });
    expect(at(issuer).fetched() - before).toBeLessThanOrEqual(1);
    await at(issuer).rotate();
    expect(await get(api, "/jwt", await token())).toMatchObject({ status: 200 });
    expect(await get(api, "/jwt", first)).toMatchObject({ status: 200 });
  });
});

describe("an HTTP API", () => {
  test.each(["RS384", "RS512"])("takes %s", async (alg) => {
    expect(await get("Http", "/jwt", await token({}, { alg }))).toMatchObject({ status: 200 });
  });

  test.each(["ES256", "PS256"])("refuses %s: only RS256 and its kin have keys that it takes", async (alg) => {
    expect(await get("Http", "/jwt", await token({}, { alg }))).toMatchObject(UNAUTHORIZED);
  });

  test("gives a backend all claims as texts, and the scopes only where the route names some", async () => {
    const more = { scope: "read write", groups: ["admin", "staff"], level: 3, ok: true, deep: { a: [1] }, gone: null };
    const credential = await token(more);
    const { requestContext } = JSON.parse((await get("Http", "/read", credential)).body);
    expect(requestContext.authorizer.jwt.scopes).toEqual(["read", "write"]);
    expect(requestContext.authorizer.jwt.claims).toEqual({
      ...{
        iss: at(issuer).url,
        aud: AUDIENCE,
        sub: "alice",
        iat: expect.stringMatching(/^\d{10}$/),
        exp: expect.stringMatching(/^\d{10}$/),
      },
      ...{ scope: "read write", groups: "[admin staff]", level: "3", ok: "true", deep: '{"a":[1]}' },
    });
    const any = JSON.parse((await get("Http", "/jwt", credential)).body);
    expect(any.requestContext.authorizer.jwt.scopes).toBeNull();
    const old = JSON.parse((await get("Http", "/old", credential)).body);
    expect(old.requestContext.authorizer).toMatchObject({ claims: { groups: "[admin staff]" }, scopes: null });
  });

  test("takes a token from the query where that is its source, with the authorizer's own scopes", async () => {
    const read = async (scope: string) => get("Http", `/query?token=${await token({ scope })}`);
    expect(await read("query")).toMatchObject({ status: 200 });
    expect(await read("read")).toMatchObject({
      ...{ status: 403, body: '{"message":"Forbidden"}' },
      challenge: expect.stringMatching(/^Bearer scope="query" error="insufficient_scope"/),
    });
    expect(await get("Http", "/query", `Bearer ${await token({ scope: "query" })}`)).toMatchObject(UNAUTHORIZED);
  });
});

describe("a REST API", () => {
  test("takes the algorithms that it names, and no others", async () => {
    expect(await get("Rest", "/jwt", await token({}, { alg: "ES256" }))).toMatchObject({ status: 200 });
    expect(await get("Rest", "/jwt", await token({}, { alg: "RS512" }))).toMatchObject(UNAUTHORIZED);
  });

  test("gives a backend the claims with their JSON types", async () => {
    const { body } = await get("Rest", "/jwt", await token({ groups: ["admin"], level: 3, address: { city: "Bonn" } }));
    expect(JSON.parse(body).requestContext.authorizer).toEqual({
      claims: {
        ...{ iss: at(issuer).url, aud: AUDIENCE, sub: "alice", iat: expect.any(Number), exp: expect.any(Number) },
        ...{ groups: ["admin"], level: 3, address: { city: "Bonn" } },
      },
    });
  });

  test("takes several issuers, each with its own audiences and further claims", async () => {
    const ofSecond = async (more: object) => (await get("Rest", "/jwt", await at(second).sign(claims(more)))).status;
    expect(await ofSecond({ token_use: "access" })).toBe(200);
    expect(await ofSecond({ token_use: "access", groups: ["a", "staff"], features: "alpha beta" })).toBe(200);
    const refused = [
      {},
      { token_use: "id" },
      { token_use: ["access"] },
      { token_use: "access", groups: ["guests"] },
      { token_use: "access", groups: "staff" },
      { token_use: "access", features: "betas" },
      { token_use: "access", aud: "other" },
    ];
    for (const each of refused) expect([each, await ofSecond(each)]).toEqual([each, 401]);
  });

  test("refuses with the gateway response of its template", async () => {
    const { headers } = await get("Rest", "/read", await token());
    expect([headers.get("x-why"), headers.get("x-amzn-errortype")]).toEqual(["scope", "AccessDeniedException"]);
  });
});

describe("where keys cannot be fetched", () => {
  test.each<["discovery" | "keys", 500 | "silence" | "size", string]>([
    ["discovery", 500, "OIDC discovery endpoint communication error"],
    ["discovery", "silence", "OIDC discovery endpoint communication error"],
    ["keys", 500, "JWKS communication error"],
    ["keys", "silence", "JWKS communication error"],
    ["keys", "size", "JWKS communication error"],
  ])("%s with %s is 401, as users report it, or 500 by a setting", async (document, how, description) => {
    const failing = await startJwtIssuer("RS256");
    failing.fail(document, how);
    const settings = { jwtKeysTimeout: 100 };
    const [asReported, other] = [
      await start(settings, failing),
      await start({ ...settings, jwtKeysTrouble: 500 }, failing),
    ];
    const credential = await failing.sign(claims());
    for (const api of ["Http", "Rest"] as const) {
      expect(await get(api, "/jwt", credential, asReported)).toMatchObject(UNAUTHORIZED);
      expect(record).toMatchObject({ outcome: "unauthenticated", reason: description });
      expect(await get(api, "/jwt", credential, other)).toMatchObject({ status: 500 });
      expect(record).toMatchObject({ outcome: "unavailable" });
    }
    await Promise.all([asReported.close(), other.close(), failing.close()]);
  });
});

test("lists as JSON, and only the scopes that the route names, are settings", async () => {
  const own = await start({ jwtListClaims: "json", jwtScopes: "matched" });
  const { body } = await get("Http", "/read", await token({ scope: "read write", groups: ["a", "b"] }), own);
  const { jwt } = JSON.parse(body).requestContext.authorizer;
  expect([jwt.scopes, jwt.claims.groups]).toEqual([["read"], '["a","b"]']);
  await own.close();
});

describe("a template", () => {
  const harnessOf = (template: string) => startHarness(template);
  const http = (authorizer: string) => `
  Http: { Type: AWS::Serverless::HttpApi, Properties: { Auth: { Authorizers: { Tokens: ${authorizer} } } } }`;
  const rest = (configuration: string, method = "") => `
  Rest: { Type: AWS::ApiGateway::RestApi, Properties: { Name: rest } }
  Tokens: { Type: AWS::ApiGateway::Authorizer, Properties: { RestApiId: !Ref Rest, Type: JWT, JwtConfiguration: ${configuration} } }${method}`;
  const issuers = '[{ Issuer: "https://id.example.com", Audiences: [a] }]';

  test.each<[string, string, string]>([
    [
      "no audience",
      http('{ JwtConfiguration: { issuer: "https://id.example.com" } }'),
      "needs an issuer and an audience",
    ],
    ["no issuer", http("{ JwtConfiguration: { audience: [a] } }"), "needs an issuer and an audience"],
    [
      "a source that is no header or query",
      http('{ IdentitySource: $context.x, JwtConfiguration: { issuer: "https://id.example.com", audience: [a] } }'),
      "is no identity source of a JWT authorizer",
    ],
    ["a shared secret", rest(`{ DefaultAlgorithms: [HS256], Issuers: ${issuers} }`), "DefaultAlgorithms are some of"],
    ["no algorithm", rest(`{ Issuers: ${issuers} }`), "DefaultAlgorithms are some of"],
    ["no issuers", rest("{ DefaultAlgorithms: [RS256] }"), "needs Issuers"],
    [
      "an issuer without audiences",
      rest('{ DefaultAlgorithms: [RS256], Issuers: [{ Issuer: "https://a" }] }'),
      "needs Issuer and Audiences",
    ],
    [
      "a claim of an unknown format",
      rest(
        '{ DefaultAlgorithms: [RS256], Issuers: [{ Issuer: "https://a", Audiences: [a], AdditionalClaims: [{ ClaimName: c, Format: number }] }] }',
      ),
      "Format of single-string",
    ],
    [
      "a method whose authorization is not served, which must not be open",
      rest(
        `{ DefaultAlgorithms: [RS256], Issuers: ${issuers} }`,
        "\n  Root: { Type: AWS::ApiGateway::Method, Properties: { RestApiId: !Ref Rest, ResourceId: !GetAtt Rest.RootResourceId, HttpMethod: GET, AuthorizationType: AWS_IAM, Integration: { Type: AWS_PROXY, Uri: x } } }",
      ),
      "the authorization AWS_IAM",
    ],
  ])("with %s is refused", async (_, template, message) => {
    await expect(harnessOf(template)).rejects.toThrow(message);
  });
});

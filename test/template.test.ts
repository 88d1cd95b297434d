import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { ENDPOINTS } from "../functions/federation/answer-request.ts";
import { KEY_DOCUMENT } from "../functions/federation/signing/key-document.ts";
import { Resolver } from "../local/gateway/template/intrinsics.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import {
  activityTableDefinition,
  entitlementsTableDefinition,
  keysTableDefinition,
  TTL_ATTRIBUTE,
  tableDefinition,
} from "../shared/infrastructure/dynamodb/table.ts";
import { propertiesOf, template } from "./template.ts";

/** template.yaml matches what the code expects. */

const all = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(all)] : [value];

const variablesOf = (name: string) =>
  (propertiesOf(name).Environment as { Variables: Record<string, unknown> }).Variables;

test("the authorizer and the login have exactly the environment variables that the code and the configuration read", async () => {
  const sources = await Promise.all(
    ["sallyport.config.ts", "shared/domain/config/cache.ts"].map((file) => readFile(file, "utf8")),
  );
  const read = sources.flatMap((source) => [...source.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name));
  const { POWERTOOLS_SERVICE_NAME: _, ...variables } = variablesOf("Authorizer");
  const { POWERTOOLS_SERVICE_NAME: __, SALLYPORT_EVENT_BUS: ___, ...ofLogin } = variablesOf("Federation");
  const both = new Set([...Object.keys(variables), ...Object.keys(ofLogin)]);
  expect([...both].sort()).toEqual([...new Set([...read, "SALLYPORT_CONFIG"])].sort());
  // What only the login reads is its own, because a function has 4 KB of variables.
  expect(Object.keys(ofLogin).filter((name) => !(name in variables))).toEqual([
    ...["SALLYPORT_LOGIN_SSO_URL", "SALLYPORT_LOGIN_REDIRECT_URIS", "SALLYPORT_LOGIN_TABLE"],
  ]);
});

test("the two authorizers differ only in their cache settings", () => {
  const { SALLYPORT_CACHED_BY: by, SALLYPORT_CACHE_TTL: ttl, ...cached } = variablesOf("Authorizer");
  expect([by, ttl]).toEqual([{ "Fn::If": ["HasCache", "authorization", "none"] }, { Ref: "ReauthorizeEvery" }]);
  const { SALLYPORT_CACHED_BY: none, SALLYPORT_CACHE_TTL: zero, ...uncached } = variablesOf("AuthorizerUncached");
  expect([none, zero]).toEqual(["none", 0]);
  expect(uncached).toEqual(cached);
});

describe("the table of keys", () => {
  const table = propertiesOf("KeysTable");

  test("has the keys, indexes and billing mode of the code's table definition, and a stream with both images", () => {
    const { TableName: _, ...expected } = keysTableDefinition("any");
    expect(resolved("KeysTable")).toMatchObject(expected);
    expect(table.StreamSpecification).toEqual({ StreamViewType: "NEW_AND_OLD_IMAGES" });
  });

  test.each([0, 1, 2, 3])(
    "has %d of the indexes, and the attributes of these alone, as an update adds one",
    (count) => {
      const { AttributeDefinitions, GlobalSecondaryIndexes: indexes = [] } = resolved("KeysTable", {
        KeyIndexes: String(count),
      }) as { AttributeDefinitions: { AttributeName: string }[]; GlobalSecondaryIndexes?: { KeySchema: object[] }[] };
      expect(indexes).toEqual(keysTableDefinition("any").GlobalSecondaryIndexes?.slice(0, count));
      const used = indexes.flatMap(({ KeySchema }) => KeySchema as { AttributeName: string }[]);
      const names = new Set(["pk", ...used.map(({ AttributeName }) => AttributeName)]);
      expect(AttributeDefinitions.map(({ AttributeName }) => AttributeName).sort()).toEqual([...names].sort());
    },
  );

  test("has a time to live, point-in-time recovery and encryption", () => {
    expect(table).toMatchObject({
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });
});

test.each(["UsedAssertionsTable", "UsedProofsTable"])(
  "%s has the key of the code's definition, and a time to live",
  (name) => {
    const { TableName: _, ...expected } = tableDefinition("any");
    expect(propertiesOf(name)).toMatchObject({
      ...expected,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
    });
  },
);

test("the table of activity has the keys and the index of the code's table definition, and a time to live", () => {
  const { TableName: _, ...expected } = activityTableDefinition("any");
  expect(propertiesOf("KeyActivityTable")).toMatchObject({
    ...expected,
    TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
  });
});

test("the table of entitlements has the definition of the code's, a stream with both images, and stays", () => {
  const { TableName: _, ...expected } = entitlementsTableDefinition("any");
  expect(propertiesOf("EntitlementsTable")).toMatchObject({
    ...expected,
    StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
    TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    SSESpecification: { SSEEnabled: true },
  });
  expect(template.Resources.EntitlementsTable).toMatchObject({
    DeletionPolicy: "Retain",
    Condition: "HasEntitlements",
  });
});

test("without the parameter there are no entitlements, and the function's configuration has none", () => {
  expect(isThere("EntitlementsTable")).toBe(false);
  expect(JSON.stringify(resolved("Authorizer"))).not.toContain("ENTITLEMENTS");
  expect(JSON.stringify(resolved("AuthorizerRole"))).not.toContain("BatchGetItem");
  expect(isThere("EntitlementsTable", { WithEntitlements: "true" })).toBe(true);
});

describe("the function that keeps last uses", () => {
  test("gets lines of the authorizers' log, and not of its own", () => {
    const { LogGroupName, DestinationArn } = propertiesOf("KeyUseSubscription");
    expect(LogGroupName).toEqual({ Ref: "AuthorizerLogs" });
    expect(DestinationArn).toEqual({ "Fn::GetAtt": "KeyUse.Arn" });
    expect(propertiesOf("KeyUse").LoggingConfig).toEqual({ LogGroup: { Ref: "KeyUseLogs" } });
    expect(propertiesOf("KeyUsePermission")).toMatchObject({
      FunctionName: { Ref: "KeyUse" },
      Principal: "logs.amazonaws.com",
      SourceArn: { "Fn::GetAtt": "AuthorizerLogs.Arn" },
    });
  });

  test("has the name of its table, and writes last uses there and nothing else", () => {
    expect(variablesOf("KeyUse")).toHaveProperty("SALLYPORT_ACTIVITY_TABLE", { Ref: "KeyActivityTable" });
    // What Lambda gives up is kept.
    expect(propertiesOf("KeyUseFailures")).toMatchObject({
      FunctionName: { Ref: "KeyUse" },
      DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": "FailedKeyChanges.Arn" } } },
    });
    const statements = all(resolved("KeyUseRole")).filter((value) => Object(value).Action !== undefined);
    expect(statements.slice(1)).toMatchObject([
      {
        Action: "dynamodb:UpdateItem",
        Resource: expect.stringContaining("KeyActivityTable"),
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["USE#*"] } },
      },
      { Action: "s3:PutObject", Resource: expect.stringContaining("FailedKeyChanges") },
      { Action: "s3:ListBucket", Resource: expect.stringContaining("FailedKeyChanges") },
      { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: expect.stringContaining("KeyUseLogs") },
    ]);
    expect(statements).toHaveLength(5);
  });
});

describe("the authorizer's role", () => {
  const statements = all(propertiesOf("AuthorizerRole").Policies).filter(
    (value): value is { Action: string | string[]; Resource: unknown } =>
      Object(value) === value && "Action" in Object(value),
  );

  test("may only read, record used assertions, and write its log", () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(3);
    const harmless =
      /^(logs:(CreateLogStream|PutLogEvents)|\w+:(Get|Start)\w+|dynamodb:(PutItem|BatchGetItem)|kms:Decrypt|xray:Put(TraceSegments|TelemetryRecords))$/;
    for (const action of actions) expect(action).toMatch(harmless);
    // The authorizer writes to the tables of what was used, and not to the table of keys.
    const writes = statements.filter(({ Action }) => [Action].flat().includes("dynamodb:PutItem"));
    expect(writes.map(({ Resource }) => Resource)).toEqual([
      { "Fn::GetAtt": "UsedAssertionsTable.Arn" },
      { "Fn::GetAtt": "UsedProofsTable.Arn" },
    ]);
    // Of entitlements it reads what it can name, and nothing else.
    const about = statements.filter(({ Resource }) => JSON.stringify(Resource).includes("EntitlementsTable"));
    expect(about).toMatchObject([
      { Action: "dynamodb:BatchGetItem", Resource: { "Fn::GetAtt": "EntitlementsTable.Arn" } },
    ]);
  });

  test("names every resource without a wildcard, except for traces, which have none to name", () => {
    for (const { Action, Resource } of statements) {
      if (String(Action).startsWith("xray:")) continue;
      expect(Resource).toBeDefined();
      expect(JSON.stringify(Resource)).not.toContain("*");
    }
  });
});

test("API Gateway's cache key contains the address, to which policies are bound", () => {
  const { Auth } = propertiesOf("RestApi") as { Auth: { Authorizers: { Sallyport: { Identity: object } } } };
  expect(Auth.Authorizers.Sallyport.Identity).toMatchObject({
    Headers: ["Authorization"],
    Context: ["identity.sourceIp"],
  });
});

test("every function logs into a group with a retention period", () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Serverless::Function");
  expect(functions.length).toBeGreaterThan(1);
  for (const { Properties } of functions) {
    const { LogGroup } = Properties.LoggingConfig as { LogGroup: { Ref: string } };
    expect(propertiesOf(LogGroup.Ref)).toMatchObject({ RetentionInDays: { Ref: "LogRetentionDays" } });
  }
});

test("every function has its own role, because the default role may write any log", () => {
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type === "AWS::Serverless::Function") expect(Object.keys(Properties)).toContain("Role");
  }
});

test("every function has a target in the Makefile", async () => {
  const makefile = await readFile("Makefile", "utf8");
  for (const [name, { Type }] of Object.entries(template.Resources)) {
    if (Type === "AWS::Serverless::Function") expect(makefile).toMatch(new RegExp(`\\bbuild-${name}\\b`));
  }
});

test("every resource of an optional API has a condition", () => {
  for (const [name, resource] of Object.entries(template.Resources)) {
    const uses =
      JSON.stringify(resource).match(/(?:RestApi|HttpApi|WebSocketApi|Whoami(?:Http|WebSocket)?)(?=[."}])/g) ?? [];
    if (uses.length > 0) expect([name, Object.keys(resource)]).toEqual([name, expect.arrayContaining(["Condition"])]);
  }
});

/** The template's properties of a resource with these parameters, resolved. */
const resolved = (name: string, parameters: Record<string, string> = {}) =>
  new Resolver(template, parameters).resolve(propertiesOf(name)) as Record<string, unknown>;
const LOGIN = {
  LoginUrl: "https://login.acme.test",
  LoginSingleSignOnUrl: "https://idp.acme.test/sso",
  LoginResource: "https://api.acme.test",
  LoginRedirectUris: "https://app.acme.test/callback",
};
const isThere = (name: string, parameters: Record<string, string> = {}) => {
  const { Condition } = template.Resources[name] ?? {};
  return Condition === undefined || new Resolver(template, parameters).condition(Condition);
};

describe("the parameters", () => {
  const { ParameterGroups, ParameterLabels } = template.Metadata["AWS::CloudFormation::Interface"];
  const names = Object.keys(template.Parameters);

  test("are each in one group, have a label, and stand in the order of the groups", () => {
    expect(ParameterGroups.flatMap(({ Parameters }) => Parameters)).toEqual(names);
    expect(Object.keys(ParameterLabels).sort()).toEqual([...names].sort());
  });

  test("have a description each, and defaults by which no stack trusts a name of documentation", () => {
    for (const [name, { Description, Default }] of Object.entries(template.Parameters)) {
      expect(Description.length, name).toBeGreaterThan(5);
      expect(String(Default), name).not.toMatch(/example/);
    }
  });
});

describe("the rules refuse half a section before anything is deployed", () => {
  const refusals = (parameters: Record<string, string>) => {
    const resolver = new Resolver(template, parameters);
    return Object.values(template.Rules)
      .filter(({ RuleCondition }) => resolver.resolve(RuleCondition) === true)
      .flatMap(({ Assertions }) => Assertions.filter(({ Assert }) => resolver.resolve(Assert) !== true))
      .map(({ AssertDescription }) => AssertDescription);
  };
  const jwt = { JwtIssuer: "https://id.acme.test", JwtAudience: "https://api.acme.test" };
  const saml = { SamlIssuer: "urn:idp", SamlCertificate: "MII", SamlAudience: "urn:api", SamlRecipient: "https://a" };

  test.each<[string, Record<string, string>, number]>([
    ["no parameter", {}, 0],
    ["a JWT issuer with its audience", jwt, 0],
    ["a JWT issuer without an audience", { JwtIssuer: jwt.JwtIssuer }, 1],
    ["a whole identity provider", saml, 0],
    ["an identity provider without a key", { ...saml, SamlCertificate: "" }, 1],
    ["an identity provider alone", { SamlIssuer: "urn:idp" }, 2],
    ["a rate with a burst", { ThrottlingRate: "10", ThrottlingBurst: "20" }, 0],
    ["a rate without a burst, which would refuse everything", { ThrottlingRate: "10" }, 1],
    ["a resource with the URL of its metadata", { ResourceUrl: "https://a", ResourceMetadataUrl: "https://a/m" }, 0],
    ["a resource without the URL of its metadata, which no challenge would name", { ResourceUrl: "https://a" }, 1],
    ["the URL of metadata that nobody serves", { ResourceMetadataUrl: "https://a/m" }, 1],
    ["a whole login", { ...saml, ...LOGIN }, 0],
    ["a login without an identity provider", LOGIN, 1],
    ["a login without its audience", { ...saml, ...LOGIN, LoginResource: "" }, 1],
    ["a login alone", { LoginUrl: LOGIN.LoginUrl }, 2],
    ["a login of a configuration outside the bundle", { LoginUrl: LOGIN.LoginUrl, ConfigurationSource: "ssm:/c" }, 0],
    ["a certificate without the login whose domain it is for", { LoginCertificateArn: "arn:aws:acm:x" }, 1],
  ])("%s", (_, parameters, count) => {
    expect(refusals(parameters)).toHaveLength(count);
  });
});

describe("with no parameter set", () => {
  test("no issuer is trusted: the function's configuration has API keys alone", async () => {
    const { Variables } = resolved("Authorizer").Environment as { Variables: Record<string, string> };
    expect(Object.keys(Variables).filter((name) => /JWT|SAML/.test(name))).toEqual([]);
    const { default: config } = await import("../sallyport.config.ts");
    expect(Object.keys(parseConfig(config))).toContain("apiKeys");
    expect(config).not.toHaveProperty("jwt");
    expect(config).not.toHaveProperty("saml");
  });

  test("the example APIs have one stage each, with neither access logs nor limits of their own", () => {
    // SAM makes a second stage, "Stage", for a REST API without this version.
    expect(template.Globals.Api).toMatchObject({ OpenApiVersion: "3.0.1" });
    for (const name of ["RestApi", "HttpApi", "WebSocketStage"]) {
      for (const property of ["AccessLogSetting", "AccessLogSettings", "MethodSettings", "DefaultRouteSettings"])
        expect(resolved(name)).not.toHaveProperty(property);
    }
    expect(isThere("AccessLogGroup")).toBe(false);
  });
});

describe("WebSocket routes", () => {
  test("are deployed whenever one is added, because the stage deploys itself", () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types).not.toContain("AWS::ApiGatewayV2::Deployment");
    expect(propertiesOf("WebSocketStage")).toMatchObject({ AutoDeploy: true });
    expect(propertiesOf("WebSocketStage")).not.toHaveProperty("DeploymentId");
  });
});

describe("access logs", () => {
  const formats = ["RestApi", "HttpApi", "KeysApi", "LoginApi", "WebSocketStage"].map((name) => {
    const { AccessLogSetting, AccessLogSettings } = resolved(name, { AccessLogs: "true" });
    return [name, Object(AccessLogSetting ?? AccessLogSettings)] as [
      string,
      { Format: string; DestinationArn: string },
    ];
  });

  test.each(formats)("%s: one line of JSON", (_, { Format, DestinationArn }) => {
    expect(Format).not.toContain("\n");
    expect(JSON.parse(Format)).toHaveProperty("status");
    expect(DestinationArn).toContain("AccessLogGroup");
    expect(isThere("AccessLogGroup", { AccessLogs: "true" })).toBe(true);
  });

  /** Whatever is not listed may hold a credential, a claim, or a text of the caller's: a path, a query, a header. */
  const SAFE =
    /^(requestId|extendedRequestId|requestTime|apiId|identity\.sourceIp|httpMethod|resourcePath|routeKey|eventType|connectionId|status|error\.responseType|authorizer\.(reason|status|latency)|responseLatency|responseLength)$/;
  test.each(formats)("%s: no credential, no claim, no path, no query string", (_, { Format }) => {
    const variables = [...Format.matchAll(/\$([\w.]+)/g)].map(([, name = ""]) => name);
    expect(variables.length).toBeGreaterThan(8);
    for (const name of variables) expect(name.replace(/^context\./, "")).toMatch(SAFE);
  });
});

describe("the web ACL", () => {
  const there = (parameters: Record<string, string>) =>
    ["RestApiWebAcl", "RestApiWebAclAssociation"].map((name) => isThere(name, parameters));

  test("is there only with a limit, and with the REST API, since other APIs of API Gateway cannot have one", () => {
    expect(there({})).toEqual([false, false]);
    expect(there({ WafRateLimit: "2000" })).toEqual([true, true]);
    expect(there({ WafRateLimit: "2000", WithRestApi: "false" })).toEqual([false, false]);
  });

  test("blocks an address that sends more than the limit in five minutes, and lets all else through", () => {
    const { DefaultAction, Rules } = resolved("RestApiWebAcl", { WafRateLimit: "2000" });
    const counted = { AggregateKeyType: "IP", EvaluationWindowSec: 300, Limit: "2000" };
    expect([DefaultAction, Rules]).toMatchObject([
      { Allow: {} },
      [{ Action: { Block: {} }, Statement: { RateBasedStatement: counted } }],
    ]);
  });

  test("takes a limit that AWS WAF takes, or 0", () => {
    const { AllowedPattern } = template.Parameters.WafRateLimit as unknown as { AllowedPattern: string };
    const pattern = new RegExp(`^${AllowedPattern}$`);
    for (const limit of ["0", "10", "2000", "999999999"]) expect(limit).toMatch(pattern);
    for (const limit of ["", "9", "-10", "010", "1e3", "1000000000"]) expect(limit).not.toMatch(pattern);
  });

  test("keeps no samples of requests, which would show their credentials", () => {
    const sampled = all(propertiesOf("RestApiWebAcl")).flatMap((value) => Object(value).SampledRequestsEnabled ?? []);
    expect(sampled).toEqual([false, false]);
  });
});

test("throttling reaches the example APIs and the login", () => {
  const limits = { ThrottlingRateLimit: "10", ThrottlingBurstLimit: "20" };
  const parameters = { ThrottlingRate: "10", ThrottlingBurst: "20" };
  expect(resolved("RestApi", parameters).MethodSettings).toEqual([{ HttpMethod: "*", ResourcePath: "/*", ...limits }]);
  for (const name of ["HttpApi", "LoginApi", "WebSocketStage"])
    expect(resolved(name, parameters).DefaultRouteSettings).toEqual(limits);
});

test("tracing turns on for every function and the REST API, and the roles may write traces", () => {
  const on = new Resolver(template, { Tracing: "true" }).resolve(template.Globals.Function) as { Tracing: string };
  expect(on.Tracing).toBe("Active");
  expect(resolved("RestApi", { Tracing: "true" }).TracingEnabled).toBe(true);
  for (const role of ["AuthorizerRole", "WhoamiRole"]) {
    expect(JSON.stringify(resolved(role, { Tracing: "true" }))).toContain("xray:PutTraceSegments");
    expect(JSON.stringify(resolved(role))).not.toContain("xray:");
  }
});

test("concurrency is reserved for both authorizers, or for none", () => {
  for (const name of ["Authorizer", "AuthorizerUncached"]) {
    expect(resolved(name)).not.toHaveProperty("ReservedConcurrentExecutions");
    expect(resolved(name, { ReservedConcurrency: "5" })).toHaveProperty("ReservedConcurrentExecutions", "5");
  }
});

describe("deletion protection", () => {
  test("is on without a parameter, for the tables and the pepper", () => {
    for (const table of [
      "KeysTable",
      "EntitlementsTable",
      "KeyActivityTable",
      "UsedAssertionsTable",
      "LoginTable",
      "UsedProofsTable",
    ])
      expect(resolved(table)).toHaveProperty("DeletionProtectionEnabled", true);
    expect(isThere("PepperProtection")).toBe(true);
    expect(JSON.stringify(propertiesOf("PepperProtection"))).toMatch(/"Effect":"Deny".*secretsmanager:DeleteSecret/);
  });

  test("can be turned off, so that the stack can be deleted", () => {
    for (const table of [
      "KeysTable",
      "EntitlementsTable",
      "KeyActivityTable",
      "UsedAssertionsTable",
      "LoginTable",
      "UsedProofsTable",
    ])
      expect(resolved(table, { DeletionProtection: "false" })).toHaveProperty("DeletionProtectionEnabled", false);
    expect(isThere("PepperProtection", { DeletionProtection: "false" })).toBe(false);
  });
});

describe("KMS keys", () => {
  const key = (id: string) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;
  const decrypts = (parameters: Record<string, string>) =>
    all(resolved("AuthorizerRole", parameters)).flatMap((value) =>
      Object(value).Action === "kms:Decrypt" ? Object(value).Resource : [],
    );

  test("a customer's key encrypts tables and pepper, and the function may decrypt with it", () => {
    const parameters = { KmsKeyArn: key("a") };
    for (const table of [
      "KeysTable",
      "EntitlementsTable",
      "KeyActivityTable",
      "UsedAssertionsTable",
      "LoginTable",
      "UsedProofsTable",
    ]) {
      const specification = { SSEEnabled: true, SSEType: "KMS", KMSMasterKeyId: key("a") };
      expect(resolved(table, parameters)).toHaveProperty("SSESpecification", specification);
      expect(resolved(table)).toHaveProperty("SSESpecification", { SSEEnabled: true });
    }
    expect(resolved("Pepper", parameters)).toHaveProperty("KmsKeyId", key("a"));
    expect(decrypts(parameters)).toEqual([key("a")]);
  });

  test("the keys of what the configuration names may be used to decrypt, and no others", () => {
    expect(decrypts({})).toEqual([]);
    expect(decrypts({ KmsDecryptKeyArns: `${key("b")},${key("c")}` })).toEqual([key("b"), key("c")]);
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ["neither DPoP nor a configuration outside the bundle", {}, false],
  ["DPoP", { DpopOrigins: "https://api.example.com" }, true],
  ["a configuration outside the bundle, which may have DPoP", { ConfigurationSource: "ssm:/c" }, true],
])("used proofs have a table, its name and the permission with %s", (_, parameters, expected) => {
  expect(isThere("UsedProofsTable", parameters)).toBe(expected);
  for (const name of ["Authorizer", "AuthorizerUncached"]) {
    const { Variables } = Object(Object(resolved(name, parameters)).Environment);
    expect("SALLYPORT_PROOFS_TABLE" in Variables).toBe(expected);
    expect("SALLYPORT_DPOP_ORIGINS" in Variables).toBe("DpopOrigins" in parameters);
  }
  expect(JSON.stringify(resolved("AuthorizerRole", parameters)).includes("RecordUsedProofs")).toBe(expected);
});

test.each<[string, Record<string, string>, boolean]>([
  ["neither SAML nor a configuration outside the bundle", {}, false],
  ["SAML", { SamlIssuer: "urn:idp", SamlCertificate: "MII" }, true],
  ["a configuration outside the bundle, which may have one-time assertions", { ConfigurationSource: "ssm:/c" }, true],
])("used assertions have a table, its name and the permission with %s", (_, parameters, expected) => {
  expect(isThere("UsedAssertionsTable", parameters)).toBe(expected);
  expect("SALLYPORT_ASSERTIONS_TABLE" in Object(Object(resolved("Authorizer", parameters)).Environment).Variables).toBe(
    expected,
  );
  expect(JSON.stringify(resolved("AuthorizerRole", parameters)).includes("dynamodb:PutItem")).toBe(expected);
});

describe("the REST API's gateway responses", () => {
  const { GatewayResponses } = resolved("RestApi") as {
    GatewayResponses: Record<string, { ResponseParameters: { Headers: object }; ResponseTemplates?: object }>;
  };

  test("challenge with a realm for each scheme", () => {
    expect(GatewayResponses.UNAUTHORIZED?.ResponseParameters.Headers).toMatchObject({
      "WWW-Authenticate": `'Bearer realm="local", SAML realm="local", ApiKey realm="local"'`,
    });
  });

  test("have no variable in a body that may be empty", () => {
    for (const { ResponseTemplates = {} } of Object.values(GatewayResponses)) {
      for (const body of Object.values(ResponseTemplates)) {
        const variables = [...String(body).matchAll(/\$[\w.]+/g)].map(([name]) => name);
        expect(variables.filter((name) => name !== "$context.error.messageString")).toEqual([]);
      }
    }
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ["without DPoP", { DpopNonces: "true" }, false],
  ["by default", { DpopOrigins: "https://api.example.com" }, false],
  ["where they are asked for", { DpopOrigins: "https://api.example.com", DpopNonces: "true" }, true],
])("the nonce for DPoP is in the headers of denials, which are 401 then: %s", (_, parameters, expected) => {
  const { GatewayResponses } = resolved("RestApi", parameters) as {
    GatewayResponses: Record<string, { StatusCode: string; ResponseParameters: { Headers: Record<string, unknown> } }>;
  };
  const { StatusCode, ResponseParameters } = GatewayResponses.ACCESS_DENIED ?? {};
  const { "DPoP-Nonce": nonce, "WWW-Authenticate": challenge } = ResponseParameters?.Headers ?? {};
  const wanted = ["401", "context.authorizer.dpopNonce", "context.authorizer.wwwAuthenticate"];
  expect([StatusCode, nonce, challenge]).toEqual(expected ? wanted : ["403", undefined, undefined]);
  for (const name of ["Authorizer", "AuthorizerUncached"]) {
    const { Variables } = Object(Object(resolved(name, parameters)).Environment);
    expect("SALLYPORT_DPOP_NONCES" in Variables).toBe(expected);
  }
});

describe("the metadata for agents", () => {
  const parameters = { ResourceUrl: "https://api.acme.test/mcp", ResourceMetadataUrl: "https://api.acme.test/m" };
  const challenges = (given: Record<string, string>) => {
    const { GatewayResponses } = resolved("RestApi", given) as {
      GatewayResponses: Record<string, { ResponseParameters: { Headers: Record<string, string> } }>;
    };
    return ["UNAUTHORIZED", "ACCESS_DENIED"].map((type) => GatewayResponses[type]?.ResponseParameters.Headers ?? {});
  };

  test("are off unless a parameter says so: no function, no variable, no challenge on 403", () => {
    for (const name of ["ResourceMetadata", "ResourceMetadataHttp", "ResourceMetadataRole", "ResourceMetadataLogs"]) {
      expect([isThere(name), isThere(name, parameters)]).toEqual([false, true]);
    }
    expect(isThere("ResourceMetadata", { ...parameters, WithRestApi: "false" })).toBe(false);
    expect(isThere("ResourceMetadataHttp", { ...parameters, WithHttpApi: "false" })).toBe(false);
    expect(JSON.stringify(resolved("Authorizer"))).not.toContain("SALLYPORT_RESOURCE");
    expect(challenges({}).map((headers) => headers["Access-Control-Expose-Headers"])).toEqual([
      "'WWW-Authenticate'",
      "'X-Sallyport-Reason'",
    ]);
    expect(challenges({})[1]).not.toHaveProperty("WWW-Authenticate");
  });

  test("are named by the challenge of a 401, and the challenge of a 403 asks for scopes", () => {
    const [unauthorized, denied] = challenges({ ...parameters, StepUpScopes: "orders:read orders:write" });
    expect(unauthorized?.["WWW-Authenticate"]).toBe(
      `'Bearer realm="local", resource_metadata="https://api.acme.test/m", SAML realm="local", ApiKey realm="local"'`,
    );
    expect(denied?.["WWW-Authenticate"]).toBe(
      `'Bearer realm="local", error="insufficient_scope", scope="orders:read orders:write", resource_metadata="https://api.acme.test/m"'`,
    );
    expect(denied?.["Access-Control-Expose-Headers"]).toBe("'X-Sallyport-Reason,WWW-Authenticate'");
    expect(challenges(parameters)[1]?.["WWW-Authenticate"]).not.toContain("scope=");
  });

  test("take no parameter that could end the text of a header, or begin another one", () => {
    for (const name of ["ResourceUrl", "ResourceMetadataUrl", "ResourceScopes", "StepUpScopes"]) {
      const { AllowedPattern } = template.Parameters[name] as unknown as { AllowedPattern: string };
      const pattern = new RegExp(`^(?:${AllowedPattern})$`);
      const start = /Url$/.test(name) ? "https://api.acme.test/" : "orders:";
      expect([name, pattern.test(`${start}read`), pattern.test("")]).toEqual([name, true, true]);
      for (const end of ['"', "'", "\\", "\n", "\r", "é", " "])
        expect([name, end, pattern.test(start + end)]).toEqual([name, end, false]);
    }
  });

  test("are open to all, on both APIs, at the well-known path and below it", () => {
    for (const name of ["ResourceMetadata", "ResourceMetadataHttp"]) {
      const events = Object.values(resolved(name).Events as Record<string, { Properties: Record<string, unknown> }>);
      expect(events.map(({ Properties: { Path, Method, Auth } }) => [Path, Method, Auth])).toEqual([
        ["/.well-known/oauth-protected-resource", "GET", { Authorizer: "NONE" }],
        ["/.well-known/oauth-protected-resource/{path+}", "GET", { Authorizer: "NONE" }],
      ]);
    }
  });

  test("come from a function that reads its configuration, and neither tables nor secrets", () => {
    const statements = all(propertiesOf("ResourceMetadataRole").Policies).flatMap((value) =>
      Object(value) === value && "Sid" in Object(value) ? [Object(value)] : [],
    );
    for (const action of statements.flatMap(({ Action }) => Action)) {
      expect(action).toMatch(
        /^(logs:(CreateLogStream|PutLogEvents)|ssm:GetParameter|appconfig:(Start|Get)\w+|kms:Decrypt|xray:Put\w+)$/,
      );
    }
  });
});

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
}

describe("the admin API", () => {
  test("is off unless a parameter says so, and on in the local stack", () => {
    for (const name of ["KeysApi", "ApiKeys", "ApiKeysRole", "ApiKeysLogs", "ApiKeysAlarm"]) {
      expect([isThere(name), isThere(name, { WithKeysApi: "true" })]).toEqual([false, true]);
    }
    expect(template.Metadata.Local).toMatchObject({ WithKeysApi: "true", WithEntitlements: "true" });
  });

  test("asks the authorizer without a cache, on every route, and is not open to pages of browsers", () => {
    const { Auth, CorsConfiguration } = resolved("KeysApi") as { Auth: object; CorsConfiguration?: object };
    expect(Auth).toEqual({
      DefaultAuthorizer: "Sallyport",
      Authorizers: {
        Sallyport: expect.objectContaining({
          ...{ FunctionArn: "AuthorizerUncached.Arn", EnableSimpleResponses: false, Identity: { ReauthorizeEvery: 0 } },
        }),
      },
    });
    expect(CorsConfiguration).toBeUndefined();
    const events = Object.values(resolved("ApiKeys").Events as Record<string, { Properties: object }>);
    expect(events.length).toBeGreaterThan(5);
    for (const { Properties } of events) expect(Properties).not.toHaveProperty("Auth");
  });

  test("has a role that reads no whole table, and writes to requests alone beside the keys", () => {
    const statements = all(propertiesOf("ApiKeysRole").Policies).flatMap((value) =>
      Object(value) === value && "Sid" in Object(value) ? [Object(value)] : [],
    );
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions).toContain("dynamodb:Query");
    for (const action of actions) {
      expect(action).toMatch(
        /^(dynamodb:(GetItem|PutItem|UpdateItem|DeleteItem|Query)|logs:(CreateLogStream|PutLogEvents)|secretsmanager:GetSecretValue|ssm:GetParameter|appconfig:(Start|Get)\w+|kms:Decrypt|xray:Put\w+)$/,
      );
    }
    const requests = statements.find(({ Sid }) => Sid === "RememberRequests");
    expect(requests?.Resource).toEqual({ "Fn::GetAtt": "KeyActivityTable.Arn" });
    expect(requests?.Condition).toEqual({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["REQUEST#*"] } });
    const counts = statements.find(({ Sid }) => Sid === "CountChanges");
    expect(counts).toMatchObject({
      Action: "dynamodb:UpdateItem",
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["BUDGET#*"] } },
    });
  });

  test("reads and writes entitlements where there are any, and nowhere else, and cannot scan them", () => {
    const on = { WithKeysApi: "true", WithEntitlements: "true" };
    const about = (parameters: Parameters<typeof resolved>[1]) => {
      const { Policies } = resolved("ApiKeysRole", parameters) as {
        Policies: { PolicyDocument: { Statement: Statement[] } }[];
      };
      const statements = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
      return statements.filter(({ Resource }) => JSON.stringify(Resource ?? "").includes("EntitlementsTable"));
    };
    const variables = (parameters: Parameters<typeof resolved>[1]) =>
      (resolved("ApiKeys", parameters) as { Environment: { Variables: object } }).Environment.Variables;
    expect(about({ WithKeysApi: "true" })).toEqual([]);
    expect(variables({ WithKeysApi: "true" })).not.toHaveProperty("SALLYPORT_ENTITLEMENTS_TABLE");
    expect(variables(on)).toHaveProperty("SALLYPORT_ENTITLEMENTS_TABLE");
    expect(about(on)).toMatchObject([
      {
        Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
        Resource: expect.stringMatching(/EntitlementsTable$/),
      },
      {
        Action: "dynamodb:Query",
        Resource: [expect.stringMatching(/by-issuer$/), expect.stringMatching(/by-tenant$/)],
      },
    ]);
  });
});

describe("the login", () => {
  const statements = all(propertiesOf("FederationRole").Policies).flatMap((value) =>
    Object(value) === value && "Sid" in Object(value)
      ? [value as { Sid: string; Action: string | string[]; Resource: unknown; Condition?: object }]
      : [],
  );
  const allowing = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));

  test("is off unless a parameter says so, and on in the local stack", () => {
    const names = ["LoginApi", "Federation", "FederationRole", "FederationLogs", "LoginTable", "LoginAlarm"];
    for (const name of [...names, "LoginEventsAlarm"]) {
      expect([name, isThere(name), isThere(name, LOGIN)]).toEqual([name, false, true]);
    }
    expect(JSON.stringify(resolved("Authorizer"))).not.toContain("SALLYPORT_LOGIN");
    expect(template.Metadata.Local).toMatchObject({ LoginUrl: "<LoginApi>" });
  });

  test("makes the authorizer take its tokens, for their audience alone", () => {
    const { Variables } = resolved("Authorizer", LOGIN).Environment as { Variables: object };
    expect(Variables).toMatchObject({
      SALLYPORT_LOGIN_URL: LOGIN.LoginUrl,
      SALLYPORT_LOGIN_RESOURCE: LOGIN.LoginResource,
    });
    const withoutAudience = resolved("Authorizer", { ...LOGIN, LoginResource: "", ConfigurationSource: "ssm:/c" });
    expect(JSON.stringify(withoutAudience)).not.toContain("SALLYPORT_LOGIN");
  });

  test("has exactly the routes of its function, at the root, open to all, in payload format 2.0", () => {
    const events = Object.values(resolved("Federation").Events as Record<string, { Properties: object }>);
    const routes = events.map(({ Properties }) => Properties as Record<string, unknown>);
    expect(routes.map(({ Method, Path }) => `${Method} ${Path}`).sort()).toEqual(Object.keys(ENDPOINTS).sort());
    for (const { PayloadFormatVersion, Auth, ApiId } of routes)
      expect([PayloadFormatVersion, Auth, ApiId]).toEqual(["2.0", undefined, "LoginApi"]);
    expect(resolved("LoginApi")).toMatchObject({ StageName: "$default" });
    for (const property of ["Auth", "CorsConfiguration"]) expect(resolved("LoginApi")).not.toHaveProperty(property);
  });

  test("is reached by its own domain alone, where it has one", () => {
    const domain = { ...LOGIN, LoginCertificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/a" };
    for (const name of ["LoginDomain", "LoginMapping"])
      expect([isThere(name, LOGIN), isThere(name, domain)]).toEqual([false, true]);
    expect(resolved("LoginApi", LOGIN).DisableExecuteApiEndpoint).toBe(false);
    expect(resolved("LoginApi", domain).DisableExecuteApiEndpoint).toBe(true);
    expect(resolved("LoginDomain", domain).DomainName).toBe("login.acme.test");
  });

  test("is deployed in steps: without a domain first, and each step leaves its table, its keys and its API", () => {
    const domain = { ...LOGIN, LoginCertificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/a" };
    const steps = {
      unknown: { ...LOGIN, LoginUrl: "https://login.invalid" },
      endpoint: { ...LOGIN, LoginUrl: "https://a1b2c3.execute-api.eu-west-1.amazonaws.com" },
      domain,
    };
    for (const [step, parameters] of Object.entries(steps)) {
      const kept = ["LoginApi", "LoginTable", "Federation", "SigningKeys", "SigningKeysRole", "SigningKeysAlarm"];
      expect([step, kept.filter((name) => !isThere(name, parameters))]).toEqual([step, []]);
      expect(resolved("Federation", parameters).Environment).toMatchObject({
        Variables: { SALLYPORT_LOGIN_URL: parameters.LoginUrl },
      });
    }
    // What the next step needs of the one before.
    const { LoginEndpoint, LoginDomainTarget, SigningKeysName } = template.Outputs;
    expect(JSON.stringify(LoginEndpoint)).toContain("execute-api");
    expect([LoginEndpoint?.Condition, SigningKeysName?.Condition]).toEqual(["HasLogin", "HasLogin"]);
    expect(LoginDomainTarget?.Condition).toBe("HasLoginDomain");
    expect(SigningKeysName?.Value).toEqual({ Ref: "SigningKeys" });
  });

  test("has a role that makes keys with the stack's tag alone, on the keys of its account and Region", () => {
    const [{ PolicyDocument } = { PolicyDocument: { Statement: [] } }] = resolved("SigningKeysRole", LOGIN)
      .Policies as { PolicyDocument: { Statement: Record<string, unknown>[] } }[];
    const tagging = PolicyDocument.Statement.filter(({ Action }) => [Action].flat().includes("kms:TagResource"));
    expect(tagging).toEqual([
      {
        ...{ Sid: "TagKeys", Effect: "Allow", Action: "kms:TagResource" },
        Resource: expect.anything(),
        Condition: {
          StringEquals: { "aws:RequestTag/sallyport:stack": expect.anything() },
          "ForAllValues:StringEquals": { "aws:TagKeys": ["sallyport:stack"] },
        },
      },
    ]);
    expect(JSON.stringify(tagging[0]?.Resource)).toContain(":key/*");
  });

  test.each(["https://login.acme.test/", "https://login.acme.test/x", "http://login.acme.test", "https://a@b", "x"])(
    "takes no URL but an origin: %s",
    (url) => {
      const { AllowedPattern } = template.Parameters.LoginUrl as unknown as { AllowedPattern: string };
      expect(new RegExp(`^(?:${AllowedPattern})$`).test(url)).toBe(false);
      expect(new RegExp(`^(?:${AllowedPattern})$`).test(LOGIN.LoginUrl)).toBe(true);
    },
  );

  test("has a table with the key of the code's definition, a time to live, point-in-time recovery and encryption", () => {
    const { TableName: _, ...expected } = tableDefinition("any");
    expect(propertiesOf("LoginTable")).toMatchObject({
      ...expected,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  test("has a role that neither deletes, queries nor scans, and makes no keys", () => {
    for (const action of statements.flatMap(({ Action }) => Action)) {
      expect(action).toMatch(
        /^(dynamodb:(BatchGetItem|GetItem|PutItem|UpdateItem)|kms:(Sign|Decrypt)|events:PutEvents|secretsmanager:GetSecretValue|logs:(CreateLogStream|PutLogEvents)|ssm:GetParameter|appconfig:(Start|Get)\w+|xray:Put\w+)$/,
      );
    }
    expect(allowing("dynamodb:UpdateItem").map(({ Resource }) => Resource)).toEqual([
      { "Fn::GetAtt": "LoginTable.Arn" },
    ]);
    expect(allowing("events:PutEvents").map(({ Resource }) => Resource)).toEqual([{ "Fn::GetAtt": "EventBus.Arn" }]);
  });

  test("has keys that another role makes and ends, which cannot sign and writes nothing but their document", () => {
    const [{ PolicyDocument } = { PolicyDocument: { Statement: [] } }] = resolved("SigningKeysRole", LOGIN)
      .Policies as {
      PolicyDocument: { Statement: { Sid: string; Action: string | string[]; Condition?: object }[] };
    }[];
    const own = PolicyDocument.Statement;
    expect(own.flatMap(({ Action }) => Action)).not.toContain("kms:Sign");
    expect(own.find(({ Sid }) => Sid === "ReplaceDocument")?.Action).toEqual([
      "dynamodb:GetItem",
      "dynamodb:UpdateItem",
    ]);
    expect(own.find(({ Sid }) => Sid === "PublishAndEndKeys")?.Action).toEqual([
      ...["kms:DescribeKey", "kms:GetPublicKey", "kms:ScheduleKeyDeletion"],
    ]);
    expect(own.find(({ Sid }) => Sid === "ReplaceDocument")).toMatchObject({
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [KEY_DOCUMENT] } },
    });
    for (const sid of ["MakeKeys", "TagKeys", "PublishAndEndKeys"]) {
      expect(JSON.stringify(own.find(({ Sid }) => Sid === sid)?.Condition)).toContain("sallyport:stack");
    }
  });

  test("signs digests with the stack's own keys alone, by the tag that they are made with", async () => {
    const [, tag] = /const TAG = "(.+)"/.exec(await readFile("functions/signing-keys/key-maker.ts", "utf8")) ?? [];
    const [{ Resource, Condition } = {}, ...others] = allowing("kms:Sign");
    expect(others).toEqual([]);
    expect(JSON.stringify(Resource)).toContain(":key/*");
    expect(Condition).toEqual({
      StringEquals: {
        ...{ [`aws:ResourceTag/${tag}`]: { Ref: "AWS::StackName" }, "kms:MessageType": "DIGEST" },
        "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
      },
    });
  });

  test("writes every kind of item that its store has, and not the document of the signing keys", async () => {
    const source = await readFile("functions/federation/store/dynamodb-federation-store.ts", "utf8");
    const kinds = [...source.matchAll(/`([A-Z]+#)\$\{/g)].map(([, kind]) => `${kind}*`);
    expect(kinds.length).toBeGreaterThan(2);
    const [{ Condition } = {}] = allowing("dynamodb:PutItem");
    const written = Object(Object(Condition)["ForAllValues:StringLike"])["dynamodb:LeadingKeys"] as string[];
    expect(written.toSorted()).toEqual(kinds.toSorted());
    expect(written.some((pattern) => KEY_DOCUMENT.startsWith(pattern.replace("*", "")))).toBe(false);
  });
});

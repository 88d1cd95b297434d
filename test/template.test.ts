import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { TTL_ATTRIBUTE, tableDefinition } from "../shared/infrastructure/dynamodb/table.ts";
import { propertiesOf, template } from "./template.ts";

/** What template.yaml deploys is what the code expects. */

const all = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(all)] : [value];

const variablesOf = (name: string) =>
  (propertiesOf(name).Environment as { Variables: Record<string, unknown> }).Variables;

test("the authorizer's variables are those that it and the configuration read, and no other", async () => {
  const sources = await Promise.all(
    ["sallyport.config.ts", "shared/domain/config/cache.ts"].map((file) => readFile(file, "utf8")),
  );
  const read = sources.flatMap((source) => [...source.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name));
  const { POWERTOOLS_SERVICE_NAME: _, ...variables } = variablesOf("Authorizer");
  expect(Object.keys(variables).sort()).toEqual([...new Set([...read, "SALLYPORT_CONFIG"])].sort());
});

test("each function says how it is cached, whatever its configuration, and its twin differs in nothing else", () => {
  const { SALLYPORT_CACHED_BY: by, SALLYPORT_CACHE_TTL: ttl, ...cached } = variablesOf("Authorizer");
  expect([by, ttl]).toEqual([{ "Fn::If": ["HasCache", "authorization", "none"] }, { Ref: "ReauthorizeEvery" }]);
  const { SALLYPORT_CACHED_BY: none, SALLYPORT_CACHE_TTL: zero, ...uncached } = variablesOf("AuthorizerUncached");
  expect([none, zero]).toEqual(["none", 0]);
  expect(uncached).toEqual(cached);
});

describe("the table of keys", () => {
  const table = propertiesOf("KeysTable");

  test("has the key and the billing that the code creates it with", () => {
    const { TableName: _, ...expected } = tableDefinition("any");
    expect(table).toMatchObject(expected);
  });

  test("forgets, recovers and encrypts", () => {
    expect(table).toMatchObject({
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });
});

test("the table of used assertions has the key that the code writes, and forgets them", () => {
  const { TableName: _, ...expected } = tableDefinition("any");
  expect(propertiesOf("UsedAssertionsTable")).toMatchObject({
    ...expected,
    TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
  });
});

describe("the authorizer's role", () => {
  const statements = all(propertiesOf("AuthorizerRole").Policies).filter(
    (value): value is { Action: string | string[]; Resource: unknown } =>
      Object(value) === value && "Action" in Object(value),
  );

  test("may read, record used assertions, and write its log, and nothing else", () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(3);
    for (const action of actions)
      expect(action).toMatch(/^(logs:(CreateLogStream|PutLogEvents)|\w+:(Get|Start)\w+|dynamodb:PutItem)$/);
    // A key is never written by who verifies it.
    const [write, ...others] = statements.filter(({ Action }) => [Action].flat().includes("dynamodb:PutItem"));
    expect(others).toEqual([]);
    expect(write?.Resource).toEqual({ "Fn::GetAtt": "UsedAssertionsTable.Arn" });
  });

  test("names every resource: no wildcard", () => {
    for (const { Resource } of statements) {
      expect(Resource).toBeDefined();
      expect(JSON.stringify(Resource)).not.toContain("*");
    }
  });
});

test("API Gateway caches by what the policies are bound to", () => {
  const { Auth } = propertiesOf("RestApi") as { Auth: { Authorizers: { Sallyport: { Identity: object } } } };
  expect(Auth.Authorizers.Sallyport.Identity).toMatchObject({
    Headers: ["Authorization"],
    Context: ["identity.sourceIp"],
  });
});

test("no function logs into a group that is kept forever", () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Serverless::Function");
  expect(functions.length).toBeGreaterThan(1);
  for (const { Properties } of functions) {
    const { LogGroup } = Properties.LoggingConfig as { LogGroup: { Ref: string } };
    expect(propertiesOf(LogGroup.Ref)).toMatchObject({ RetentionInDays: { Ref: "LogRetentionDays" } });
  }
});

test("every function has a role of its own kind: the managed one may write any log", () => {
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

test("what can be switched off is switched off whole", () => {
  for (const [name, resource] of Object.entries(template.Resources)) {
    const uses =
      JSON.stringify(resource).match(/(?:RestApi|HttpApi|WebSocketApi|Whoami(?:Http|WebSocket)?)(?=[."}])/g) ?? [];
    if (uses.length > 0) expect([name, Object.keys(resource)]).toEqual([name, expect.arrayContaining(["Condition"])]);
  }
});

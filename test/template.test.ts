import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { TTL_ATTRIBUTE, tableDefinition } from "../shared/infrastructure/dynamodb/table.ts";
import { propertiesOf, template } from "./template.ts";

/** template.yaml matches what the code expects. */

const all = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(all)] : [value];

const variablesOf = (name: string) =>
  (propertiesOf(name).Environment as { Variables: Record<string, unknown> }).Variables;

test("the authorizer has exactly the environment variables that the code and the configuration read", async () => {
  const sources = await Promise.all(
    ["sallyport.config.ts", "shared/domain/config/cache.ts"].map((file) => readFile(file, "utf8")),
  );
  const read = sources.flatMap((source) => [...source.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name));
  const { POWERTOOLS_SERVICE_NAME: _, ...variables } = variablesOf("Authorizer");
  expect(Object.keys(variables).sort()).toEqual([...new Set([...read, "SALLYPORT_CONFIG"])].sort());
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

  test("has the key and the billing mode of the code's table definition", () => {
    const { TableName: _, ...expected } = tableDefinition("any");
    expect(table).toMatchObject(expected);
  });

  test("has a time to live, point-in-time recovery and encryption", () => {
    expect(table).toMatchObject({
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });
});

test("the table of used assertions has the key of the code's table definition, and a time to live", () => {
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

  test("may only read, record used assertions, and write its log", () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(3);
    for (const action of actions)
      expect(action).toMatch(/^(logs:(CreateLogStream|PutLogEvents)|\w+:(Get|Start)\w+|dynamodb:PutItem)$/);
    // The authorizer writes to one table only, which is not the table of keys.
    const [write, ...others] = statements.filter(({ Action }) => [Action].flat().includes("dynamodb:PutItem"));
    expect(others).toEqual([]);
    expect(write?.Resource).toEqual({ "Fn::GetAtt": "UsedAssertionsTable.Arn" });
  });

  test("names every resource without a wildcard", () => {
    for (const { Resource } of statements) {
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

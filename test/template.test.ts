import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { keyTable, TTL_ATTRIBUTE } from "../providers/api-key/dynamodb-store.ts";

/** What template.yaml deploys is what the code expects. */

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

/** Short forms of intrinsic functions, as `{ "!Ref": … }`. */
const TAGS = ["!Ref", "!Sub", "!GetAtt", "!If", "!Equals", "!Not", "!Or"].flatMap((tag) => [
  { tag, resolve: (value: string) => ({ [tag]: value }) },
  { tag, collection: "seq" as const, resolve: (value: { toJSON(): unknown }) => ({ [tag]: value.toJSON() }) },
]);

const template = parse(await readFile("template.yaml", "utf8"), { customTags: TAGS as never }) as {
  Resources: Record<string, Resource>;
  Parameters: Record<string, { Default?: unknown }>;
};
const propertiesOf = (name: string) => template.Resources[name]?.Properties ?? {};
const all = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(all)] : [value];

test("the authorizer's variables are those that the configuration reads, and no other", async () => {
  const source = await readFile("sallyport.config.ts", "utf8");
  const read = [...source.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name);
  const { Variables } = propertiesOf("Authorizer").Environment as { Variables: object };
  expect(Object.keys(Variables).sort()).toEqual([...new Set([...read, "SALLYPORT_CONFIG"])].sort());
});

describe("the table of keys", () => {
  const table = propertiesOf("KeysTable");

  test("has the key and the billing that the code creates it with", () => {
    const { TableName: _, ...expected } = keyTable("any");
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

describe("the authorizer's role", () => {
  const statements = all(propertiesOf("Authorizer").Policies).filter(
    (value): value is { Action: string | string[]; Resource: unknown } =>
      Object(value) === value && "Action" in Object(value),
  );

  test("may read, and only read", () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.length).toBeGreaterThan(3);
    for (const action of actions) expect(action).toMatch(/^\w+:(Get|Start)\w+$/);
  });

  test("names every resource: no wildcard", () => {
    for (const { Resource } of statements) {
      expect(Resource).toBeDefined();
      expect(JSON.stringify(Resource)).not.toContain("*");
    }
  });
});

test("API Gateway caches by what the policies are bound to", () => {
  const { Auth } = propertiesOf("Api") as { Auth: { Authorizers: { Sallyport: { Identity: object } } } };
  expect(Auth.Authorizers.Sallyport.Identity).toMatchObject({
    Headers: ["Authorization"],
    Context: ["identity.sourceIp"],
  });
});

test("no function logs into a group that is kept forever", () => {
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Serverless::Function");
  expect(functions.length).toBeGreaterThan(1);
  for (const { Properties } of functions) {
    const { LogGroup } = Properties.LoggingConfig as { LogGroup: { "!Ref": string } };
    expect(propertiesOf(LogGroup["!Ref"])).toMatchObject({ RetentionInDays: { "!Ref": "LogRetentionDays" } });
  }
});

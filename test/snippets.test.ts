import { readFile } from "node:fs/promises";
import { parse } from "@babel/parser";
import { describe, expect, test } from "vitest";
import { parseTemplate } from "../local/gateway/template/cloudformation-yaml.ts";
import { TTL_ATTRIBUTE, tableDefinition } from "../shared/infrastructure/dynamodb/table.ts";
import { template } from "./template.ts";

/**
 * The snippets of docs/deployment.md are whole: each has or imports the function, the permission, the table, the pepper
 * and the authorizer, and names nothing that is not there. `.ci/run snippets` runs them under tools of their own.
 */

const text = await readFile("docs/deployment.md", "utf8");
const snippets = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.+?)^\`\`\`$`, "gms"))].map(([, snippet = ""]) => snippet);

interface Snippet {
  readonly Transform?: string;
  readonly Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

const pairsIn = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [[key, inner] as [string, unknown], ...pairsIn(inner)])
    : [];

describe.each(snippets("yaml").map((snippet) => [snippet.split("\n")[0] ?? "", snippet]))("%s", (_, snippet) => {
  const parsed = parseTemplate(snippet) as Snippet;
  const types = Object.values(parsed.Resources).map(({ Type }) => Type);
  const imports = pairsIn(parsed).flatMap(([key, value]) => (key === "Fn::ImportValue" ? [String(value)] : []));

  test("refers only to what it has", () => {
    for (const [key, value] of pairsIn(parsed)) {
      if (key === "Ref") expect(parsed.Resources).toHaveProperty(String(value));
      if (key === "Fn::GetAtt") expect(parsed.Resources).toHaveProperty(String(value).split(".")[0] ?? "");
      if (key === "Fn::Sub")
        for (const [, name = ""] of String(value).matchAll(/\$\{(?!AWS::)(\w+)/g))
          expect(parsed.Resources).toHaveProperty(name);
    }
  });

  test("imports only what the template exports, under the name of its stack", () => {
    const exported = Object.entries(template.Outputs).filter(([, { Export }]) => Export);
    const names = exported.map(([name, { Export }]) => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own substitution
      expect(Export?.Name).toEqual({ "Fn::Sub": `${"${AWS::StackName}"}-${name}` });
      return `sallyport-${name}`;
    });
    for (const name of imports) expect(names).toContain(name);
  });

  test("has the function, the permission, the table, the pepper and the authorizer, or imports them", () => {
    const hasSam = parsed.Transform !== undefined;
    const own = JSON.stringify(parsed).includes("dist/functions/authorizer");
    // The permission comes with SAM's authorizer.
    expect(hasSam || types.includes("AWS::Lambda::Permission")).toBe(true);
    expect(/"Authorizers"|AWS::ApiGateway::Authorizer/.test(JSON.stringify(parsed))).toBe(true);
    expect(own || imports.some((name) => /Authorizer(Uncached)?(Arn|Uri)$/.test(name))).toBe(true);
    if (!own) return;
    expect(types).toEqual(expect.arrayContaining(["AWS::DynamoDB::Table", "AWS::SecretsManager::Secret"]));
    const { TableName: _, ...definition } = tableDefinition("any");
    expect(parsed.Resources.KeysTable?.Properties).toMatchObject({
      ...definition,
      TimeToLiveSpecification: { AttributeName: TTL_ATTRIBUTE, Enabled: true },
    });
  });

  test("keys its cache by the credential and the address, where the function gets one", () => {
    const identity = pairsIn(parsed).find(([key]) => key === "Identity")?.[1];
    if (identity) expect(identity).toMatchObject({ Headers: ["Authorization"], Context: ["identity.sourceIp"] });
    else expect(JSON.stringify(parsed)).toContain('"Type":"TOKEN"');
  });
});

test("the snippet for the CDK is TypeScript, with all five parts", () => {
  const [snippet = "", ...others] = snippets("ts");
  expect(others).toEqual([]);
  expect(() => parse(snippet, { sourceType: "module", plugins: ["typescript"] })).not.toThrow();
  for (const part of ["lambda.Function", "dynamodb.Table", "secretsmanager.Secret", "apigateway.RequestAuthorizer"])
    expect(snippet).toContain(`new ${part}(`);
  expect(snippet).toContain(`timeToLiveAttribute: "${TTL_ATTRIBUTE}"`);
});

test("the snippet for Terraform declares everything that it refers to, with all five parts", () => {
  const [snippet = "", ...others] = snippets("hcl");
  expect(others).toEqual([]);
  const declared = [...snippet.matchAll(/^(resource|data) "(\w+)" "(\w+)" \{/gm)].map(([, kind, type, name]) =>
    kind === "data" ? `data.${type}.${name}` : `${type}.${name}`,
  );
  const referred = [...snippet.matchAll(/(?<![\w."])((?:data\.)?(?:aws|archive)_\w+\.\w+)\./g)].map(([, name]) => name);
  expect(referred.length).toBeGreaterThan(10);
  for (const name of referred) expect(declared).toContain(name);
  for (const type of ["lambda_function", "lambda_permission", "dynamodb_table", "secretsmanager_secret"])
    expect(declared.some((name) => name.startsWith(`aws_${type}.`))).toBe(true);
  expect(declared).toContain("aws_api_gateway_authorizer.sallyport");
  expect(snippet.split("{")).toHaveLength(snippet.split("}").length);
});

describe("the commands of the AWS CLI", () => {
  const [commands = "", ...others] = snippets("bash");

  test("create, attach and deploy all five parts, in this order", () => {
    expect(others).toEqual([]);
    const steps = [
      ...["dynamodb create-table", "secretsmanager create-secret", "lambda create-function"],
      ...[
        "apigateway create-authorizer",
        "lambda add-permission",
        "apigateway put-method",
        "apigateway create-deployment",
      ],
    ];
    const places = steps.map((step) => commands.indexOf(`aws ${step} `));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("use only variables that were set before", () => {
    const set = new Set(["AWS_REGION"]);
    for (const line of commands.split("\n")) {
      for (const [, name = ""] of line.matchAll(/\$\{?([A-Z_]+)/g)) expect(set, line).toContain(name);
      const [, variable] = /^([A-Z_]+)=/.exec(line) ?? [];
      if (variable !== undefined) set.add(variable);
    }
  });

  test("are followed by a test of the authorizer", () => {
    expect(text).toContain("aws apigateway test-invoke-authorizer --rest-api-id");
  });
});

import { readFile } from "node:fs/promises";
import { parse, type ScalarTag } from "yaml";
import type { Api } from "../api.ts";
import { StackError } from "../stack-error.ts";
import type { PlannedKey } from "../usage-plans.ts";
import { httpApi } from "./http-api.ts";
import { Resolver } from "./intrinsics.ts";
import { restApi } from "./rest-api.ts";
import { plannedKeys } from "./usage-plans.ts";
import { webSocketApi } from "./websocket-api.ts";

/** What the local gateway runs of a template. */
export interface Stack {
  readonly apis: readonly Api[];
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  /** API keys of usage plans. */
  readonly keys: readonly PlannedKey[];
  /** Resources and properties that the gateway leaves out, each with its reason. */
  readonly unsupported: readonly string[];
}

export interface FunctionDefinition {
  /** Folder with the built code, relative to the template; a bundle of this project by `Metadata.Bundle`. */
  readonly code: { readonly bundle: string } | { readonly folder: string };
  /** `index.handler` */
  readonly handler: string;
  /** Seconds. */
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A resource with its intrinsic functions resolved. */
export interface Resource {
  readonly name: string;
  readonly type: string;
  readonly properties: Properties;
  readonly metadata: Properties;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What an API's reader finds. */
export interface Context {
  readonly resources: readonly Resource[];
  readonly unsupported: string[];
}

/** Types that say nothing about how a request is answered. */
const SILENT =
  /^AWS::(ApiGateway::(ApiKey|UsagePlan|UsagePlanKey)|IAM|Logs|CloudWatch|DynamoDB|SecretsManager|SSM|KMS|Lambda::Permission|ApiGatewayV2::(Deployment|Stage|Integration|Route|RouteResponse|Authorizer))/;

/** Short forms of intrinsic functions in YAML. */
const TAGS = ["Ref", "Condition", "GetAtt", "Sub", "If", "Equals", "Not", "And", "Or", "Join"].flatMap((name) => {
  const key = name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
  return [
    { tag: `!${name}`, resolve: (text: string) => ({ [key]: text }) },
    {
      tag: `!${name}`,
      collection: "seq" as const,
      resolve: (list: { toJSON(): unknown }) => ({ [key]: list.toJSON() }),
    },
  ];
}) as unknown as ScalarTag[];

/**
 * Reads the APIs and functions of a SAM template.
 *
 * @param overrides values of parameters
 * @throws {StackError}
 */
export async function readStack(file: string, overrides: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new StackError(`There is no template ${file}.`);
  });
  const template = parse(text, { customTags: TAGS }) as Properties;
  const resolver = new Resolver(template, overrides);
  const globals = (resolver.resolve(template.Globals) ?? {}) as Record<string, Properties>;
  const resources: Resource[] = [];
  for (const [name, value] of Object.entries((template.Resources ?? {}) as Record<string, Properties>)) {
    const { Type, Condition, Properties = {}, Metadata = {} } = value;
    if (typeof Condition === "string" && !resolver.condition(Condition)) continue;
    resources.push({
      name,
      type: String(Type),
      properties: resolver.resolve(Properties) as Properties,
      metadata: resolver.resolve(Metadata) as Properties,
    });
  }
  const unsupported: string[] = [];
  const context: Context = { resources, unsupported };
  const apis: Api[] = [];
  const functions: Record<string, FunctionDefinition> = {};
  for (const resource of resources) {
    const { type, name } = resource;
    if (type === "AWS::Serverless::Function") functions[name] = functionOf(resource, globals.Function ?? {});
    else if (type === "AWS::Serverless::Api") apis.push(restApi(resource, context));
    else if (type === "AWS::Serverless::HttpApi") apis.push(httpApi(resource, context));
    else if (type === "AWS::ApiGatewayV2::Api") apis.push(webSocketApi(resource, context));
    else if (!SILENT.test(type)) unsupported.push(`${name}: ${type}`);
  }
  if (apis.length === 0)
    throw new StackError(
      `${file} has no API that is supported (AWS::Serverless::Api, HttpApi, AWS::ApiGatewayV2::Api).`,
    );
  return { apis, functions, keys: plannedKeys(resources), unsupported };
}

function functionOf({ properties, metadata }: Resource, globals: Properties): FunctionDefinition {
  const { CodeUri, Handler, Timeout = 3, Environment } = { ...globals, ...properties };
  const variables = [globals.Environment, Environment].map((each) => Object(Object(each).Variables));
  return {
    code: typeof metadata.Bundle === "string" ? { bundle: metadata.Bundle } : { folder: String(CodeUri ?? ".") },
    handler: String(Handler ?? "index.handler"),
    timeout: Number(Timeout),
    environment: Object.fromEntries(
      Object.entries(Object.assign({}, ...variables)).map(([name, value]) => [name, String(value)]),
    ),
  };
}

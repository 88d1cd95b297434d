import { readFile } from "node:fs/promises";
import type { CloudResources } from "../../cloud/resources.ts";
import type { Api } from "../api.ts";
import { StackError } from "../stack-error.ts";
import type { PlannedKey } from "../usage-plans.ts";
import { cloudResources } from "./cloud-resources.ts";
import { parseTemplate } from "./cloudformation-yaml.ts";
import { type FunctionDefinition, functionOf } from "./function.ts";
import { httpApi } from "./http-api.ts";
import { Resolver } from "./intrinsics.ts";
import { isPartOfPlainApi, plainRestApi } from "./plain-rest-api.ts";
import { type Properties, type TemplateContents, type TemplateResource, textMap } from "./resource.ts";
import { restApi } from "./rest-api.ts";
import { plannedKeys } from "./usage-plans.ts";
import { webSocketApi } from "./websocket-api.ts";

/** The parts of a template that the local gateway runs. */
export interface Stack {
  readonly apis: readonly Api[];
  readonly functions: Readonly<Record<string, FunctionDefinition>>;
  /** Tables, queues, buses, and the sources of events. */
  readonly cloud: CloudResources;
  /** API keys of usage plans. */
  readonly keys: readonly PlannedKey[];
  /** Resources and properties that the gateway leaves out, each with its reason. */
  readonly unsupported: readonly string[];
}

/** Types of resources that do not affect the answer to a request. They are ignored without a notice. */
const SILENT =
  /^AWS::(ApiGateway::(ApiKey|UsagePlan|UsagePlanKey)|IAM|Logs|CloudWatch|DynamoDB|SecretsManager|SSM|KMS|S3|SQS|Events::(Rule|EventBus|EventBusPolicy)|Scheduler::Schedule|Lambda::(Permission|EventSourceMapping)|ApiGatewayV2::(Deployment|Stage|Integration|Route|RouteResponse|Authorizer|DomainName|ApiMapping))/;

/**
 * Reads the APIs and functions of a SAM template.
 *
 * @param overrides values of parameters
 * @param stackName `AWS::StackName`, which is in the names of tables and queues
 * @throws {StackError} if there is no such file, or the template uses something that is not supported
 */
export async function readStack(
  file: string,
  overrides: Readonly<Record<string, string>> = {},
  stackName?: string,
): Promise<Stack> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new StackError(`There is no template ${file}.`);
  });
  const template = parseTemplate(text) as Properties;
  const resolver = new Resolver(template, { ...localParameters(template), ...overrides }, stackName);
  const globals = (resolver.resolve(template.Globals) ?? {}) as Record<string, Properties>;
  const contents: TemplateContents = { resources: resourcesOf(template, resolver), unsupported: [] };
  const apis: Api[] = [];
  const functions: Record<string, FunctionDefinition> = {};
  for (const resource of contents.resources) {
    const { type, name } = resource;
    if (type === "AWS::Serverless::Function") functions[name] = functionOf(resource, globals.Function ?? {});
    else if (type === "AWS::Serverless::Api") apis.push(restApi(resource, contents));
    else if (type === "AWS::Serverless::HttpApi") apis.push(httpApi(resource, contents));
    else if (type === "AWS::ApiGateway::RestApi") apis.push(plainRestApi(resource, contents));
    else if (type === "AWS::ApiGatewayV2::Api") apis.push(webSocketApi(resource, contents));
    else if (!SILENT.test(type) && !isPartOfPlainApi(resource, contents)) contents.unsupported.push(`${name}: ${type}`);
  }
  if (apis.length === 0)
    throw new StackError(
      `${file} has no API that is supported (AWS::Serverless::Api, HttpApi, AWS::ApiGateway::RestApi, AWS::ApiGatewayV2::Api).`,
    );
  const cloud = cloudResources(contents);
  return { apis, functions, cloud, keys: plannedKeys(contents.resources), unsupported: contents.unsupported };
}

/** What the template turns on or off on this machine, in place of its parameters' defaults (`Metadata: {Local: …}`). */
function localParameters({ Metadata }: Properties): Record<string, string> {
  return textMap(Object(Object(Metadata).Local));
}

/** The resources whose conditions hold. */
function resourcesOf(template: Properties, resolver: Resolver): TemplateResource[] {
  const declared = Object.entries((template.Resources ?? {}) as Record<string, Properties>);
  return declared
    .filter(([, { Condition }]) => typeof Condition !== "string" || resolver.condition(Condition))
    .map(([name, { Type, Properties = {}, Metadata = {} }]) => ({
      name,
      physicalName: resolver.nameOf(name),
      type: String(Type),
      properties: resolver.resolve(Properties) as Properties,
      metadata: resolver.resolve(Metadata) as Properties,
    }));
}

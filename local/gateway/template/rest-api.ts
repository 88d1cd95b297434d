import { type Authorizer, apiId, type Cors, type GatewayResponse, type RestApi } from "../api.ts";
import { StackError } from "../stack-error.ts";
import { functionName, sourcesOf } from "./authorizer.ts";
import { type Properties, type TemplateContents, type TemplateResource, textMap } from "./resource.ts";
import { routesOf } from "./routes.ts";

/** `AWS::Serverless::Api` with the events of functions that name it. */
export function restApi({ name, properties }: TemplateResource, { resources, unsupported }: TemplateContents): RestApi {
  const { StageName, Variables, Auth, GatewayResponses, Cors: cors, DefinitionBody, DefinitionUri } = properties;
  if (DefinitionBody || DefinitionUri)
    unsupported.push(`${name}: an OpenAPI definition; routes are read from functions' events`);
  const { DefaultAuthorizer, Authorizers, ResourcePolicy, ApiKeyRequired } = Object(Auth) as Properties;
  const authorizers = Object.entries(Object(Authorizers) as Record<string, Properties>).map(([key, value]) => [
    key,
    authorizerOf(value, `${name}.${key}`),
  ]);
  const corsOf = (value: unknown): Cors => {
    const { AllowOrigin = value, AllowHeaders = "''", AllowMethods = "'OPTIONS'" } = Object(value) as Properties;
    return { origin: unquoted(AllowOrigin), headers: unquoted(AllowHeaders), methods: unquoted(AllowMethods) };
  };
  const policy = resourcePolicy(ResourcePolicy, name, unsupported);
  return {
    kind: "rest",
    name,
    id: apiId(name),
    stage: String(StageName ?? "Prod"),
    stageVariables: textMap(Variables),
    authorizers: Object.fromEntries(authorizers),
    routes: routesOf(name, resources, {
      type: "Api",
      reference: "RestApiId",
      authorizer: DefaultAuthorizer,
      apiKeyRequired: ApiKeyRequired === true,
    }),
    gatewayResponses: Object.fromEntries(
      Object.entries(Object(GatewayResponses) as Record<string, Properties>).map(([type, value]) => [
        type,
        responseOf(value),
      ]),
    ),
    ...(policy !== undefined && { resourcePolicy: policy }),
    apiKeySource: properties.ApiKeySourceType === "AUTHORIZER" ? "AUTHORIZER" : "HEADER",
    ...(cors !== undefined && { cors: corsOf(cors) }),
  };
}

function authorizerOf({ FunctionArn, FunctionPayloadType = "TOKEN", Identity }: Properties, where: string): Authorizer {
  if (typeof FunctionArn !== "string") throw new StackError(`${where} is no Lambda authorizer.`);
  const identity = Object(Identity) as Properties;
  const ttl = Number(identity.ReauthorizeEvery ?? 300);
  const base = { function: functionName(FunctionArn), ttl };
  if (FunctionPayloadType === "TOKEN") {
    const { Header = "Authorization", ValidationExpression } = identity;
    return {
      ...base,
      type: "TOKEN",
      sources: [{ in: "header", name: String(Header) }],
      ...(typeof ValidationExpression === "string" && { validation: ValidationExpression }),
    };
  }
  const sources = sourcesOf(identity);
  if (sources.length === 0 && ttl > 0) throw new StackError(`${where} has a cache and no identity source.`);
  return { ...base, type: "REQUEST", sources };
}

const unquoted = (value: unknown) => String(value).replace(/^'(.*)'$/, "$1");

function responseOf({ StatusCode, ResponseParameters, ResponseTemplates }: Properties): GatewayResponse {
  const template = (Object(ResponseTemplates) as Properties)["application/json"];
  return {
    ...(StatusCode !== undefined && { status: Number(StatusCode) }),
    headers: textMap(Object(ResponseParameters).Headers),
    ...(typeof template === "string" && { template }),
  };
}

function resourcePolicy(value: unknown, api: string, unsupported: string[]): unknown {
  if (value === undefined) return undefined;
  const { CustomStatements, ...rest } = Object(value) as Properties;
  for (const name of Object.keys(rest)) unsupported.push(`${api}: ResourcePolicy.${name}; CustomStatements are`);
  return CustomStatements && { Version: "2012-10-17", Statement: CustomStatements };
}

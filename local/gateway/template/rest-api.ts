import {
  type Authorizer,
  apiId,
  type Cors,
  type CustomGatewayResponse,
  type IdentitySource,
  type RestApi,
  type Route,
} from "../api.ts";
import { StackError } from "../stack-error.ts";
import type { Context, Properties, Resource } from "./read.ts";

/** `AWS::Serverless::Api` with the events of functions that name it. */
export function restApi({ name, properties }: Resource, { resources, unsupported }: Context): RestApi {
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
    stageVariables: texts(Variables),
    authorizers: Object.fromEntries(authorizers),
    routes: routesOf(name, resources, "Api", "RestApiId", DefaultAuthorizer, ApiKeyRequired === true),
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

/** Routes from the events of functions; an event may name another authorizer than the API's own, or `NONE`. */
export function routesOf(
  api: string,
  resources: readonly Resource[],
  type: string,
  reference: string,
  defaultAuthorizer: unknown,
  keyRequired = false,
): Route[] {
  return resources.flatMap(({ name, properties }) =>
    Object.values(Object(properties.Events) as Record<string, { Type: string; Properties?: Properties }>)
      .filter(({ Type, Properties }) => Type === type && Properties?.[reference] === api)
      .map(({ Properties = {} }) => {
        const { Path = "$default", Method = "ANY", Auth, PayloadFormatVersion } = Properties;
        const { Authorizer = defaultAuthorizer, ApiKeyRequired = keyRequired } = Object(Auth) as Properties;
        return {
          method: String(Method).toUpperCase(),
          path: String(Path),
          function: name,
          ...(typeof Authorizer === "string" && Authorizer !== "NONE" && { authorizer: Authorizer }),
          ...(type === "HttpApi" && {
            payload: String(PayloadFormatVersion ?? "2.0") === "1.0" ? ("1.0" as const) : ("2.0" as const),
          }),
          ...(ApiKeyRequired === true && { apiKeyRequired: true }),
        };
      }),
  );
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

/** Identity sources in the order in which SAM writes them. */
export function sourcesOf({ Headers, QueryStrings, StageVariables, Context }: Properties): IdentitySource[] {
  const named = (place: IdentitySource["in"], names: unknown) =>
    ((names ?? []) as unknown[]).map((name) => ({ in: place, name: String(name) }));
  return [
    ...named("header", Headers),
    ...named("query", QueryStrings),
    ...named("stageVariable", StageVariables),
    ...named("context", Context),
  ];
}

/** Logical id of the function that an ARN, as the resolver gives it, is of. */
export const functionName = (arn: string) => /(\w+)\.(?:Arn|Alias)/.exec(arn)?.[1] ?? arn;

export const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(Object(value) as object).map(([name, text]) => [name, String(text)]));

const unquoted = (value: unknown) => String(value).replace(/^'(.*)'$/, "$1");

function responseOf({ StatusCode, ResponseParameters, ResponseTemplates }: Properties): CustomGatewayResponse {
  const template = (Object(ResponseTemplates) as Properties)["application/json"];
  return {
    ...(StatusCode !== undefined && { status: Number(StatusCode) }),
    headers: texts(Object(ResponseParameters).Headers),
    ...(typeof template === "string" && { template }),
  };
}

function resourcePolicy(value: unknown, api: string, unsupported: string[]): unknown {
  if (value === undefined) return undefined;
  const { CustomStatements, ...rest } = Object(value) as Properties;
  for (const name of Object.keys(rest)) unsupported.push(`${api}: ResourcePolicy.${name}; CustomStatements are`);
  return CustomStatements && { Version: "2012-10-17", Statement: CustomStatements };
}

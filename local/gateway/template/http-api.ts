import { type Authorizer, apiId, type HttpApi } from "../api.ts";
import { StackError } from "../stack-error.ts";
import { functionName, sourcesOf } from "./authorizer.ts";
import { type Properties, type TemplateContents, type TemplateResource, textMap } from "./resource.ts";
import { routesOf } from "./routes.ts";

/** `AWS::Serverless::HttpApi` with the events of functions that name it. */
export function httpApi({ name, properties }: TemplateResource, { resources, unsupported }: TemplateContents): HttpApi {
  const { StageName = "$default", StageVariables, Auth, CorsConfiguration, DefinitionBody } = properties;
  if (DefinitionBody) unsupported.push(`${name}: an OpenAPI definition; routes are read from functions' events`);
  const { DefaultAuthorizer, Authorizers } = Object(Auth) as Properties;
  const { AllowOrigins, AllowHeaders, AllowMethods } = Object(CorsConfiguration) as Record<
    string,
    string[] | undefined
  >;
  return {
    kind: "http",
    name,
    id: apiId(name),
    stage: String(StageName),
    stageVariables: textMap(StageVariables),
    authorizers: Object.fromEntries(
      Object.entries(Object(Authorizers) as Record<string, Properties>).map(([key, value]) => [
        key,
        authorizerOf(value, `${name}.${key}`),
      ]),
    ),
    routes: routesOf(name, resources, { type: "HttpApi", reference: "ApiId", authorizer: DefaultAuthorizer }),
    ...(CorsConfiguration !== undefined && {
      cors: {
        origin: AllowOrigins?.[0] ?? "",
        headers: (AllowHeaders ?? []).join(","),
        methods: (AllowMethods ?? []).join(","),
      },
    }),
  };
}

function authorizerOf(value: Properties, where: string): Authorizer {
  const { FunctionArn, AuthorizerPayloadFormatVersion, EnableSimpleResponses, Identity } = value;
  if (typeof FunctionArn !== "string") throw new StackError(`${where} is no Lambda authorizer.`);
  const payload = String(AuthorizerPayloadFormatVersion);
  if (payload !== "1.0" && payload !== "1" && payload !== "2.0" && payload !== "2") {
    throw new StackError(`${where} needs AuthorizerPayloadFormatVersion 1.0 or 2.0.`);
  }
  const identity = Object(Identity) as Properties;
  const sources = sourcesOf(identity);
  return {
    type: "REQUEST",
    function: functionName(FunctionArn),
    sources,
    // Without identity sources there is no cache key, so nothing is cached.
    ttl: sources.length === 0 ? 0 : Number(identity.ReauthorizeEvery ?? 300),
    payload: payload.startsWith("1") ? "1.0" : "2.0",
    simple: EnableSimpleResponses === true,
  };
}

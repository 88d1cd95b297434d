import { type Authorizer, apiId, type HttpApi } from "../api.ts";
import { type JwtRoute, RSA_ALGORITHMS } from "../jwt/jwt-authorizer.ts";
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
  const named = Object.entries(Object(Authorizers) as Record<string, Properties>);
  const isJwt = ([, { JwtConfiguration }]: (typeof named)[number]) => JwtConfiguration !== undefined;
  return {
    kind: "http",
    name,
    id: apiId(name),
    stage: String(StageName),
    stageVariables: textMap(StageVariables),
    authorizers: Object.fromEntries(
      named
        .filter((each) => !isJwt(each))
        .map(([key, value]): [string, Authorizer] => [key, authorizerOf(value, `${name}.${key}`)]),
    ),
    routes: routesOf(name, resources, {
      ...{ type: "HttpApi", reference: "ApiId", authorizer: DefaultAuthorizer },
      jwt: Object.fromEntries(
        named.filter(isJwt).map(([key, value]): [string, JwtRoute] => [key, jwtOf(value, `${name}.${key}`)]),
      ),
    }),
    ...(CorsConfiguration !== undefined && {
      cors: {
        origin: AllowOrigins?.[0] ?? "",
        headers: (AllowHeaders ?? []).join(","),
        methods: (AllowMethods ?? []).join(","),
      },
    }),
  };
}

/** A JWT authorizer (SAM, "OAuth2Authorizer"). API Gateway takes one issuer, and only RSA. */
function jwtOf({ JwtConfiguration, IdentitySource, AuthorizationScopes }: Properties, where: string): JwtRoute {
  const { issuer, Issuer = issuer, audience, Audience = audience } = Object(JwtConfiguration) as Properties;
  const audiences = [Audience].flat().filter((each) => typeof each === "string");
  if (typeof Issuer !== "string" || audiences.length === 0) {
    throw new StackError(`${where} needs an issuer and an audience in JwtConfiguration.`);
  }
  return {
    authorizer: {
      source: tokenSource(IdentitySource ?? "$request.header.Authorization", where),
      algorithms: RSA_ALGORITHMS,
      issuers: [{ issuer: Issuer, audiences, claims: [] }],
    },
    scopes: ((AuthorizationScopes ?? []) as unknown[]).map(String),
  };
}

/** Parses `$request.header.Authorization`. */
function tokenSource(expression: unknown, where: string): JwtRoute["authorizer"]["source"] {
  const [, place, name] = /^\$request\.(header|querystring)\.([\w-]+)$/.exec(String(expression)) ?? [];
  if (name === undefined) throw new StackError(`${where}: ${expression} is no identity source of a JWT authorizer.`);
  return { in: place === "header" ? "header" : "query", name };
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

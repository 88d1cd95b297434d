import { type Authorizer, apiId, type GatewayResponse, type RestApi, type Route } from "../api.ts";
import type { JwtRoute } from "../jwt/jwt-authorizer.ts";
import { StackError } from "../stack-error.ts";
import { functionName } from "./authorizer.ts";
import { identitySource } from "./identity-expression.ts";
import { type Properties, type TemplateContents, type TemplateResource, textMap } from "./resource.ts";
import { jwtAuthorizer } from "./rest-jwt.ts";

/**
 * `AWS::ApiGateway::RestApi` with the resources, methods, authorizers, stage and gateway responses that name it. Of
 * methods, those with a Lambda proxy integration are served.
 */
export function plainRestApi({ name, properties }: TemplateResource, contents: TemplateContents): RestApi {
  const ofType = (type: string) =>
    contents.resources.filter((each) => each.type === `AWS::ApiGateway::${type}` && each.properties.RestApiId === name);
  const authorizers = ofType("Authorizer");
  const isJwt = ({ properties: { Type } }: TemplateResource) => Type === "JWT";
  const jwt = Object.fromEntries(
    authorizers.filter(isJwt).map((each): [string, JwtRoute["authorizer"]] => [each.name, jwtAuthorizer(each)]),
  );
  const paths = pathsOf(name, ofType("Resource"));
  const lambda = Object.fromEntries(
    authorizers.filter((each) => !isJwt(each)).map((each): [string, Authorizer] => [each.name, lambdaOf(each)]),
  );
  const methods = ofType("Method").flatMap(({ name: id, properties: method }) => {
    if (Object(method.Integration).Type === "AWS_PROXY") return [routeOf(id, method, paths, { jwt, lambda })];
    contents.unsupported.push(`${id}: an integration that is no Lambda proxy`);
    return [];
  });
  const [stage] = [...ofType("Stage"), ...ofType("Deployment")];
  return {
    kind: "rest",
    name,
    id: apiId(name),
    stage: String(stage?.properties.StageName ?? "prod"),
    stageVariables: textMap(stage?.properties.Variables),
    authorizers: lambda,
    routes: methods,
    gatewayResponses: Object.fromEntries(
      ofType("GatewayResponse").map(({ properties: response }) => [
        String(response.ResponseType),
        responseOf(response),
      ]),
    ),
    ...(properties.Policy !== undefined && { resourcePolicy: properties.Policy }),
    apiKeySource: properties.ApiKeySourceType === "AUTHORIZER" ? "AUTHORIZER" : "HEADER",
  };
}

/** Whether a resource is a part of an API that this file reads. */
export const isPartOfPlainApi = ({ type, properties }: TemplateResource, { resources }: TemplateContents): boolean =>
  /^AWS::ApiGateway::(Resource|Method|Authorizer|Deployment|Stage|GatewayResponse)$/.test(type) &&
  resources.some((each) => each.type === "AWS::ApiGateway::RestApi" && each.name === properties.RestApiId);

/** The path of each resource of an API, by its logical id. `Api.RootResourceId` is the root. */
function pathsOf(api: string, resources: readonly TemplateResource[]): (id: unknown) => string {
  const known = new Map(resources.map(({ name, properties }) => [name, properties]));
  const pathOf = (id: unknown): string => {
    if (id === `${api}.RootResourceId`) return "";
    const found = known.get(String(id));
    if (!found) throw new StackError(`${api}: there is no resource ${id}.`);
    return `${pathOf(found.ParentId)}/${found.PathPart}`;
  };
  return (id) => pathOf(id) || "/";
}

interface Authorizers {
  readonly jwt: Readonly<Record<string, JwtRoute["authorizer"]>>;
  readonly lambda: Readonly<Record<string, Authorizer>>;
}

/** @throws {StackError} for an authorization that is not served: a method is not left open by mistake */
function routeOf(id: string, method: Properties, pathOf: (id: unknown) => string, authorizers: Authorizers): Route {
  const { AuthorizationType = "NONE", AuthorizerId, AuthorizationScopes, ApiKeyRequired, Integration } = method;
  const route: Route = {
    ...{ method: String(method.HttpMethod), path: pathOf(method.ResourceId) },
    function: functionName(String(Object(Integration).Uri)),
    ...(ApiKeyRequired === true && { apiKeyRequired: true }),
  };
  const authorizer = String(AuthorizerId);
  if (AuthorizationType === "NONE") return route;
  if (AuthorizationType === "CUSTOM" && Object.hasOwn(authorizers.lambda, authorizer)) return { ...route, authorizer };
  const ofTokens = Object.hasOwn(authorizers.jwt, authorizer) ? authorizers.jwt[authorizer] : undefined;
  if (AuthorizationType !== "JWT" || !ofTokens) {
    throw new StackError(`${id}: the authorization ${AuthorizationType} of ${authorizer} is not supported.`);
  }
  return { ...route, jwt: { authorizer: ofTokens, scopes: ((AuthorizationScopes ?? []) as unknown[]).map(String) } };
}

function lambdaOf({ name, properties }: TemplateResource): Authorizer {
  const { Type, AuthorizerUri, IdentitySource, IdentityValidationExpression, AuthorizerResultTtlInSeconds } =
    properties;
  if (Type !== "TOKEN" && Type !== "REQUEST") throw new StackError(`${name} is no Lambda or JWT authorizer.`);
  return {
    type: Type,
    function: functionName(String(AuthorizerUri)),
    sources: String(IdentitySource ?? "")
      .split(",")
      .filter((each) => each.trim() !== "")
      .map((each) => identitySource(each.trim(), name)),
    ttl: Number(AuthorizerResultTtlInSeconds ?? 300),
    ...(typeof IdentityValidationExpression === "string" && { validation: IdentityValidationExpression }),
  };
}

const HEADER = "gatewayresponse.header.";

function responseOf({ StatusCode, ResponseParameters, ResponseTemplates }: Properties): GatewayResponse {
  const template = (Object(ResponseTemplates) as Properties)["application/json"];
  const headers = Object.entries(textMap(ResponseParameters)).flatMap(([name, value]): [string, string][] =>
    name.startsWith(HEADER) ? [[name.slice(HEADER.length), value]] : [],
  );
  return {
    ...(StatusCode !== undefined && { status: Number(StatusCode) }),
    headers: Object.fromEntries(headers),
    ...(typeof template === "string" && { template }),
  };
}

import { apiId, type IdentitySource, type WebSocketApi } from "../api.ts";
import { StackError } from "../stack-error.ts";
import { functionName } from "./authorizer.ts";
import { type Properties, type TemplateContents, type TemplateResource, textMap } from "./resource.ts";

/**
 * `AWS::ApiGatewayV2::Api` of the protocol WEBSOCKET, with the routes, integrations, authorizer and stage that name it.
 */
export function webSocketApi({ name, properties }: TemplateResource, { resources }: TemplateContents): WebSocketApi {
  if (properties.ProtocolType !== "WEBSOCKET") {
    throw new StackError(
      `${name}: AWS::ApiGatewayV2::Api is supported for WebSockets; AWS::Serverless::HttpApi for HTTP.`,
    );
  }
  const ofType = (type: string) =>
    resources.filter((each) => each.type === `AWS::ApiGatewayV2::${type}` && each.properties.ApiId === name);
  const integrations = new Map(
    ofType("Integration").map((each) => [each.name, functionName(String(each.properties.IntegrationUri))]),
  );
  const routes = ofType("Route").map(
    ({ name: id, properties: route }) => ({ id, ...route }) as Properties & { id: string },
  );
  const connect = routes.find(({ RouteKey }) => RouteKey === "$connect");
  const authorizer = ofType("Authorizer").find((each) => each.name === connect?.AuthorizerId);
  const responses = ofType("RouteResponse").map(({ properties: response }) => response.RouteId);
  const [stage] = ofType("Stage");
  return {
    kind: "websocket",
    name,
    id: apiId(name),
    stage: String(stage?.properties.StageName ?? "prod"),
    stageVariables: textMap(stage?.properties.StageVariables),
    functions: Object.fromEntries(
      routes.flatMap(({ RouteKey, Target }) => {
        const target = integrations.get(String(Target).replace("integrations/", ""));
        return target === undefined ? [] : [[String(RouteKey), target]];
      }),
    ),
    twoWay: routes.filter(({ id }) => responses.includes(id)).map(({ RouteKey }) => String(RouteKey)),
    selection: String(properties.RouteSelectionExpression ?? "$request.body.action")
      .split(".")
      .slice(2),
    authorizers: authorizer
      ? {
          [authorizer.name]: {
            type: "REQUEST",
            function: functionName(String(authorizer.properties.AuthorizerUri)),
            sources: ((authorizer.properties.IdentitySource ?? []) as string[]).map(sourceOf),
            ttl: 0,
          },
        }
      : {},
    ...(authorizer && { authorizer: authorizer.name }),
  };
}

/** Parses an identity source such as `route.request.header.Authorization`. */
function sourceOf(expression: string): IdentitySource {
  const [, place, name] =
    /^(?:route\.request\.)?(header|querystring|stageVariables|context)\.(.+)$/.exec(expression) ?? [];
  if (place === undefined || name === undefined) throw new StackError(`${expression} is no identity source.`);
  const kinds = {
    header: "header",
    querystring: "query",
    stageVariables: "stageVariable",
    context: "context",
  } as const;
  return { in: kinds[place as keyof typeof kinds], name };
}

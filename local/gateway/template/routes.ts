import type { Route } from "../api.ts";
import type { JwtRoute } from "../jwt/jwt-authorizer.ts";
import type { Properties, TemplateResource } from "./resource.ts";

/** Selects the events of functions that are routes of an API, and gives their defaults. */
export interface RouteEvents {
  /** Type of the events. */
  readonly type: "Api" | "HttpApi";
  /** Property of an event that names its API. */
  readonly reference: "RestApiId" | "ApiId";
  /** The API's default authorizer, if it is a text. */
  readonly authorizer: unknown;
  readonly apiKeyRequired?: boolean;
  /** JWT authorizers by their names, each with the scopes of routes that name none of their own. */
  readonly jwt?: Readonly<Record<string, JwtRoute>>;
}

/**
 * The routes of an API, from the events of functions. An event may name another authorizer than the API's default, or
 * `NONE`.
 */
export function routesOf(api: string, resources: readonly TemplateResource[], defaults: RouteEvents): Route[] {
  return resources.flatMap(({ name, properties }) =>
    Object.values(Object(properties.Events) as Record<string, { Type: string; Properties?: Properties }>)
      .filter(({ Type, Properties }) => Type === defaults.type && Properties?.[defaults.reference] === api)
      .map(({ Properties = {} }) => routeOf(name, Properties, defaults)),
  );
}

function routeOf(functionName: string, event: Properties, defaults: RouteEvents): Route {
  const { type, authorizer, apiKeyRequired, jwt = {} } = defaults;
  const { Path = "$default", Method = "ANY", Auth, PayloadFormatVersion } = event;
  const { Authorizer = authorizer, ApiKeyRequired = apiKeyRequired, AuthorizationScopes } = Object(Auth) as Properties;
  const isNamed = typeof Authorizer === "string" && Authorizer !== "NONE";
  const ofTokens = isNamed && Object.hasOwn(jwt, Authorizer) ? jwt[Authorizer] : undefined;
  const route: Route = { method: String(Method).toUpperCase(), path: String(Path), function: functionName };
  const payload = String(PayloadFormatVersion ?? "2.0") === "1.0" ? "1.0" : "2.0";
  return {
    ...route,
    ...(isNamed && !ofTokens && { authorizer: Authorizer }),
    ...(ofTokens && {
      jwt: { ...ofTokens, ...(Array.isArray(AuthorizationScopes) && { scopes: AuthorizationScopes }) },
    }),
    ...(type === "HttpApi" && { payload }),
    ...(ApiKeyRequired === true && { apiKeyRequired: true }),
  };
}

import { opaqueIssuers } from "../../providers/introspection/token-owner.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Api, HttpApi, RestApi, Route } from "../gateway/api.ts";
import { LOCAL } from "../stage/configuration.ts";
import { ruleRequests } from "./rule-requests.ts";

/** A request that the start screen shows. */
export interface SampleRequest {
  /** Who calls. */
  readonly title: string;
  /** Logical id of the API. */
  readonly api: string;
  readonly method: string;
  /** The path below the stage. */
  readonly path: string;
  /** The page that gives the headers; none for a request without a credential. */
  readonly header?: string;
  /** Headers beside those of the page. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Requests of each kind of caller to the first REST or HTTP API, and one to each other. Nothing is said of how they
 * end: that depends on the configuration.
 */
export function sampleRequests(apis: readonly Api[], config: Config): SampleRequest[] {
  const [first, ...others] = apis.filter((api) => api.kind !== "websocket" && guardedRoute(api) !== undefined);
  if (!first || first.kind === "websocket") return [];
  return [
    ...requestsTo(first, config),
    ...others.flatMap((api) => (api.kind === "websocket" ? [] : requestsTo(api, config).slice(0, 1))),
    ...metadataRequests(first, config),
  ];
}

/** What clients such as agents read first (docs/agents.md), if the API serves it. */
function metadataRequests({ name, routes }: RestApi | HttpApi, { protectedResources = [] }: Config): SampleRequest[] {
  const route = routes.find(({ path }) => path === "/.well-known/oauth-protected-resource");
  if (!route || protectedResources.length !== 1) return [];
  return [{ title: "an agent: where to get a token", api: name, method: "GET", path: route.path }];
}

function requestsTo(api: RestApi | HttpApi, config: Config): SampleRequest[] {
  const route = guardedRoute(api);
  if (!route) return [];
  const ofTenant = guardedRoute(api, (each) => each.path.includes("{tenant}"));
  const scoped = ofTenant ?? route;
  const order = api.routes.find(({ path, method }) => path === scoped.path && method === "POST");
  const to = (title: string, target: Route, header?: string, method = "GET"): SampleRequest => ({
    ...{ title, api: api.name, method, path: target.path.replace(/\{\w+\+?\}/g, "acme") },
    ...(header !== undefined && { header }),
  });
  const [read, write] = [scopesFor(scoped, "GET", config), scopesFor(scoped, "POST", config)];
  return [
    ...(config.jwt
      ? [
          to("a user with a JWT", scoped, page("jwt", { scope: read })),
          ...(read ? [to("a user without the scope", scoped, page("jwt"))] : []),
          ...(ofTenant
            ? [to("a user of another tenant", ofTenant, page("jwt", { scope: read, tenant: "globex" }))]
            : []),
          ...workloads(config).map(({ issuer, preset }) =>
            to(`a workload, by ${preset}`, route, page("jwt", { iss: issuer })),
          ),
          ...ruleRequests(api, config).map(({ title, route: target, claims, headers }) => ({
            ...to(title, target, page("jwt", claims)),
            ...(headers && { headers }),
          })),
          to("an expired token", route, page("jwt", { expires: "-60" })),
          to("an issuer whose key server is down", route, page("jwt", { iss: LOCAL.downIssuer })),
        ]
      : []),
    ...(opaqueIssuers(config).length > 0
      ? [
          to("a user with an opaque token", scoped, page("opaque", { scope: read })),
          to("an opaque token that was revoked", route, page("opaque", { revoked: "true" })),
        ]
      : []),
    ...(config.saml ? [to("a user with a SAML assertion", route, page("saml"))] : []),
    ...(config.apiKeys
      ? [
          to("a partner with an API key", route, page("api-key")),
          to("a revoked API key", route, page("api-key", { status: "revoked" })),
          to("an API key for another address", route, page("api-key", { address: "192.0.2.1" })),
        ]
      : []),
    ...(config.jwt && config.apiKeys && order
      ? [to("a partner with a user's token", order, page("both", { scope: write }), "POST")]
      : []),
    ...(config.jwt && config.apiKeys && config.dpop && order && isUncached(api, order)
      ? [
          to("a partner with a user's DPoP token", order, dpopPage(api, order, write), "POST"),
          ...(config.dpop.nonce && api.kind === "rest"
            ? [to("the same without a nonce of the server", order, dpopPage(api, order, write, "false"), "POST")]
            : []),
        ]
      : []),
    to("no credential", route),
    to("a path that the API does not have", { ...route, path: "/nowhere" }),
  ];
}

/** Issuers whose tokens prove workloads. */
const workloads = ({ jwt }: Config) =>
  (jwt?.issuers ?? []).filter(({ preset, kind }) => preset !== undefined && kind === "client");

const guardedRoute = ({ routes }: Exclude<Api, { kind: "websocket" }>, fits: (route: Route) => boolean = () => true) =>
  routes.find((route) => route.authorizer && (route.method === "GET" || route.method === "ANY") && fits(route));

/** The scopes that the rules ask for on a route, separated by spaces. */
function scopesFor({ path }: Route, method: string, { routes }: Config): string {
  const rules = routes.filter(
    ({ effect, methods, paths }) =>
      effect === "allow" &&
      (methods === "ANY" || methods?.some((each) => each === method)) &&
      paths?.some((each) => each === path),
  );
  return rules.flatMap(({ scopes }) => (scopes ? Object.values(scopes).flat() : [])).join(" ");
}

/** Whether nothing of the answer to a route's authorizer is cached. */
const isUncached = ({ authorizers }: RestApi | HttpApi, { authorizer = "" }: Route): boolean =>
  authorizers[authorizer]?.ttl === 0;

/** A proof is for one method and path, and good for one request: the page makes a new one for each. */
const dpopPage = ({ stage }: RestApi | HttpApi, { method, path }: Route, scope: string, nonce = ""): string =>
  page("dpop", {
    ...{ method, path: `${stage === "$default" ? "" : `/${stage}`}${path.replace(/\{\w+\+?\}/g, "acme")}` },
    ...{ partner: "true", scope, nonce },
  });

function page(name: string, parameters: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== "");
  // Colons and slashes need no escape in a query, and people read these addresses.
  const query = given.map(
    ([key, value]) =>
      `${key}=${encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%20/g, "+")}`,
  );
  return `/header/${name}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

import { readFileSync } from "node:fs";
import type { Config } from "../../../shared/domain/config/schema.ts";
import type { Api, HttpApi, RestApi } from "../../gateway/api.ts";
import type { LocalLogin } from "./local-login.ts";
import { documentOf, type Page } from "./page.ts";

/** What the page in the browser knows. */
export interface WebClientSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly resource: string;
  /** Names of the connections at which people can log in. */
  readonly connections: readonly string[];
  /** Requests to the API, sent with the token. `{tenant}` stands for that of the token. */
  readonly requests: readonly { readonly title: string; readonly url: string }[];
}

/** The settings of the application `web`, or undefined if the configuration has no public client. */
export function webClientSettings(
  { federation, saml }: Config,
  { url, redirectUri }: LocalLogin,
  apis: readonly Api[],
  urls: Readonly<Record<string, string>>,
): WebClientSettings | undefined {
  const client = federation?.clients.find(({ redirectUris }) => redirectUris.includes(redirectUri));
  if (!federation || !client) return undefined;
  const names = (saml?.identityProviders ?? []).flatMap(({ login }) => login?.connection ?? []);
  return {
    ...{ issuer: url, clientId: client.id, redirectUri },
    resource: (client.resources ?? federation.resources)[0] ?? "",
    connections: names.filter((name) => client.connections?.includes(name) ?? true),
    requests: requestsTo(apis, urls),
  };
}

/**
 * The first guarded GET route of an API, and its first one of a tenant. An HTTP API with CORS is preferred: of a REST API,
 * backends have to let pages read their answers.
 */
function requestsTo(apis: readonly Api[], urls: Readonly<Record<string, string>>): WebClientSettings["requests"] {
  const isGuarded = (api: Api): api is RestApi | HttpApi =>
    api.kind !== "websocket" &&
    api.routes.some(({ authorizer, method }) => authorizer !== undefined && method === "GET");
  const guarded = apis.filter(isGuarded);
  const api = guarded.find((each) => each.kind === "http" && each.cors) ?? guarded[0];
  const routes = api?.routes.filter(({ authorizer, method }) => authorizer !== undefined && method === "GET") ?? [];
  const found = [routes[0], routes.find(({ path }) => path.includes("{tenant}"))].filter(
    (route) => route !== undefined,
  );
  return [...new Set(found)].map(({ path }) => ({
    title: `GET ${path}`,
    url: `${urls[api?.name ?? ""]}${path.replace(/\{(?!tenant\})\w+\+?\}/g, "acme")}`,
  }));
}

/** The page of the application, which is also its redirect URI. */
export const webClientPage = (settings: WebClientSettings): Page => ({
  body: documentOf(
    "Local application",
    `<h1>Local application</h1><p id="status">Nobody is logged in.</p><p id="logins"></p><div id="results"></div>` +
      // No text of JSON ends a script, or begins a comment.
      `<script type="application/json" id="settings">${JSON.stringify(settings).replaceAll("<", "\\u003c")}</script>` +
      `<script type="module" src="/login/web-client.js"></script>`,
  ),
});

export const webClientScript = (): Page => ({
  type: "text/javascript; charset=utf-8",
  body: readFileSync(new URL("web-client.js", import.meta.url), "utf8"),
});

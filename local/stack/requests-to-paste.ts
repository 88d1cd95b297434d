import type { Api, HttpApi, RestApi } from "../gateway/api.ts";
import type { LocalStack } from "./local-stack.ts";

/** Example requests as shell commands: one for each kind of caller and each API with a matching route. */
export function requestsToPaste({ gateway, apis, issuers }: Pick<LocalStack, "gateway" | "apis" | "issuers">): string {
  const requestsTo = (api: Api) => {
    const url = gateway.urls[api.name] ?? "";
    return api.kind === "websocket" ? webSocketRequest(api.name, url, issuers) : curlRequests(api, url, issuers);
  };
  return [
    "",
    "The gateway is ready. Requests to paste:",
    ...apis.flatMap(requestsTo),
    "",
    `Credentials: ${issuers}/jwt, /saml, /api-key. To set the address: -H "X-Sallyport-Source-Ip: 198.51.100.7". Source changes are reloaded. Ctrl-C stops the gateway.`,
  ].join("\n");
}

/** A part of a shell command that fetches a fresh credential. */
const credential = (issuers: string, page: string) => `$(curl -s '${issuers}${page}')`;

function webSocketRequest(name: string, url: string, issuers: string): string[] {
  const token = credential(issuers, "/jwt?scope=orders:read");
  return [
    "",
    `# ${name}, a WebSocket`,
    `npx -y wscat -c ${url} -H "Authorization: Bearer ${token}"   # then type {"action":"whoami"}`,
  ];
}

function curlRequests(api: RestApi | HttpApi, url: string, issuers: string): string[] {
  const guarded = api.routes.find(({ authorizer, method }) => authorizer && (method === "GET" || method === "ANY"));
  if (!guarded) return [];
  const path = guarded.path.replace(/\{\w+\+?\}/g, "acme");
  return [
    "",
    `# ${api.name}, ${api.kind === "rest" ? "a REST API" : "an HTTP API"}`,
    ...callers(issuers).map(([title, header]) => `curl -i -H "${header}" ${url}${path}   # ${title}`),
    ...(hasOrders(api) ? [partnerWithUser(url, issuers)] : []),
  ];
}

/** Callers with one credential, each with its header. */
function callers(issuers: string): [string, string][] {
  return [
    ["a user with a JWT", `Authorization: Bearer ${credential(issuers, "/jwt?scope=orders:read")}`],
    [
      "a user with a SAML assertion",
      `Authorization: SAML ${credential(issuers, "/saml?tenant=acme&scopes=orders:read&form=deflate")}`,
    ],
    ["a partner with an API key", `Authorization: ApiKey ${credential(issuers, "/api-key?scope=orders:read")}`],
    ["an expired token", `Authorization: Bearer ${credential(issuers, "/jwt?expires=-60")}`],
  ];
}

/** Whether a REST API has the route of the example for two credentials. */
const hasOrders = ({ kind, routes }: RestApi | HttpApi) =>
  kind === "rest" && routes.some(({ path, method }) => path === "/tenants/{tenant}/orders" && method === "POST");

function partnerWithUser(url: string, issuers: string): string {
  const token = credential(issuers, "/jwt?scope=orders:write");
  const key = credential(issuers, "/api-key?scope=orders:write");
  return `curl -i -X POST -H "Authorization: Bearer ${token}" -H "X-Api-Key: ${key}" ${url}/tenants/acme/orders   # a partner with a user's token`;
}

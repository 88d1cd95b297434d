import type { Api } from "../gateway/api.ts";
import type { LocalStack } from "./local-stack.ts";
import type { Rehearsed } from "./rehearse.ts";

/** Columns of a terminal. */
const WIDTH = 80;

/** Headings of outcomes, in the order of the screen. */
const HEADINGS = [
  ["allow", "Allowed"],
  ["open", "Open to all"],
  ["unauthenticated", "Refused"],
  ["deny", "Denied"],
  ["unavailable", "Unavailable"],
  ["refused", "Refused by the gateway"],
  ["error", "Failed"],
] as const;

/**
 * What `npm start` prints: requests as shell commands, grouped by how they end with this configuration.
 *
 * @param rehearsed requests that were sent, with their outcomes
 */
export function startScreen(
  {
    gateway,
    apis,
    issuers,
    openId,
    config,
    cloud,
    login,
    access,
  }: Pick<LocalStack, "gateway" | "apis" | "issuers" | "openId" | "config" | "cloud" | "login" | "access">,
  rehearsed: readonly Rehearsed[],
): string {
  const groups = HEADINGS.flatMap(([outcome, heading]) => {
    const own = rehearsed.filter(({ record }) => record.outcome === outcome);
    const statuses = [...new Set(own.map(({ record }) => record.status))];
    if (own.length === 0) return [];
    return [
      "",
      `${heading} (${statuses.join(", ")})`,
      ...own.flatMap((each) => requestLines(each, rehearsed[0]?.request.api, gateway, issuers)),
    ];
  });
  const page = bare(issuers);
  return [
    "",
    ...apis.map((api) => `${api.name.padEnd(14)} ${gateway.urls[api.name]}`),
    `${"credentials".padEnd(14)} ${issuers}`,
    `${"AWS clients".padEnd(14)} ${cloud.url}`,
    `${"database".padEnd(14)} ${access.environment.AWS_ENDPOINT_URL_DYNAMODB}`,
    ...groups,
    ...apis.flatMap((api) => webSocketLines(api, gateway.urls[api.name] ?? "", page)),
    ...apis.flatMap((api) => administrationLines(api, gateway.urls[api.name] ?? "", page)),
    ...apis.flatMap((api) => lockoutLines(api, gateway.urls[api.name] ?? "", page, config)),
    ...agentLines(config, openId),
    ...loginLines(login),
    ...scheduleLines(cloud),
    "",
    "From another address:  -H 'X-Sallyport-Source-Ip: 198.51.100.7'",
    "Through an endpoint:   -H 'x-amzn-vpce-id: vpce-0123456789abcdef0'",
    "On another stage:      npm start -- --parameter StageName=beta",
    "Why one is refused:    npm run sallyport --silent -- explain --local --curl '…'",
    ...(config.apiKeys ? ["API keys:              npm run sallyport --silent -- keys list --local --all"] : []),
    ...(config.entitlements ? ["Locked out:   npm run sallyport --silent -- entitlements list --local --all"] : []),
    ...(Object.values(gateway.urls).some((url) => url.startsWith("https:"))
      ? ["Mutual TLS:            add --cert, --key and --cacert of a client to the second curl"]
      : []),
    "",
    "The gateway is ready. It reloads when a source changes. Ctrl-C stops it.",
  ].join("\n");
}

function requestLines(
  { request, record }: Rehearsed,
  firstApi: string | undefined,
  gateway: LocalStack["gateway"],
  issuers: string,
): string[] {
  const { api, header, method, path, title, headers = {} } = request;
  const url = bare(gateway.urls[api] ?? "") + path;
  const more = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}:${value}`)} `);
  const options = `${method === "GET" ? "" : `-X ${method} `}${more.join("")}`;
  const why = record.reason === undefined || record.outcome === "allow" ? "" : `: ${record.reason}`;
  const comment = `  # ${title}${api === firstApi ? "" : `, ${api}`}${why}`;
  if (header === undefined) return [comment, `  curl -i ${options}${url}`];
  const [issue, call] = [`  curl -s ${quoted(bare(issuers) + header)} |`, `curl -i -H @- ${options}${url}`];
  const line = `${issue} ${call}`;
  if (line.length <= WIDTH) return [comment, line];
  // A shell reads on after a pipe.
  return [comment, ...(issue.length <= WIDTH ? [issue] : parameterLines(bare(issuers) + header)), `    ${call}`];
}

/** The same question with each parameter as an option of curl, on as many lines as it takes. */
function parameterLines(address: string): string[] {
  const [page, query = ""] = address.split("?");
  const lines = [`  curl -sG ${page}`];
  for (const parameter of query.split("&")) {
    const option = `-d ${quoted(parameter)}`;
    // Two more for what ends the line.
    if (`${lines.at(-1)} ${option}`.length + 2 <= WIDTH) lines.push(`${lines.pop()} ${option}`);
    else lines.push(`${lines.pop()} \\`, `    ${option}`);
  }
  return [...lines.slice(0, -1), `${lines.at(-1)} |`];
}

function webSocketLines(api: Api, url: string, page: string): string[] {
  if (api.kind !== "websocket") return [];
  return [
    "",
    `${api.name}, a WebSocket: connect, then type {"action":"whoami"}`,
    `  token=$(curl -s '${page}/jwt?scope=orders:read')`,
    `  npx -y wscat -c ${url} -H "Authorization: Bearer $token"`,
  ];
}

/** How an agent gets a token, once it has read where. */
function agentLines({ protectedResources = [], jwt }: LocalStack["config"], openId: string): string[] {
  const [resource] = protectedResources;
  if (!resource || !jwt) return [];
  const scopes = (resource.scopes ?? []).map((scope) => ` -d scope=${scope}`).slice(0, 1);
  return [
    "",
    "Agents: from the metadata of the API to a token (docs/agents.md)",
    "  # the authorization server that they name",
    `  curl -s ${bare(openId)}/.well-known/oauth-authorization-server`,
    "  # a token for an agent with credentials of its own",
    `  curl -s -u agent:any -d grant_type=client_credentials${scopes.join("")} \\`,
    `    ${bare(openId)}/token`,
  ];
}

/** Where a person logs in. */
function loginLines(login: LocalStack["login"]): string[] {
  if (!login) return [];
  return [
    "",
    "A login in your browser, from SAML to a token (docs/federation.md)",
    `  ${login.page}`,
    "  # its tokens are signed with a development key, made at this start",
  ];
}

/** Schedules do not run by themselves. */
function scheduleLines({ url, schedules }: LocalStack["cloud"]): string[] {
  if (schedules.all.length === 0) return [];
  const lines = schedules.all.flatMap(({ name, expression }) => [
    `  # ${expression}`,
    `  curl -X POST ${bare(url)}/schedules/${name}`,
  ]);
  return ["", "Schedules, which run when you ask", ...lines];
}

/** How an operator and the administrator of a tenant issue a key. */
function administrationLines(api: Api, url: string, page: string): string[] {
  if (api.kind === "websocket" || !api.routes.some(({ method, path }) => method === "POST" && path === "/keys")) {
    return [];
  }
  const as = (comment: string, parameters: string) => [
    `  # ${comment}`,
    `  curl -s '${page}/header/jwt?${parameters}' |`,
    `    curl -i -H @- --json '{"name":"Partner"}' ${bare(url)}/keys`,
  ];
  return [
    "",
    `${api.name}, which administers API keys (201; docs/admin-api.md)`,
    ...as("an operator, who has no tenant, issues a key", "scope=keys:write&tenant="),
    ...as("the administrator of the tenant acme", "scope=keys:write"),
  ];
}

/** How an operator locks somebody out. */
function lockoutLines(api: Api, url: string, page: string, { entitlements, jwt }: LocalStack["config"]): string[] {
  const path = "/entitlements/subject/disable";
  const [{ issuer } = {}] = jwt?.issuers ?? [];
  const isServed = api.kind !== "websocket" && api.routes.some((route) => route.path === path);
  if (!isServed || !entitlements || issuer === undefined) return [];
  return [
    "  # an operator locks mallory out, whatever tokens say (docs/entitlements.md)",
    `  curl -s '${page}/header/jwt?scope=entitlements:write&tenant=' |`,
    `    curl -i -H @- -X POST -G ${bare(url)}${path} \\`,
    `      --data-urlencode ${quoted(`issuer=${issuer}`)} -d subject=mallory`,
  ];
}

/** curl takes an address without a scheme for http. */
const bare = (url: string) => url.replace(/^http:\/\//, "");

const quoted = (text: string) => (/^[\w.:=/[\]-]+$/.test(text) ? text : `'${text}'`);

import type { LocalStack } from "./local-stack.ts";

/** What a newcomer can try: requests for each kind of caller, as they are typed, for every API that has a route for them. */
export function requestsToPaste({ gateway, apis, issuers }: Pick<LocalStack, "gateway" | "apis" | "issuers">): string {
  const credential = (page: string) => `$(curl -s '${issuers}${page}')`;
  const callers: [string, string][] = [
    ["a user with a JWT", `-H "Authorization: Bearer ${credential("/jwt?scope=orders:read")}"`],
    [
      "a user with a SAML assertion",
      `-H "Authorization: SAML ${credential("/saml?tenant=acme&scopes=orders:read&form=deflate")}"`,
    ],
    ["a partner with an API key", `-H "Authorization: ApiKey ${credential("/api-key?scope=orders:read")}"`],
    ["an expired token", `-H "Authorization: Bearer ${credential("/jwt?expires=-60")}"`],
  ];
  const lines = ["", "The gateway is ready. Requests to paste:"];
  for (const api of apis) {
    const url = gateway.urls[api.name] ?? "";
    if (api.kind === "websocket") {
      lines.push(
        "",
        `# ${api.name}, a WebSocket`,
        `npx -y wscat -c ${url} -H "Authorization: Bearer ${credential("/jwt?scope=orders:read")}"   # then type {"action":"whoami"}`,
      );
      continue;
    }
    const guarded = api.routes.find(({ authorizer, method }) => authorizer && (method === "GET" || method === "ANY"));
    if (!guarded) continue;
    const path = guarded.path.replace(/\{\w+\+?\}/g, "acme");
    lines.push("", `# ${api.name}, ${api.kind === "rest" ? "a REST API" : "an HTTP API"}`);
    for (const [title, headers] of callers) lines.push(`curl -i ${headers} ${url}${path}   # ${title}`);
    const both =
      api.kind === "rest" &&
      api.routes.find(({ path: own, method }) => own === "/tenants/{tenant}/orders" && method === "POST");
    if (both) {
      const headers = `-H "Authorization: Bearer ${credential("/jwt?scope=orders:write")}" -H "X-Api-Key: ${credential("/api-key?scope=orders:write")}"`;
      lines.push(`curl -i -X POST ${headers} ${url}/tenants/acme/orders   # a partner with a user's token`);
    }
  }
  lines.push(
    "",
    `Credentials: ${issuers}/jwt, /saml, /api-key. Another address than yours: -H "X-Sallyport-Source-Ip: 198.51.100.7". Changes of the sources are picked up; Ctrl-C ends it.`,
  );
  return lines.join("\n");
}

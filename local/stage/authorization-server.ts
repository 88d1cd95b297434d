import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Events, type MutableRedirectUri, type MutableResponse, type OAuth2Service } from "oauth2-mock-server";

/** Makes an access token with `sub`, `scope`, and `client_id` where the client itself is the subject. */
export type IssueToken = (asked: URLSearchParams) => Promise<string>;

/** What a code stands for, until it is exchanged. */
interface Grant {
  readonly scope: string;
  /** `code_challenge` (RFC 7636), of the method S256. */
  readonly challenge: string;
}

interface Parsed {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** Codes that nobody exchanges are forgotten, the oldest first. */
const MAX_CODES = 100;

/** A request that the token endpoint refuses (RFC 6749 section 5.2). */
class TokenError extends Error {}

/**
 * Adds an authorization server to a provider of `oauth2-mock-server`: metadata (RFC 8414), and a token endpoint for
 * authorization codes with PKCE, of Alice, and for client credentials. It grants every scope that is asked for, and
 * takes any client with any secret.
 */
export function serveAuthorization(service: OAuth2Service, issuer: string, issue: IssueToken): void {
  const grants = new Map<string, Grant>();
  service.on(Events.BeforeAuthorizeRedirect, ({ url }: MutableRedirectUri, { query = {} }: Parsed) => {
    const code = url.searchParams.get("code");
    if (code === null) return;
    for (const oldest of [...grants.keys()].slice(0, Math.max(0, grants.size - MAX_CODES))) grants.delete(oldest);
    grants.set(code, { scope: textOf(query.scope), challenge: textOf(query.code_challenge) });
  });
  service.on(Events.BeforeWellKnownOpenIdConfiguration, ({ body }: MutableResponse) => {
    Object.assign(body, endpointsOf(issuer));
  });
  service.addRoute("GET", "/.well-known/oauth-authorization-server", (_, response) =>
    send(response, 200, metadataOf(issuer)),
  );
  service.addRoute("POST", "/token", async (request, response) => {
    try {
      const form = Object(request.body) as Readonly<Record<string, unknown>>;
      const asked = askedFor(form, request, grants);
      const access_token = await issue(asked);
      send(response, 200, { access_token, token_type: "Bearer", expires_in: 600, scope: asked.get("scope") ?? "" });
    } catch (error) {
      send(response, 400, {
        error: error instanceof TokenError ? error.message : "invalid_request",
        error_description: error instanceof TokenError ? undefined : String(error),
      });
    }
  });
}

const endpointsOf = (issuer: string) => ({
  token_endpoint: `${issuer}/token`,
  authorization_endpoint: `${issuer}/authorize`,
  jwks_uri: `${issuer}/jwks`,
});

const metadataOf = (issuer: string) => ({
  issuer,
  ...endpointsOf(issuer),
  response_types_supported: ["code"],
  grant_types_supported: ["authorization_code", "client_credentials"],
  token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
  code_challenge_methods_supported: ["S256"],
});

/** What a token request asks for. @throws {TokenError} if it has no right to it */
function askedFor(
  form: Readonly<Record<string, unknown>>,
  { headers }: IncomingMessage,
  grants: Map<string, Grant>,
): URLSearchParams {
  if (form.grant_type === "client_credentials") {
    const client = textOf(form.client_id) || clientOf(headers.authorization);
    if (client === "") throw new TokenError("invalid_client");
    return new URLSearchParams({ sub: client, client_id: client, scope: textOf(form.scope) });
  }
  if (form.grant_type !== "authorization_code") throw new TokenError("unsupported_grant_type");
  const code = textOf(form.code);
  const grant = grants.get(code);
  grants.delete(code);
  const challenge = createHash("sha256").update(textOf(form.code_verifier)).digest("base64url");
  if (grant?.challenge !== challenge) throw new TokenError("invalid_grant");
  return new URLSearchParams({ sub: "alice", scope: grant.scope });
}

/** The client id in `Authorization: Basic …` (RFC 6749 section 2.3.1). */
function clientOf(authorization = ""): string {
  const [, encoded = ""] = /^Basic (.+)$/i.exec(authorization) ?? [];
  const [client = ""] = Buffer.from(encoded, "base64").toString().split(":");
  return decodeURIComponent(client);
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

function send(response: ServerResponse, status: number, body: object): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  response.end(`${JSON.stringify(body)}\n`);
}

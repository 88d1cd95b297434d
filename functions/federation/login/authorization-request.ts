import type { FederationClient, FederationConfig } from "../../../shared/domain/config/federation.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import type { Connection } from "./connections.ts";

/** A client whose redirect URI is verified: from here on errors go there. */
export interface Returnable {
  readonly client: FederationClient;
  readonly redirectUri: string;
  readonly state: string | undefined;
}

/** A valid authorization request (OAuth 2.1 section 4.1.1). */
export interface AuthorizationRequest extends Returnable {
  readonly connection: Connection;
  readonly codeChallenge: string;
  readonly scopes: readonly string[] | undefined;
  readonly resource: string;
}

/** A request that has no place to return to. The error is for a page. */
export class NoReturnError extends Error {
  override readonly name = "NoReturnError";
  readonly reason: "client_unknown" | "redirect_uri_mismatch" | "grant_not_allowed";
  /** Undefined: the request names none that is registered. */
  readonly client: FederationClient | undefined;
  constructor(reason: NoReturnError["reason"], message: string, client?: FederationClient) {
    super(message);
    this.reason = reason;
    this.client = client;
  }
}

/**
 * Where a request came from and is answered to. A redirect URI is compared as text (RFC 9700 section 4.1.3), and never
 * left out: a client may have several one day.
 *
 * @throws {NoReturnError}
 */
export function returnOf(query: URLSearchParams, { clients }: FederationConfig): Returnable {
  const [id, ...otherIds] = query.getAll("client_id");
  const client = otherIds.length === 0 ? clients.find((each) => each.id === id) : undefined;
  if (!client) throw new NoReturnError("client_unknown", "The application is not known here.");
  const [redirectUri, ...others] = query.getAll("redirect_uri");
  if (redirectUri === undefined || others.length > 0 || !client.redirectUris.includes(redirectUri)) {
    const text =
      redirectUri === undefined
        ? "The application named no address to return to (redirect_uri)."
        : "The application named an address to return to that is not registered (redirect_uri).";
    throw new NoReturnError("redirect_uri_mismatch", text, client);
  }
  if (!client.grants.includes("authorization_code")) {
    throw new NoReturnError("grant_not_allowed", "The application does not log people in.", client);
  }
  const [state, ...otherStates] = query.getAll("state");
  return { client, redirectUri, state: otherStates.length === 0 ? state : undefined };
}

/** Characters of a `state`: it comes back in a URL. */
const MAX_STATE = 1024;

/**
 * Checks the rest of a request.
 *
 * @throws {OAuthError} for the redirect URI
 */
export function checkedRequest(
  to: Returnable,
  parameters: Parameters,
  config: FederationConfig,
  connections: ReadonlyMap<string, Connection>,
): AuthorizationRequest {
  if (parameters.has("request") || parameters.has("request_uri")) {
    throw new OAuthError("invalid_request", "Request objects are not supported.");
  }
  const type = parameters.get("response_type");
  if (type === undefined) throw new OAuthError("invalid_request", "response_type is missing: it must be code.");
  if (type !== "code") throw new OAuthError("unsupported_response_type", "response_type must be code.");
  const mode = parameters.get("response_mode") ?? "query";
  if (mode !== "query") throw new OAuthError("invalid_request", "response_mode must be query.");
  if ((to.state?.length ?? 0) > MAX_STATE) {
    throw new OAuthError("invalid_request", `state has ${MAX_STATE} characters at most.`);
  }
  return {
    ...to,
    codeChallenge: challengeOf(parameters),
    scopes: scopesOf(parameters.get("scope"), to.client),
    resource: resourceOf(parameters.get("resource"), to.client, config),
    connection: connectionOf(parameters, to.client, connections),
  };
}

/** PKCE with S256 (RFC 7636 section 4.3). `plain` would show the verifier to whoever sees the request. */
function challengeOf(parameters: Parameters): string {
  const challenge = parameters.get("code_challenge");
  if (challenge === undefined) throw new OAuthError("invalid_request", "code_challenge is missing (PKCE).");
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new OAuthError("invalid_request", "code_challenge_method must be S256.");
  }
  if (!/^[\w-]{43}$/.test(challenge)) {
    throw new OAuthError("invalid_request", "code_challenge must be a SHA-256 in base64url: 43 characters.");
  }
  return challenge;
}

/**
 * Scopes that were asked for; undefined if none of an API was. Which of them the caller has is decided when a token is
 * made.
 */
export function scopesOf(
  text: string | undefined,
  { scopes: allowed }: FederationClient,
): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const scopes = [...new Set(text.split(" "))];
  if (!scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope)) || scopes.length > 100) {
    throw new OAuthError("invalid_scope", "scope must be up to 100 scope-tokens with one space between them.");
  }
  // `openid` and its kin ask for an ID token, which is not made here. Who asks for nothing else, as libraries do by
  // default, asks for no scope of an API.
  const asked = scopes.filter((scope) => !OPENID_SCOPES.includes(scope));
  if (allowed && !asked.every((scope) => allowed.includes(scope))) {
    throw new OAuthError("invalid_scope", "The application may not ask for one of these scopes.");
  }
  return asked.length > 0 ? asked : undefined;
}

const OPENID_SCOPES: readonly string[] = ["openid", "profile", "email", "offline_access"];

/** RFC 8707. One resource for each token: a token for several APIs lets each of them act at the others. */
export function resourceOf(
  asked: string | undefined,
  { resources: allowed }: FederationClient,
  { resources }: FederationConfig,
): string {
  const own = allowed ?? resources;
  const resource = asked ?? own[0];
  if (resource === undefined || !own.includes(resource)) {
    throw new OAuthError("invalid_target", "The application gets no tokens for this resource.");
  }
  return resource;
}

function connectionOf(
  parameters: Parameters,
  { connections: allowed }: FederationClient,
  connections: ReadonlyMap<string, Connection>,
): Connection {
  const name = parameters.get("connection");
  const tenant = parameters.get("tenant");
  if ((name === undefined) === (tenant === undefined)) {
    throw new OAuthError("invalid_request", "Name either a connection or a tenant.");
  }
  const own = [...connections.values()].filter((each) => allowed?.includes(each.name) ?? true);
  const found = own.filter((each) => (name === undefined ? each.entry.fixed.tenant === tenant : each.name === name));
  const [connection] = found;
  // The same answer for one that is not there and one that is not the application's.
  if (!connection) throw new OAuthError("invalid_request", "There is no such connection.");
  if (found.length > 1) throw new OAuthError("invalid_request", "The tenant has several connections: name one.");
  return connection;
}

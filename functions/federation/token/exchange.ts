import { decodeJwt } from "jose";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { eventBase } from "../event-base.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import { resourceOf, scopesOf } from "../login/authorization-request.ts";
import type { Services } from "../services.ts";
import { type Verified, verifiedCredential } from "./credential-check.ts";
import { entitled } from "./entitled.ts";
import { type IssuedToken, issueToken } from "./issue-token.ts";

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** Token types of RFC 8693 section 3, and one of ours, as the scheme of the provider that verifies them. */
export const TOKEN_TYPES = {
  "urn:ietf:params:oauth:token-type:saml2": "saml",
  "urn:ietf:params:oauth:token-type:jwt": "bearer",
  [ACCESS_TOKEN]: "bearer",
  "urn:sallyport:token-type:api-key": "api-key",
} as const;

/**
 * Exchanges a credential for a token (RFC 8693), alone or with an API key that acts for it. Both are verified as at the
 * authorizer and merged by its rules, so that nothing is gained by an exchange.
 */
export async function exchangeToken(
  client: FederationClient,
  parameters: Parameters,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<IssuedToken & { readonly issued_token_type: string }> {
  const { config, tell } = services;
  const wanted = parameters.get("requested_token_type") ?? ACCESS_TOKEN;
  if (wanted !== ACCESS_TOKEN) throw new OAuthError("invalid_request", "Only access tokens are issued.");
  if (parameters.has("audience")) throw new OAuthError("invalid_target", "Name a resource, not an audience.");
  const scopes = scopesOf(parameters.get("scope"), client);
  const resource = resourceOf(parameters.get("resource"), client, config);
  const given = { parameters, request, time, services };
  const subject = await presented("subject", given);
  checkConnection(subject.principal, client, services);
  const isActed = parameters.has("actor_token") || parameters.has("actor_token_type");
  const actor = isActed ? await presented("actor", given) : undefined;
  const parties = await partiesOf(subject.principal, actor?.principal, services);
  const token = await issueToken(
    { tokenId: crypto.randomUUID(), client, resource, scopes, ...parties },
    time,
    services,
  );
  // Last: an assertion that is used up for nothing would be a login for nothing.
  if (!(await subject.useUp())) {
    const connection = connectionOf(subject.principal, services)?.name;
    const detail = { ...eventBase("AssertionReplayed", { request, time }), clientId: client.id };
    await tell({ name: "AssertionReplayed", detail: { ...detail, ...(connection !== undefined && { connection }) } });
    throw new OAuthError("invalid_grant", "A credential was refused.", { reason: "assertion_replayed" });
  }
  return { ...token, issued_token_type: ACCESS_TOKEN };
}

interface Given {
  readonly parameters: Parameters;
  readonly request: HttpRequest;
  readonly time: number;
  readonly services: Services;
}

/** A credential of the request, verified. */
async function presented(role: "subject" | "actor", { parameters, request, time, services }: Given): Promise<Verified> {
  const value = parameters.get(`${role}_token`);
  const type = parameters.get(`${role}_token_type`);
  if (value === undefined || type === undefined) {
    throw new OAuthError("invalid_request", `${role}_token and ${role}_token_type belong together.`);
  }
  const scheme = Object.hasOwn(TOKEN_TYPES, type) ? TOKEN_TYPES[type as keyof typeof TOKEN_TYPES] : undefined;
  if (!scheme) throw new OAuthError("invalid_request", `${role}_token_type is not supported.`);
  if (role === "actor" && scheme !== "api-key") throw new OAuthError("invalid_request", "An actor is an API key.");
  const verified = await verifiedCredential({ scheme, value }, request, time, services);
  const { principal } = verified;
  // Who acts is no person, and who is acted for is not a second actor: the merge would take one for the other.
  if (role === "actor" && principal.kind !== "client") {
    throw new OAuthError("invalid_grant", "The actor is not a client.", { reason: "principals_conflict" });
  }
  sourceOf(principal, services);
  if (scheme === "bearer") checkDelegation(value);
  return verified;
}

/**
 * A token that says who acts, or who may, limits by that whom it is exchanged for (RFC 8693 sections 4.1 and 4.4). What
 * is issued here could not say the same.
 */
function checkDelegation(token: string): void {
  const claims = claimsIn(token);
  if (!Object.hasOwn(claims, "act") && !Object.hasOwn(claims, "may_act")) return;
  const text = "A token with act or may_act is not exchanged.";
  throw new OAuthError("invalid_grant", text, { reason: "delegation_unsupported" });
}

/** Claims of a token that was verified. An opaque one has none. */
function claimsIn(token: string): object {
  try {
    return decodeJwt(token);
  } catch {
    return {};
  }
}

/** Subject and actor, with what the table of entitlements says of both. */
async function partiesOf(subject: Principal, actor: Principal | undefined, services: Services) {
  const party = (principal: Principal) => ({ source: sourceOf(principal, services), principal });
  if (!actor) {
    const [alone] = await entitled([subject], services);
    return { subject: party(alone) };
  }
  const [one, other] = await entitled([subject, actor], services);
  return { subject: party(one), actor: party(other) };
}

/** The name of an issuer whose credentials may be exchanged. */
function sourceOf({ issuer }: Principal, { config }: Services): string {
  const found = config.subjectTokens.find((each) => each.issuer === issuer);
  if (!found)
    throw new OAuthError("invalid_grant", "Credentials of this issuer are not exchanged.", {
      reason: "issuer_not_exchanged",
    });
  return found.name;
}

/** People of a connection get tokens for those clients only that may have it, in whichever way. */
function checkConnection(subject: Principal, client: FederationClient, services: Services): void {
  const connection = connectionOf(subject, services);
  if (!connection || !client.connections || client.connections.includes(connection.name)) return;
  throw new OAuthError("invalid_grant", "A credential was refused.", { reason: "connection_not_allowed" });
}

const connectionOf = ({ issuer }: Principal, { connections }: Services) =>
  [...connections.values()].find(({ entry }) => entry.issuer === issuer);

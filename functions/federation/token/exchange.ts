import { mergePrincipals } from "../../../shared/domain/caller/merge.ts";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import { resourceOf, scopesOf } from "../login/authorization-request.ts";
import type { Services } from "../services.ts";
import { verifiedPrincipal } from "./credential-check.ts";
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
  const { config, merge, signer } = services;
  const wanted = parameters.get("requested_token_type") ?? ACCESS_TOKEN;
  if (wanted !== ACCESS_TOKEN) throw new OAuthError("invalid_request", "Only access tokens are issued.");
  if (parameters.has("audience")) throw new OAuthError("invalid_target", "Name a resource, not an audience.");
  const scopes = scopesOf(parameters.get("scope"), client);
  const resource = resourceOf(parameters.get("resource"), client, config);
  const subject = await principalOf("subject", parameters, request, time, services);
  const actor = parameters.has("actor_token")
    ? await principalOf("actor", parameters, request, time, services)
    : undefined;
  const principals = actor ? [subject, actor] : [subject];
  const merged = mergePrincipals(principals, merge);
  if ("conflict" in merged) {
    throw new OAuthError("invalid_grant", "Subject and actor do not go together.", { reason: merged.conflict });
  }
  const { caller } = merged;
  const token = await issueToken(
    {
      ...{ tokenId: crypto.randomUUID(), client, resource, scopes },
      subject: {
        ...{ source: sourceOf(subject, services), subject: subject.subject, kind: subject.kind, tenant: caller.tenant },
        ...{ scopes: caller.scopes, roles: caller.roles, addresses: caller.addresses, expiresAt: caller.expiresAt },
        actor: actor && { source: sourceOf(actor, services), subject: actor.subject },
      },
    },
    time,
    config,
    signer,
  );
  return { ...token, issued_token_type: ACCESS_TOKEN };
}

async function principalOf(
  role: "subject" | "actor",
  parameters: Parameters,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<Principal> {
  const value = parameters.get(`${role}_token`);
  const type = parameters.get(`${role}_token_type`);
  if (value === undefined || type === undefined) {
    throw new OAuthError("invalid_request", `${role}_token and ${role}_token_type belong together.`);
  }
  const scheme = Object.hasOwn(TOKEN_TYPES, type) ? TOKEN_TYPES[type as keyof typeof TOKEN_TYPES] : undefined;
  if (!scheme) throw new OAuthError("invalid_request", `${role}_token_type is not supported.`);
  if (role === "actor" && scheme !== "api-key") throw new OAuthError("invalid_request", "An actor is an API key.");
  const principal = await verifiedPrincipal({ scheme, value }, request, time, services);
  // Who acts is no person, and who is acted for is not a second actor: the merge would take one for the other.
  if (role === "actor" && principal.kind !== "client") {
    throw new OAuthError("invalid_grant", "The actor is not a client.", { reason: "principals_conflict" });
  }
  sourceOf(principal, services);
  return entitled(principal, services);
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

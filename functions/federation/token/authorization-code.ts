import { createHash, timingSafeEqual } from "node:crypto";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import { causeOf } from "../../../shared/domain/reasons/cause.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { eventBase, type Occasion } from "../event-base.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Parameters } from "../http/parameters.ts";
import { resourceOf, scopesOf } from "../login/authorization-request.ts";
import type { Services } from "../services.ts";
import { type CodeGrant, REVOKED, type UsedCode } from "./code-grant.ts";
import { entitled } from "./entitled.ts";
import { type IssuedToken, issueToken } from "./issue-token.ts";

/** Redeems a code (OAuth 2.1 section 4.1.3). It can be used once, by the client that it was made for. */
export async function redeemCode(
  client: FederationClient,
  parameters: Parameters,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<IssuedToken> {
  const { store } = services;
  const occasion = { request, time };
  const code = parameters.get("code");
  if (code === undefined) throw new OAuthError("invalid_request", "code is missing.");
  const grant = /^[\w-]{43}$/.test(code) ? await store.readCode(code, time) : undefined;
  // The same words for every code that is not this client's.
  if (!grant) throw notValid("code_unknown");
  if (grant.clientId !== client.id) return refuseMisuse("code_client_mismatch", grant, client, occasion, services);
  if ("usedFor" in grant) return refuseUsed(grant, client, occasion, services);
  const misuse = misuseOf(parameters, grant);
  if (misuse !== undefined) return refuseMisuse(misuse, grant, client, occasion, services);
  const tokenId = crypto.randomUUID();
  const scopes = narrowed(scopesOf(parameters.get("scope"), client), grant.scopes);
  const resource = sameResource(parameters, client, grant, services);
  const [principal] = await entitled([grant.principal], services);
  const subject = { source: grant.connection, principal };
  // The token is made first: a code that is used up for nothing would be a login for nothing.
  const token = await issueToken({ tokenId, client, scopes, resource, subject }, time, services);
  if (!(await store.useCode(code, tokenId))) {
    const used = await store.readCode(code, time);
    if (used && "usedFor" in used) return refuseUsed(used, client, occasion, services);
    throw notValid("code_unknown");
  }
  return token;
}

/** A code that its client revoked was used for no token, so that it has no token to revoke. */
const refuseUsed = (used: UsedCode, client: FederationClient, occasion: Occasion, services: Services) =>
  used.usedFor === REVOKED
    ? refuseMisuse("code_revoked", used, client, occasion, services)
    : refuseReplay(used, occasion, services);

/** Somebody has had the code: the token that came of it may be in the wrong hands (RFC 6749 section 4.1.2). */
async function refuseReplay(
  { flowId, connection, clientId, usedFor: tokenId }: UsedCode,
  { request, time }: Occasion,
  { config, revoke, tell }: Services,
): Promise<never> {
  // What cannot be revoked now ends in minutes. That the code came again is told in any case.
  await revoke?.(tokenId, time + config.tokenLifetime, "its code was used again").catch((error: unknown) =>
    logger.error("token not revoked", { tokenId, cause: causeOf(error) }),
  );
  await tell({
    name: "CodeReplayed",
    detail: {
      ...eventBase("CodeReplayed", { request, time, flowId }),
      ...{ connection, clientId },
    },
  });
  throw notValid("code_replayed");
}

const notValid = (reason: string) => new OAuthError("invalid_grant", "The code is not valid.", { reason });

/** Somebody has a code that is not theirs (code injection, RFC 9700 section 4.5). It is not used up by that. */
async function refuseMisuse(
  reason: string,
  { flowId, connection }: CodeGrant | UsedCode,
  client: FederationClient,
  { request, time }: Occasion,
  { tell }: Services,
): Promise<never> {
  const detail = { ...eventBase("LoginFailed", { request, time, flowId }), connection, clientId: client.id, reason };
  await tell({ name: "LoginFailed", detail });
  throw notValid(reason);
}

/** What shows that somebody has a code who did not begin its login, if anything does. */
function misuseOf(parameters: Parameters, grant: CodeGrant): string | undefined {
  // OAuth 2.1 leaves the parameter out. A client that sends it means it.
  const redirectUri = parameters.get("redirect_uri");
  if (redirectUri !== undefined && redirectUri !== grant.redirectUri) return "redirect_uri_mismatch";
  return isVerified(parameters, grant) ? undefined : "code_verifier_mismatch";
}

/** RFC 7636 section 4.6. */
function isVerified(parameters: Parameters, { codeChallenge }: CodeGrant): boolean {
  const verifier = parameters.get("code_verifier");
  if (verifier === undefined) throw new OAuthError("invalid_request", "code_verifier is missing (PKCE).");
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) {
    throw new OAuthError("invalid_request", "code_verifier has 43 to 128 unreserved characters.");
  }
  const [given, expected] = [createHash("sha256").update(verifier).digest(), Buffer.from(codeChallenge, "base64url")];
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The scopes of the login, or fewer. */
function narrowed(asked: readonly string[] | undefined, granted: readonly string[] | undefined) {
  if (!asked || !granted) return asked ?? granted;
  if (!asked.every((scope) => granted.includes(scope))) {
    throw new OAuthError("invalid_scope", "The login was for fewer scopes.");
  }
  return asked;
}

/** The resource of the login: a code has one (RFC 8707 section 2.2). */
function sameResource(
  parameters: Parameters,
  client: FederationClient,
  grant: CodeGrant,
  { config }: Services,
): string {
  const asked = parameters.get("resource") ?? grant.resource;
  if (resourceOf(asked, client, config) !== grant.resource) {
    throw new OAuthError("invalid_target", "The login was for another resource.");
  }
  return grant.resource;
}

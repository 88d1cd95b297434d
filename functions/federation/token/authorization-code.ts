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
import type { CodeGrant } from "./code-grant.ts";
import { entitled } from "./entitled.ts";
import { type IssuedToken, issueToken, subjectOf } from "./issue-token.ts";

/** Redeems a code (OAuth 2.1 section 4.1.3). It can be used once, by the client that it was made for. */
export async function redeemCode(
  client: FederationClient,
  parameters: Parameters,
  request: HttpRequest,
  time: number,
  services: Services,
): Promise<IssuedToken> {
  const { config, store, signer } = services;
  const code = parameters.get("code");
  if (code === undefined) throw new OAuthError("invalid_request", "code is missing.");
  const grant = /^[\w-]{43}$/.test(code) ? await store.readCode(code, time) : undefined;
  // The same words for every code that is not this client's.
  if (!grant) throw notValid("code_unknown");
  if (grant.usedFor !== undefined && grant.clientId === client.id) {
    return refuseReplay(grant, grant.usedFor, { request, time }, services);
  }
  const misuse = misuseOf(parameters, client, grant);
  if (misuse !== undefined) {
    const { flowId, connection } = grant;
    const detail = { ...eventBase("LoginFailed", { request, time, flowId }), connection, clientId: client.id };
    await services.tell({ name: "LoginFailed", detail: { ...detail, reason: misuse } });
    throw notValid(misuse);
  }
  const tokenId = crypto.randomUUID();
  const asked = {
    ...{ tokenId, client, scopes: narrowed(scopesOf(parameters.get("scope"), client), grant.scopes) },
    resource: sameResource(parameters, client, grant, services),
    subject: subjectOf(grant.connection, await entitled(grant.principal, services)),
  };
  // The token is made first: a code that is used up for nothing would be a login for nothing.
  const token = await issueToken(asked, time, config, signer);
  if (!(await store.useCode(code, tokenId))) {
    const used = await store.readCode(code, time);
    if (used?.usedFor !== undefined) return refuseReplay(used, used.usedFor, { request, time }, services);
    throw notValid("code_unknown");
  }
  return token;
}

/** Somebody has had the code: the token that came of it may be in the wrong hands (RFC 6749 section 4.1.2). */
async function refuseReplay(
  { flowId, connection, clientId }: CodeGrant,
  tokenId: string,
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

/** Why somebody has a code that is not theirs (code injection), if so. It is not used up by that. */
function misuseOf(parameters: Parameters, { id }: FederationClient, grant: CodeGrant): string | undefined {
  if (grant.clientId !== id) return "code_client_mismatch";
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

import { base64url } from "jose";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";
import { demandNotLockedOut } from "./entitled.ts";
import { type Basis, tokenFacts } from "./token-facts.ts";

/** What a token is made for. */
export interface TokenRequest extends Basis {
  readonly tokenId: string;
  readonly resource: string;
}

/** An access token as the token endpoint answers with it (RFC 6749 section 5.1). */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
}

/**
 * Makes an access token (RFC 9068).
 *
 * @param time seconds since the epoch
 * @throws {OAuthError} `invalid_grant` if what it would rest on has ended, or would limit it no longer, or if its subject is
 *   locked out; `invalid_scope`, `temporarily_unavailable`
 */
export async function issueToken(
  { tokenId, resource, ...basis }: TokenRequest,
  time: number,
  services: Pick<Services, "config" | "entitlements" | "merge" | "routes" | "signer">,
): Promise<IssuedToken> {
  const { issuer, tokenLifetime } = services.config;
  const { sub, kind, tenant, scopes, roles, addresses, actor, expiresAt: end } = tokenFacts(basis, services);
  const expiresAt = Math.min(time + tokenLifetime, end ?? Number.POSITIVE_INFINITY);
  if (expiresAt <= time) throw new OAuthError("invalid_grant", "What the token would rest on has ended.");
  const named = { ...basis.subject.principal, issuer, subject: sub, tokenId, issuedAt: time };
  await demandNotLockedOut(named, services);
  const claims = withoutUndefined({
    ...{ iss: issuer, sub, aud: resource, client_id: basis.client.id, jti: tokenId },
    ...{ iat: time, exp: expiresAt, scope: scopes.join(" "), roles, kind, tenant, addresses },
    act: actor === undefined ? undefined : { sub: actor },
  });
  const { text, signature } = await services.signer.sign(
    (kid) => `${encoded({ alg: "RS256", typ: "at+jwt", kid })}.${encoded(claims)}`,
  );
  return {
    access_token: `${text}.${base64url.encode(signature)}`,
    token_type: "Bearer",
    expires_in: expiresAt - time,
    scope: claims.scope,
  };
}

const encoded = (members: object) => base64url.encode(JSON.stringify(members));

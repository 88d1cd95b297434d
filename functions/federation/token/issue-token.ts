import { base64url } from "jose";
import type { FederationClient, FederationConfig } from "../../../shared/domain/config/federation.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Signer } from "../signing/signer.ts";

/** Who a token is about. */
export interface TokenSubject {
  /** The connection, or the name of the issuer in `federation.subjectTokens`. */
  readonly source: string;
  readonly subject: string;
  readonly kind: "user" | "client" | "unknown";
  readonly tenant?: string | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** CIDR ranges from which the token may be used. */
  readonly addresses?: readonly string[] | undefined;
  /** Who acts for the subject (RFC 8693 section 4.1). */
  readonly actor?: { readonly source: string; readonly subject: string } | undefined;
  /** Seconds since the epoch. No token outlives what it rests on. */
  readonly expiresAt: number | undefined;
}

/** What a token is made for. */
export interface TokenRequest {
  readonly tokenId: string;
  readonly client: FederationClient;
  readonly resource: string;
  /** Scopes that were asked for. Undefined: all. */
  readonly scopes: readonly string[] | undefined;
  readonly subject: TokenSubject;
}

/** An access token as the token endpoint answers with it (RFC 6749 section 5.1). */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
}

/** A principal as the subject of a token. */
export const subjectOf = (source: string, principal: Principal): TokenSubject => {
  const { subject, kind, tenant, scopes, roles, addresses, expiresAt } = principal;
  return { source, subject, kind, tenant, scopes, roles, addresses, expiresAt };
};

/** Two sources never share a subject: names of sources have no colon. */
const nameOf = ({ source, subject }: { readonly source: string; readonly subject: string }) => `${source}:${subject}`;

/**
 * Makes an access token (RFC 9068). Scopes are those of the subject, as far as they were asked for and the client may
 * have them.
 *
 * @param time seconds since the epoch
 * @throws {OAuthError} `invalid_grant` if what it would rest on has ended
 */
export async function issueToken(
  { tokenId, client, resource, scopes: asked, subject }: TokenRequest,
  time: number,
  { issuer, tokenLifetime }: FederationConfig,
  signer: Signer,
): Promise<IssuedToken> {
  const expiresAt = Math.min(time + tokenLifetime, subject.expiresAt ?? Number.POSITIVE_INFINITY);
  if (expiresAt <= time) throw new OAuthError("invalid_grant", "What the token would rest on has ended.");
  const scopes = subject.scopes.filter((scope) =>
    [asked, client.scopes].every((list) => list?.includes(scope) ?? true),
  );
  const { kind, tenant, roles, addresses, actor } = subject;
  const claims = withoutUndefined({
    ...{ iss: issuer, sub: nameOf(subject), aud: resource, client_id: client.id, jti: tokenId },
    ...{ iat: time, exp: expiresAt, scope: scopes.join(" "), roles, kind, tenant, addresses },
    act: actor && { sub: nameOf(actor) },
  });
  const { text, signature } = await signer.sign(
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

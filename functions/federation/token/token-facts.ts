import { mergePrincipals } from "../../../shared/domain/caller/merge.ts";
import type { FederationClient } from "../../../shared/domain/config/federation.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { lostDenial } from "../../../shared/domain/policy/lost-denial.ts";
import { isIdentifier } from "../../../shared/domain/principal/name.ts";
import type { Principal, PrincipalKind } from "../../../shared/domain/principal/principal.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";

/** Whom a token is about, or who acts. */
export interface Party {
  /** The connection, or the name of the issuer in `federation.subjectTokens`. */
  readonly source: string;
  readonly principal: Principal;
}

/** What a token rests on. */
export interface Basis {
  readonly client: FederationClient;
  /** Scopes that were asked for. Undefined: all. */
  readonly scopes: readonly string[] | undefined;
  readonly subject: Party;
  /** Who acts for the subject (RFC 8693 section 4.1). */
  readonly actor?: Party | undefined;
}

/** What a token says of its subject. */
export interface TokenFacts {
  readonly sub: string;
  readonly kind: PrincipalKind;
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** CIDR ranges from which the token may be used. */
  readonly addresses?: readonly string[];
  /** `sub` of the actor. */
  readonly actor?: string;
  /** Seconds since the epoch, from which something that the token rests on has ended. */
  readonly expiresAt?: number;
}

/**
 * What a token may say: the facts of the subject, as far as an actor has them too, and its scopes as far as they were
 * asked for and the client may have them. Nothing is gained by a token: what limits the subject limits the token.
 *
 * @throws {OAuthError} `invalid_grant`, `invalid_scope`
 */
export function tokenFacts(
  { client, scopes: asked, subject, actor }: Basis,
  services: Pick<Services, "config" | "merge" | "routes">,
): TokenFacts {
  const principals = [subject.principal, ...(actor ? [actor.principal] : [])];
  const merged = mergePrincipals(principals, services.merge);
  if ("conflict" in merged) {
    throw new OAuthError("invalid_grant", "Subject and actor do not go together.", { reason: merged.conflict });
  }
  const { kind, tenant, roles, addresses, expiresAt, ...caller } = merged.caller;
  const scopes = caller.scopes.filter((scope) => [asked, client.scopes].every((list) => list?.includes(scope) ?? true));
  const facts = withoutUndefined({
    ...{ sub: nameOf(subject), kind, tenant, scopes, roles, addresses, expiresAt },
    actor: actor && nameOf(actor),
  });
  checkLimits(subject.principal, facts);
  checkDenials(principals, facts, services);
  return facts;
}

/** Two sources never share a subject: names of sources have no colon. The authorizer reads no longer name. */
function nameOf({ source, principal }: Party): string {
  const name = `${source}:${principal.subject}`;
  if (isIdentifier(name)) return name;
  throw new OAuthError("invalid_grant", "The subject's name is too long for a token.", { reason: "subject_too_long" });
}

/** An empty list states nothing: beside another credential it would no longer limit (docs/policy.md). */
function checkLimits({ scopes, roles }: Principal, facts: TokenFacts): void {
  if (scopes.length > 0 && facts.scopes.length === 0) {
    throw new OAuthError(
      "invalid_scope",
      "None of the caller's scopes is left. Ask for scopes that the caller has, or leave scope out for all of them.",
      { reason: "scopes_disjoint" },
    );
  }
  if (roles.length > 0 && facts.roles.length === 0) {
    throw new OAuthError("invalid_grant", "Subject and actor have no role in common.", { reason: "roles_disjoint" });
  }
}

/** A denying rule looks at every principal and every fact of it, and at the API finds the token alone. */
function checkDenials(
  principals: readonly Principal[],
  facts: TokenFacts,
  { config, merge, routes }: Pick<Services, "config" | "merge" | "routes">,
): void {
  const lost = lostDenial(routes, principals, asPrincipal(facts, config.issuer), merge);
  if (!lost) return;
  logger.warn("no token: a denying rule would not see what it asks for", { rule: lost.name });
  const text = "A rule of the API denies something that a token would not show. Present the credential itself.";
  throw new OAuthError("invalid_grant", text, { reason: "denial_lost" });
}

/** The principal that the authorizer makes of the token, by the preset `sallyport` of `jwt.issuers`. */
const asPrincipal = ({ sub, actor: _, ...facts }: TokenFacts, issuer: string): Principal => ({
  ...{ provider: "jwt", issuer, subject: sub, attributes: {} },
  ...facts,
});

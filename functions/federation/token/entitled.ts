import type { Finding } from "../../../providers/chain.ts";
import { authenticated } from "../../../providers/verdict.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";

/** Milliseconds for one read of the table. */
const TIMEOUT = 3000;

const lockedOut = (reason: string) => new OAuthError("invalid_grant", "The caller is locked out.", { reason });

/**
 * What the table of entitlements says of the principals of a request, as the authorizer would ask it: of all at once.
 * Who is locked out gets no token: by the token's own issuer and subject nobody would find the lockout again.
 *
 * @param refused the error for who is refused, by the authorizer's reason. Default: `invalid_grant`
 * @throws {OAuthError} that error, or `temporarily_unavailable`
 */
export async function entitled<const Principals extends readonly Principal[]>(
  principals: Principals,
  { entitlements }: Pick<Services, "entitlements">,
  refused: (reason: string) => OAuthError = lockedOut,
): Promise<Same<Principals>> {
  if (!entitlements) return principals as Same<Principals>;
  const found = await entitlements.entitle(principals.map(findingOf), AbortSignal.timeout(TIMEOUT));
  // As at the authorizer, a refusal outweighs trouble.
  for (const { verdict } of found) if (verdict.status === "rejected") throw refused(verdict.reason);
  return principals.map((_, place) => {
    const verdict = found[place]?.verdict;
    if (verdict?.status === "authenticated") return verdict.principal;
    const trouble = verdict?.status === "unavailable" ? { reason: verdict.reason, cause: verdict.cause } : {};
    throw new OAuthError("temporarily_unavailable", "The caller's rights cannot be read now.", trouble);
  }) as Same<Principals>;
}

/**
 * Whether who would get a token is locked out by the name that the token has for it: people know a person of the login by
 * that name from logs and backends.
 *
 * @param named the principal under its name in the token
 * @throws {OAuthError} `invalid_grant`, or `temporarily_unavailable`
 */
export async function demandNotLockedOut(named: Principal, services: Pick<Services, "entitlements">): Promise<void> {
  // What it has rights to is decided by its own name, and by the authorizer.
  await entitled([{ ...named, scopes: [], roles: [] }], services).catch((error: unknown) => {
    if (!(error instanceof OAuthError) || error.reason !== "subject_not_entitled") throw error;
  });
}

/** As many principals. */
type Same<Principals> = { [Place in keyof Principals]: Principal };

const findingOf = (principal: Principal): Finding => ({
  credential: { scheme: "other", value: "", location: { in: "token", name: "token" } },
  provider: principal.provider,
  verdict: authenticated(principal),
});

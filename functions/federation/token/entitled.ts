import type { Finding } from "../../../providers/chain.ts";
import { authenticated } from "../../../providers/verdict.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";

/** Milliseconds for one read of the table. */
const TIMEOUT = 3000;

/**
 * What the table of entitlements says of a principal, as the authorizer would ask it. Who is locked out gets no token: by
 * the token's own issuer and subject nobody would find the lockout again.
 *
 * @throws {OAuthError} `invalid_grant` with the authorizer's reason, or `temporarily_unavailable`
 */
export async function entitled(
  principal: Principal,
  { entitlements }: Pick<Services, "entitlements">,
): Promise<Principal> {
  if (!entitlements) return principal;
  const finding: Finding = {
    credential: { scheme: "other", value: "", location: { in: "token", name: "token" } },
    provider: principal.provider,
    verdict: authenticated(principal),
  };
  const [found] = await entitlements.entitle([finding], AbortSignal.timeout(TIMEOUT));
  const verdict = found?.verdict;
  if (verdict?.status === "authenticated") return verdict.principal;
  if (verdict?.status === "rejected") {
    throw new OAuthError("invalid_grant", "The caller is locked out.", { reason: verdict.reason });
  }
  const { reason, cause } = verdict ?? {};
  throw new OAuthError("temporarily_unavailable", "The caller's rights cannot be read now.", {
    cause,
    ...(reason !== undefined && { reason }),
  });
}

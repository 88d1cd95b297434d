import { verifyAll } from "../../../providers/chain.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";

/** Milliseconds for a verification, of which a first one fetches keys and opens secrets. */
const TIMEOUT = 8000;

const grantRefused = (reason: string) => new OAuthError("invalid_grant", "A credential was refused.", { reason });

/**
 * Verifies a credential as the authorizer does: by the provider that recognises it, and no other.
 *
 * @param refused the error for a credential that is refused, by the authorizer's reason. Default: `invalid_grant`
 * @throws {OAuthError} that error, or `temporarily_unavailable`
 */
export async function verifiedPrincipal(
  { scheme, value }: Pick<Credential, "scheme" | "value">,
  request: HttpRequest,
  time: number,
  { providers }: Pick<Services, "providers">,
  refused: (reason: string) => OAuthError = grantRefused,
): Promise<Principal> {
  const credential: Credential = { scheme, value, location: { in: "token", name: "token" } };
  const [finding] = await verifyAll(providers, requestWith(credential, request, time), AbortSignal.timeout(TIMEOUT));
  const verdict = finding?.verdict;
  if (verdict?.status === "authenticated") return verdict.principal;
  if (verdict?.status === "unavailable") {
    const { reason, cause } = verdict;
    throw new OAuthError("temporarily_unavailable", "A credential cannot be verified now.", { reason, cause });
  }
  throw refused(verdict?.reason ?? "credential_unrecognised");
}

/** The verifiers know the request of an API. Of it, only time and address count. */
const requestWith = (credential: Credential, { address }: HttpRequest, time: number): AuthorizationRequest => ({
  credentials: [credential],
  resource: { graphqlApi: "" },
  source: { ...(address !== undefined && { address }), viaVpcEndpoint: false },
  time,
  cache: undefined,
});

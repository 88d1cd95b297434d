import { verifyAll } from "../../../providers/chain.ts";
import { isInRanges } from "../../../shared/domain/address/address-range.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { OAuthError } from "../http/oauth-error.ts";
import type { Services } from "../services.ts";

/** Milliseconds for a verification, of which a first one fetches keys and opens secrets. */
const TIMEOUT = 8000;

const grantRefused = (reason: string) => new OAuthError("invalid_grant", "A credential was refused.", { reason });

/** A credential that was verified. */
export interface Verified {
  readonly principal: Principal;
  /**
   * Uses up what may be used once, which is the last thing before the answer. Resolves with false if it was used before.
   *
   * @throws {OAuthError} `temporarily_unavailable`
   */
  useUp(): Promise<boolean>;
}

/**
 * Verifies a credential as the authorizer does: by the provider that recognises it, and no other, and from an address
 * that it may be used from.
 *
 * @param refused the error for a credential that is refused, by the authorizer's reason. Default: `invalid_grant`
 * @throws {OAuthError} that error, or `temporarily_unavailable`
 */
export async function verifiedCredential(
  { scheme, value }: Pick<Credential, "scheme" | "value">,
  request: HttpRequest,
  time: number,
  { providers, uses }: Pick<Services, "providers" | "uses">,
  refused: (reason: string) => OAuthError = grantRefused,
): Promise<Verified> {
  const credential: Credential = { scheme, value, location: { in: "token", name: "token" } };
  const signal = AbortSignal.timeout(TIMEOUT);
  const record = uses.postpone(signal);
  const [finding] = await verifyAll(providers, requestWith(credential, request, time), signal);
  const verdict = finding?.verdict;
  if (verdict?.status === "authenticated") {
    if (!isUsableFrom(request.address, verdict.principal)) throw refused("address_not_allowed");
    return { principal: verdict.principal, useUp: () => record().catch(troubleOf) };
  }
  if (verdict?.status === "unavailable") return troubleOf(new TroubleError(verdict.reason, verdict.cause));
  throw refused(verdict?.reason ?? "credential_unrecognised");
}

/** An address that is not known is in no range. */
function isUsableFrom(address: string | undefined, { addresses }: Principal): boolean {
  return !addresses || (address !== undefined && isInRanges(address, addresses));
}

function troubleOf(error: unknown): never {
  const { reason, cause } = error instanceof TroubleError ? error : { reason: undefined, cause: error };
  throw new OAuthError("temporarily_unavailable", "A credential cannot be verified now.", {
    cause,
    ...(reason !== undefined && { reason }),
  });
}

/** The verifiers know the request of an API. Of it, only time and address count. */
const requestWith = (credential: Credential, { address }: HttpRequest, time: number): AuthorizationRequest => ({
  credentials: [credential],
  resource: { graphqlApi: "" },
  source: { ...(address !== undefined && { address }), viaVpcEndpoint: false },
  time,
  cache: undefined,
});

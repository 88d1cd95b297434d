import type { DpopConfig } from "../../../shared/domain/config/dpop.ts";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import type { DpopRequest } from "../../../shared/domain/request/authorization-request.ts";
import { hasBegun } from "../../../shared/domain/time/clock-tolerance.ts";
import { isSameHash, sha256 } from "../same-hash.ts";
import { isDate, type UnverifiedProof } from "./read-proof.ts";
import { normalizedUri, requestedPath } from "./target-uri.ts";

/**
 * Refuses a proof that was not made for this request, this token and this time (RFC 9449 section 4.3), before any
 * cryptography: nothing that is refused here would be admitted with a valid signature.
 *
 * @param token the token that it was presented with
 * @param time seconds since the epoch
 * @throws {Refusal}
 */
export function checkProof(
  proof: UnverifiedProof,
  { request, token, time }: { readonly request: DpopRequest; readonly token: string; readonly time: number },
  config: DpopConfig,
): void {
  demand(proof.method === request.method, "dpop_method_mismatch");
  const path = requestedPath(request.path, request.isDecoded ?? false);
  demand(path !== undefined, "dpop_path_unclear");
  const uri = normalizedUri(proof.uri);
  demand(
    config.origins.some((origin) => uri === `${origin}${path}`),
    "dpop_url_mismatch",
  );
  checkTimes(proof, time, config);
  demand(isSameHash(proof.tokenHash, sha256(token)), "dpop_token_mismatch");
}

/** `exp` and `nbf` are not asked for, but mean in a proof what they mean in every JWT (RFC 7519 section 4.1). */
function checkTimes({ issuedAt, claims }: UnverifiedProof, time: number, config: DpopConfig): void {
  const { exp = Number.POSITIVE_INFINITY, nbf = 0 } = claims;
  demand((isDate(exp) || exp === Number.POSITIVE_INFINITY) && isDate(nbf), "dpop_proof_malformed");
  demand(time - issuedAt <= config.maxAge && Math.floor(exp) > time, "dpop_proof_expired");
  demand(hasBegun(Math.max(issuedAt, nbf), time, config.clockTolerance), "dpop_proof_in_future");
}

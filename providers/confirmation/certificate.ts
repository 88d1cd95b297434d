import { X509Certificate } from "node:crypto";
import { demand, TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest } from "../../shared/domain/request/authorization-request.ts";
import { isSameHash, sha256 } from "./same-hash.ts";

/**
 * Demands that a request came with the client certificate that a token is bound to (RFC 8705 section 3). API Gateway
 * has verified that the client has its private key, and whether its trust store accepts it.
 *
 * @param thumbprint SHA-256 of the certificate's DER, base64url
 * @throws {Refusal} `token_certificate_missing`, `token_certificate_mismatch`
 * @throws {TroubleError} `event_not_supported` for a certificate that cannot be read: it is not the caller's fault
 */
export function checkCertificate(thumbprint: string, { clientCertificate: pem }: AuthorizationRequest): void {
  demand(pem !== undefined, "token_certificate_missing");
  demand(isSameHash(sha256(derOf(pem)), thumbprint), "token_certificate_mismatch");
}

function derOf(pem: string): Uint8Array {
  try {
    return new X509Certificate(pem).raw;
  } catch (error) {
    throw new TroubleError("event_not_supported", error);
  }
}

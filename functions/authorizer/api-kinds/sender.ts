import { objectOf, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import type { AuthorizationRequest, DpopRequest } from "../../../shared/domain/request/authorization-request.ts";
import type { Credential } from "../../../shared/domain/request/credential.ts";
import { headersOf } from "./event-values.ts";

/**
 * The client's certificate where API Gateway writes it (developer guide, "How to turn on mutual TLS authentication").
 * A header that a proxy may have forwarded it in is never read: callers can write that too.
 */
export function certificateOf({ clientCert }: UnknownObject): Pick<AuthorizationRequest, "clientCertificate"> {
  const { clientCertPem } = objectOf(clientCert);
  return typeof clientCertPem === "string" && clientCertPem !== "" ? { clientCertificate: clientCertPem } : {};
}

/**
 * What a DPoP proof has to fit, if a credential asks for one.
 *
 * @param target the called method and path as API Gateway has them
 * @throws {TroubleError} `event_not_supported` if the event does not say them
 */
export function dpopOf(
  event: UnknownObject,
  credentials: readonly Credential[],
  target: { readonly method: unknown; readonly path: unknown } & Pick<DpopRequest, "isDecoded">,
): Pick<AuthorizationRequest, "dpop"> {
  if (!credentials.some(({ scheme }) => scheme === "dpop")) return {};
  const { method, path } = target;
  if (typeof method !== "string" || typeof path !== "string") throw new TroubleError("event_not_supported");
  return { dpop: { ...target, method, path, proofs: headersOf(event).get("dpop") ?? [] } };
}

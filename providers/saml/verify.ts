import type { AuthorizationRequest } from "../../shared/authorization-request.ts";
import type { SamlConfig } from "../../shared/config/saml.ts";
import type { Principal } from "../../shared/principal/principal.ts";
import { demand } from "../../shared/reasons/errors.ts";
import { readAttributes } from "./attributes.ts";
import { checkConditions } from "./conditions.ts";
import { instantOf, parseXml } from "./document.ts";
import { principalOf } from "./principal.ts";
import { signedAssertion } from "./signature.ts";
import { checkEnvelope, readMessage } from "./structure.ts";
import { readSubject } from "./subject.ts";
import { trustedCertificates } from "./trust.ts";

/**
 * Verifies a message whose text has passed the bounds. Up to the signature everything can only refuse; behind it, only what was signed
 * is read.
 *
 * @throws {Refusal}
 */
export function verifyMessage(text: string, request: AuthorizationRequest, config: SamlConfig): Principal {
  const message = readMessage(parseXml(text));
  const entry = config.identityProviders.find(({ issuer }) => issuer === message.issuer);
  demand(entry, "assertion_issuer_unknown");
  if (message.response) checkEnvelope(message.response, config.recipients);

  const certificates = trustedCertificates(entry, request.time);
  const assertion = signedAssertion(text, message, certificates, entry.algorithms);
  demand(readMessage(assertion).issuer === entry.issuer, "assertion_issuer_unknown");

  const end = checkConditions(assertion, request.time, config, entry);
  const subject = readSubject(assertion, request, config, entry);
  const assured = {
    nameId: subject.nameId,
    issuedAt: Math.floor(instantOf(assertion, "IssueInstant") ?? request.time),
    expiresAt: Math.min(end, subject.end),
  };
  return principalOf(assured, readAttributes(assertion), entry);
}

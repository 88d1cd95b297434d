import { inflateRawSync } from "node:zlib";
import { DOMParser } from "@xmldom/xmldom";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";

/** Bytes of a request: those of service providers have a few hundred. */
const MAX_LENGTH = 100_000;

/** What an identity provider needs of an AuthnRequest (SAML core 3.4.1). */
export interface ReceivedRequest {
  readonly id: string;
  /** Entity ID of the service provider. */
  readonly issuer: string;
}

/**
 * Reads `SAMLRequest`. The answer goes where the metadata say, whoever asked for it. `request-signature.ts` verifies a
 * signature.
 *
 * @param binding `redirect`: deflated (SAML bindings 3.4.4.1), `post`: base64 alone (3.5.4)
 * @throws {Error} if it is no AuthnRequest
 */
export function readAuthnRequest(encoded: string, binding: "redirect" | "post"): ReceivedRequest {
  const bytes = Buffer.from(encoded, "base64");
  const xml = binding === "post" ? bytes : inflateRawSync(bytes, { maxOutputLength: MAX_LENGTH });
  const root = new DOMParser({ errorHandler: () => {} }).parseFromString(
    xml.toString("utf8"),
    "text/xml",
  )?.documentElement;
  if (root?.localName !== "AuthnRequest" || root.namespaceURI !== NAMESPACES.protocol) {
    throw new Error("This is no AuthnRequest.");
  }
  const [issuer] = Array.from(root.getElementsByTagNameNS(NAMESPACES.assertion, "Issuer"));
  return { id: root.getAttribute("ID") ?? "", issuer: issuer?.textContent?.trim() ?? "" };
}

import { verify } from "node:crypto";
import { SignedXml } from "xml-crypto";
import { certificateBody, readCertificate } from "../../../providers/saml/certificate.ts";

const RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/**
 * Whether an AuthnRequest of the redirect binding is signed with the key of a certificate (SAML bindings 3.4.4.1): over
 * the parameters as they are sent.
 *
 * @param certificate PEM or base64
 */
export function isSignedRedirect(parameters: URLSearchParams, certificate: string): boolean {
  const signature = parameters.get("Signature");
  if (signature === null || parameters.get("SigAlg") !== RSA_SHA256) return false;
  const signed = ["SAMLRequest", "RelayState", "SigAlg"]
    .filter((name) => parameters.has(name))
    .map((name) => `${name}=${encodeURIComponent(parameters.get(name) ?? "")}`)
    .join("&");
  const { key } = readCertificate(certificate);
  return verify("sha256", Buffer.from(signed), key, Buffer.from(signature, "base64"));
}

/**
 * Whether an AuthnRequest of the POST binding is signed, as a whole, with the key of a certificate (SAML core 5.4).
 *
 * @param encoded `SAMLRequest`: base64
 * @param certificate PEM or base64
 */
export function isSignedPost(encoded: string, certificate: string): boolean {
  const xml = Buffer.from(encoded, "base64").toString("utf8");
  const [element = ""] = /<(?:\w+:)?Signature [\s\S]*<\/(?:\w+:)?Signature>/.exec(xml) ?? [];
  if (element === "") return false;
  const lines = certificateBody(certificate).match(/.{1,64}/g) ?? [];
  const publicCert = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  // The key is ours, whatever the message brings along.
  const signature = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
  signature.loadSignature(element);
  if (signature.signatureAlgorithm !== RSA_SHA256 || !signature.checkSignature(xml)) return false;
  const [signed = "", ...others] = signature.getSignedReferences();
  return others.length === 0 && /^<(?:\w+:)?AuthnRequest[\s>]/.test(signed);
}

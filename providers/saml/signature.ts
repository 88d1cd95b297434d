import { getVerifiedXml } from "@node-saml/node-saml/lib/xml.js";
import { demand } from "../../shared/reasons/errors.ts";
import { attribute, children, descendants, is, onlyChild, parseXml, textOf } from "./document.ts";
import type { Message } from "./structure.ts";

const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/** Identifiers by the names that the configuration uses (RFC 6931 section 2.3, XML Signature 1.1). */
const SIGNATURES: Readonly<Record<string, string>> = {
  "rsa-sha256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  "rsa-sha384": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
  "rsa-sha512": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
  "rsa-sha1": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
};
const DIGESTS: Readonly<Record<string, string>> = {
  sha256: "http://www.w3.org/2001/04/xmlenc#sha256",
  sha384: "http://www.w3.org/2001/04/xmldsig-more#sha384",
  sha512: "http://www.w3.org/2001/04/xmlenc#sha512",
  sha1: "http://www.w3.org/2000/09/xmldsig#sha1",
};

/**
 * Verifies every signature of a message, and returns the assertion as it was signed: parsed anew from the very bytes that the digest
 * covers, so that nothing else is read afterwards.
 *
 * @param text the whole message
 * @param certificates PEM
 * @param algorithms names that the identity provider's entry allows
 * @throws {Refusal} `assertion_unsigned`, `assertion_signature_invalid`, `assertion_algorithm_not_allowed`, `assertion_structure_invalid`
 */
export function signedAssertion(
  text: string,
  { response, assertion }: Message,
  certificates: readonly string[],
  algorithms: readonly string[],
): Element {
  const signed = [response, assertion].filter(
    (element) => element && children(element, "signature", "Signature").length > 0,
  );
  const everywhere = [...descendants(response ?? assertion)].filter(({ localName }) => localName === "Signature");
  demand(signed.length > 0 || everywhere.length > 0, "assertion_unsigned");
  demand(everywhere.length === signed.length && signed.length > 0, "assertion_structure_invalid");
  const [fromResponse, fromAssertion] = [response, assertion].map((element) =>
    element && signed.includes(element) ? verifiedElement(text, element, certificates, algorithms) : undefined,
  );
  const verified = fromAssertion ?? (fromResponse && onlyChild(fromResponse, "assertion", "Assertion"));
  demand(verified && is(verified, "assertion", "Assertion"), "assertion_structure_invalid");
  return verified;
}

function verifiedElement(
  text: string,
  element: Element,
  certificates: readonly string[],
  algorithms: readonly string[],
): Element {
  const signature = onlyChild(element, "signature", "Signature");
  demand(signature, "assertion_unsigned");
  checkSignature(signature, attribute(element, "ID") ?? "", algorithms);
  const xml = verify(text, element, certificates);
  demand(xml, "assertion_signature_invalid");
  const verified = parseXml(xml);
  demand(
    verified.localName === element.localName && attribute(verified, "ID") === attribute(element, "ID"),
    "assertion_structure_invalid",
  );
  return verified;
}

function verify(text: string, element: Element, certificates: readonly string[]): string | null {
  try {
    return getVerifiedXml(text, element, [...certificates]);
  } catch {
    // What node-saml throws for is a property of this message: an ID it cannot resolve, a digest it cannot read.
    return null;
  }
}

/**
 * Holds a signature against the one form that SAML gives it (SAML core 5.4): one reference, to the parent element by its ID, enveloped and in
 * exclusive canonical form. Other transforms could sign something else than what is read.
 */
function checkSignature(signature: Element, id: string, algorithms: readonly string[]): void {
  const info = onlyChild(signature, "signature", "SignedInfo");
  const reference = info && onlyChild(info, "signature", "Reference");
  demand(info && reference && attribute(reference, "URI") === `#${id}`, "assertion_structure_invalid");
  const names = children(signature).map(({ localName }) => localName);
  demand(
    names.every((name) => ["SignedInfo", "SignatureValue", "KeyInfo"].includes(name)),
    "assertion_structure_invalid",
  );

  const value = onlyChild(signature, "signature", "SignatureValue");
  demand(value, "assertion_structure_invalid");
  const compact = textOf(value, "assertion_structure_invalid").replace(/\s/g, "");
  // Spare bits and stray characters would make many credentials of one.
  demand(Buffer.from(compact, "base64").toString("base64") === compact, "assertion_signature_invalid");

  const digests = algorithms.map((name) => DIGESTS[name.replace("rsa-", "")]);
  const transforms = onlyChild(reference, "signature", "Transforms");
  const applied = transforms ? children(transforms).map(algorithmOf) : [];
  const allowed =
    algorithms.some((name) => SIGNATURES[name] === algorithmOf(onlyChild(info, "signature", "SignatureMethod"))) &&
    digests.includes(algorithmOf(onlyChild(reference, "signature", "DigestMethod"))) &&
    algorithmOf(onlyChild(info, "signature", "CanonicalizationMethod")) === EXCLUSIVE &&
    applied.length === 2 &&
    applied[0] === ENVELOPED &&
    applied[1] === EXCLUSIVE;
  demand(allowed, "assertion_algorithm_not_allowed");
}

const algorithmOf = (element: Element | undefined) => element && attribute(element, "Algorithm");

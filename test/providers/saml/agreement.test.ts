import { X509Certificate } from "node:crypto";
import { getVerifiedXml } from "@node-saml/node-saml/lib/xml.js";
import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import { verifySigned } from "../../../providers/saml/xml/signature.ts";
import { SIGNATURE_ALGORITHM_NAMES } from "../../../shared/domain/saml/algorithms.ts";
import { identity, OPTIONS } from "./fixture.ts";

/** node-saml is an independent implementation of the standard. Both must find the same signed data. */
const plain = assertionXml({ ...OPTIONS, attributes: { mail: "a&b<c>\"'", text: "å\n\té" } });
const key = new X509Certificate(identity.certificate).publicKey;

const documents: [string, string][] = [
  ["an assertion", signXml(plain, ASSERTION_ID, identity)],
  ["one with SHA-512", signXml(plain, ASSERTION_ID, identity, { algorithm: "rsa-sha512" })],
  ["one in a Response", signXml(responseXml(OPTIONS, plain), ASSERTION_ID, identity)],
  [
    "one with a default namespace",
    signXml(plain.replaceAll("saml:", "").replace("xmlns:saml", "xmlns"), ASSERTION_ID, identity),
  ],
  [
    "one with inherited namespaces",
    signXml(
      responseXml(
        OPTIONS,
        plain.replace("<saml:AttributeValue>", '<saml:AttributeValue xmlns:xsi="urn:xsi" xsi:type="xs:string">'),
      ).replace("<samlp:Response ", '$&xmlns:xs="urn:xs" '),
      ASSERTION_ID,
      identity,
      { inclusivePrefixes: ["xs"] },
    ),
  ],
  ["one with white space", signXml(plain.replaceAll("><", ">\n  <"), ASSERTION_ID, identity)],
];

const find = (xml: string) => {
  const document = new DOMParser().parseFromString(xml, "text/xml");
  const element = Array.from(document.getElementsByTagName("*")).find(
    (each) => each.getAttribute("ID") === ASSERTION_ID,
  );
  if (!element) throw new Error("no assertion");
  return element;
};
const text = (element: Node) => new XMLSerializer().serializeToString(element);

describe("node-saml and Sallyport find the same signed data in", () => {
  test.each(documents)("%s", (_what, xml) => {
    const theirs = getVerifiedXml(xml, find(xml), [identity.certificate]);
    expect(theirs).not.toBeNull();
    const { element } = verifySigned(find(xml), [key], SIGNATURE_ALGORITHM_NAMES);
    expect(text(element)).toBe(text(parseXml(theirs ?? "")));
  });

  test.each(documents)("%s, and none after a change", (_what, xml) => {
    const changed = xml.replace("alice@", "root@");
    expect(getVerifiedXml(changed, find(changed), [identity.certificate])).toBeNull();
    expect(() => verifySigned(find(changed), [key], SIGNATURE_ALGORITHM_NAMES)).toThrow("assertion_signature_invalid");
  });
});

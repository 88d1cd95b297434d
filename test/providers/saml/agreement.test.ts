import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { signedByNodeSaml, signedBySallyport } from "../../../scripts/oracles/node-saml-judge.ts";
import { identity, OPTIONS } from "./fixture.ts";

/**
 * node-saml is an independent implementation of the standard. Both must find the same signed data. `npm run
 * oracle:node-saml` asks the same of random messages.
 */
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

describe("node-saml and Sallyport find the same signed data in", () => {
  test.each(documents)("%s", async (_what, xml) => {
    const theirs = await signedByNodeSaml(xml, ASSERTION_ID, identity.certificate);
    expect(theirs).toEqual({ text: expect.stringContaining("alice@example.com") });
    expect(signedBySallyport(xml, ASSERTION_ID, key)).toEqual(theirs);
  });

  test.each(documents)("%s, and none after a change", async (_what, xml) => {
    const changed = xml.replace("alice@", "root@");
    expect(await signedByNodeSaml(changed, ASSERTION_ID, identity.certificate)).toHaveProperty("refused");
    expect(signedBySallyport(changed, ASSERTION_ID, key)).toEqual({ refused: "assertion_signature_invalid" });
  });
});

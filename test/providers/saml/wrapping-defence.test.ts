import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { identity, judge, OPTIONS } from "./fixture.ts";

/**
 * Signature wrapping (Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be", figures 6 to 9): the signed
 * element is moved to a place where the verifier finds it and the reader does not.
 */
const plain = assertionXml(OPTIONS);
const signed = signXml(plain, ASSERTION_ID, identity);
const [signature = ""] = /<ds:Signature .*<\/ds:Signature>/.exec(signed) ?? [];
const evil = plain.replace("alice@", "root@").replace(ASSERTION_ID, "_evil");
const withSignature = (xml: string, inner: string) => xml.replace("</saml:Issuer>", `</saml:Issuer>${inner}`);
const inObject = (content: string) =>
  signature.replace("</ds:Signature>", `<ds:Object>${content}</ds:Object></ds:Signature>`);

const signedResponse = signXml(responseXml(OPTIONS, plain), "_response", identity);
const [responseSignature = ""] = /<ds:Signature .*<\/ds:Signature>/.exec(signedResponse) ?? [];
const original = signedResponse.replace(responseSignature, "");
const evilResponse = responseXml(OPTIONS, evil).replace("_response", "_evilResponse");

describe("refuses signature wrapping:", () => {
  test.each([
    [
      "1: the signed Response within the signature of an evil one",
      evilResponse.replace(
        "</saml:Issuer>",
        `$&${responseSignature.replace("</ds:Signature>", `<ds:Object>${original}</ds:Object></ds:Signature>`)}`,
      ),
    ],
    [
      "2: the signed Response beside a detached signature",
      evilResponse.replace("</saml:Issuer>", `$&${responseSignature}${original}`),
    ],
    ["3: an evil assertion before the signed one", responseXml(OPTIONS, evil + signed)],
    [
      "4: the signed assertion within an evil one",
      responseXml(OPTIONS, evil.replace("</saml:Assertion>", `${signed}</saml:Assertion>`)),
    ],
    [
      "5: the signature moved into an evil assertion, the signed one behind it",
      responseXml(OPTIONS, withSignature(evil, signature) + plain),
    ],
    [
      "6: the signed assertion within the signature in an evil one",
      responseXml(OPTIONS, withSignature(evil, inObject(plain))),
    ],
    [
      "7: the evil assertion in an extension before the signed one",
      responseXml(OPTIONS, `<samlp:Extensions>${evil}</samlp:Extensions>${signed}`),
    ],
    [
      "8: the signed assertion in an object, the signature on the evil one",
      responseXml(OPTIONS, withSignature(evil, inObject(signed))),
    ],
    ["9: a bare evil assertion around the signed one", evil.replace("</saml:Assertion>", `${signed}</saml:Assertion>`)],
    [
      "an evil assertion of another namespace beside the signed one",
      responseXml(OPTIONS, signed + evil.replaceAll("urn:oasis:names:tc:SAML:2.0:assertion", "urn:evil")),
    ],
    ["two root elements", signed + evil],
  ])("%s", async (_what, xml) => {
    expect(await judge(encodeXml(xml, "deflate"))).toBe("assertion_structure_invalid");
  });
});

test("refuses the signature of an assertion when it is moved to an evil one with the same ID", async () => {
  const xml = withSignature(evil.replace("_evil", ASSERTION_ID), signature);
  expect(await judge(encodeXml(xml, "deflate"))).toBe("assertion_signature_invalid");
});

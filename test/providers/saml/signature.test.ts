import { sign, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { parseXml } from "../../../providers/saml/xml/document.ts";
import { isSigned, verifySigned } from "../../../providers/saml/xml/signature.ts";
import type { SignatureAlgorithm } from "../../../shared/domain/saml/algorithms.ts";
import { identity, OPTIONS, stranger } from "./fixture.ts";

const MAX_LENGTH = 100_000;

const XML = assertionXml(OPTIONS);
const SIGNED = signXml(XML, ASSERTION_ID, identity);
const key = new X509Certificate(identity.certificate).publicKey;
const strangersKey = new X509Certificate(stranger.certificate).publicKey;
const NONE = "urn:none";

/** What a signed text is refused for; undefined if it is verified. */
function refusalOf(
  xml: string,
  keys = [key],
  allowed: readonly SignatureAlgorithm[] = ["rsa-sha256", "rsa-sha512"],
): string | undefined {
  try {
    verifySigned(parseXml(xml), keys, allowed, MAX_LENGTH);
    return undefined;
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error);
  }
}

/** The signed text with another SignedInfo, signed as well: only its form can be wrong. */
function withInfo(from: string | RegExp, to: string, xml = SIGNED): string {
  const changed = xml.replace(from, to);
  if (changed === xml) throw new Error(`${from} is not there`);
  const [info = ""] = /<ds:SignedInfo.*<\/ds:SignedInfo>/.exec(changed) ?? [];
  const canonical = info
    .replace("<ds:SignedInfo>", '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')
    .replace(/<([\w:]+)([^>]*)\/>/g, "<$1$2></$1>");
  const value = sign("sha256", Buffer.from(canonical), identity.privateKey).toString("base64");
  return changed.replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`);
}
function changed(from: string | RegExp, to: string): string {
  const xml = SIGNED.replace(from, to);
  if (xml === SIGNED) throw new Error(`${from} is not there`);
  return xml;
}

const INVALID = "assertion_structure_invalid";
const FORBIDDEN = "assertion_algorithm_not_allowed";
const WRONG = "assertion_signature_invalid";
const info = /<ds:SignedInfo.*<\/ds:SignedInfo>/;
const value = /<ds:SignatureValue>.*<\/ds:SignatureValue>/;
const keyInfo = "<ds:KeyInfo/>";

describe("a Signature consists of SignedInfo, SignatureValue and at most one KeyInfo:", () => {
  test.each([
    ["the two", SIGNED, undefined],
    ["the three", changed("</ds:Signature>", `${keyInfo}$&`), undefined],
    ["nothing", changed(/(<ds:Signature [^>]*>).*<\/ds:Signature>/, "$1</ds:Signature>"), INVALID],
    ["SignedInfo alone", changed(value, ""), INVALID],
    ["SignatureValue alone", changed(info, ""), INVALID],
    [
      "SignatureValue first",
      changed(/(<ds:SignedInfo.*<\/ds:SignedInfo>)(<ds:SignatureValue>.*<\/ds:SignatureValue>)/, "$2$1"),
      INVALID,
    ],
    ["two KeyInfos", changed("</ds:Signature>", `${keyInfo}${keyInfo}$&`), INVALID],
    ["a KeyInfo of another namespace", changed("</ds:Signature>", `<KeyInfo xmlns="${NONE}"/>$&`), INVALID],
    ["an Object instead of KeyInfo", changed("</ds:Signature>", "<ds:Object/>$&"), INVALID],
    ["a SignatureValue of another name", changed(/ds:SignatureValue>/g, "ds:Value>"), INVALID],
    ["a SignedInfo of another name", changed(/ds:SignedInfo>/g, "ds:Info>"), INVALID],
    ["a SignatureValue with an element in it", changed("<ds:SignatureValue>", "$&<a/>"), WRONG],
    ["an empty SignatureValue", changed(value, "<ds:SignatureValue/>"), WRONG],
  ])("%s", (_what, xml, reason) => {
    expect(refusalOf(xml)).toBe(reason);
  });
});

describe("a SignedInfo that was signed is refused", () => {
  const reference = /<ds:Reference.*<\/ds:Reference>/;
  const enveloped = '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>';
  const exclusive = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>';
  test.each([
    ["without CanonicalizationMethod", /<ds:CanonicalizationMethod [^>]*>/, "", FORBIDDEN],
    ["whose CanonicalizationMethod has no algorithm", / Algorithm="[^"]*"/, "", FORBIDDEN],
    ["without SignatureMethod", /<ds:SignatureMethod [^>]*>/, "", FORBIDDEN],
    ["with two SignatureMethods", /<ds:SignatureMethod [^>]*>/, "$&$&", INVALID],
    ["without Reference", reference, "", INVALID],
    ["with two References", reference, "$&$&", INVALID],
    ["whose Reference has no URI", / URI="[^"]*"/, "", INVALID],
    ["whose URI is empty", /URI="[^"]*"/, 'URI=""', INVALID],
    ["whose URI is a # alone", /URI="[^"]*"/, 'URI="#"', INVALID],
    ["whose URI has another character for the #", 'URI="#', 'URI="x', INVALID],
    ["whose URI names another element", 'URI="#', 'URI="#x', INVALID],
    ["without Transforms", /<ds:Transforms>.*<\/ds:Transforms>/, "", FORBIDDEN],
    ["with empty Transforms", /<ds:Transforms>.*<\/ds:Transforms>/, "<ds:Transforms/>", FORBIDDEN],
    ["without exclusive canonicalization", exclusive, "", FORBIDDEN],
    ["without the enveloped signature", enveloped, "", FORBIDDEN],
    ["with the transforms in the other order", enveloped + exclusive, exclusive + enveloped, FORBIDDEN],
    ["with a third transform", exclusive, exclusive + exclusive, FORBIDDEN],
    ["without DigestMethod", /<ds:DigestMethod [^>]*>/, "", FORBIDDEN],
    ["with an unknown DigestMethod", /(<ds:DigestMethod Algorithm=)"[^"]*"/, `$1"${NONE}"`, FORBIDDEN],
    ["without DigestValue", /<ds:DigestValue>.*<\/ds:DigestValue>/, "", INVALID],
    ["with two DigestValues", /<ds:DigestValue>.*<\/ds:DigestValue>/, "$&$&", INVALID],
    ["whose DigestValue is another", /<ds:DigestValue>.{4}/, "<ds:DigestValue>AAAA", WRONG],
    ["whose DigestValue is empty", /<ds:DigestValue>.*<\/ds:DigestValue>/, "<ds:DigestValue/>", WRONG],
    ["whose DigestValue is no base64", /<ds:DigestValue>.{4}/, "<ds:DigestValue>----", WRONG],
  ])("%s", (_what, from, to, reason) => {
    expect(refusalOf(withInfo(from, to))).toBe(reason);
  });

  test("but not if nothing is wrong with it", () => {
    expect(refusalOf(withInfo("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"))).toBeUndefined();
  });
});

describe("a digest", () => {
  test("may have the hash of any allowed algorithm, and of no other", () => {
    const digest = "http://www.w3.org/2001/04/xmlenc#sha512";
    const xml = signXml(XML, ASSERTION_ID, identity, { digest });
    expect(refusalOf(xml)).toBeUndefined();
    expect(refusalOf(xml, [key], ["rsa-sha256"])).toBe(FORBIDDEN);
  });
});

test("the key that verified the signature is returned, whichever of the keys it is", () => {
  for (const keys of [[key], [strangersKey, key], [key, strangersKey]]) {
    expect(verifySigned(parseXml(SIGNED), keys, ["rsa-sha256"], MAX_LENGTH).key).toBe(key);
  }
  expect(refusalOf(SIGNED, [strangersKey])).toBe(WRONG);
  expect(refusalOf(SIGNED, [])).toBe(WRONG);
});

test("the element that is returned is the signed one without its signature", () => {
  const { element } = verifySigned(parseXml(SIGNED), [key], ["rsa-sha256"], MAX_LENGTH);
  expect(element.getAttribute("ID")).toBe(ASSERTION_ID);
  expect(isSigned(element)).toBe(false);
  expect(isSigned(parseXml(SIGNED))).toBe(true);
});

test.each([
  ["no signature", XML, "assertion_unsigned"],
  [
    "an empty ID, which a reference to # alone would name",
    signXml(XML.replace(ASSERTION_ID, ""), "", identity),
    INVALID,
  ],
  ["two signatures", SIGNED.replace(/<ds:Signature .*<\/ds:Signature>/, "$&$&"), INVALID],
])("refuses an element with %s", (_what, xml, reason) => {
  expect(refusalOf(xml)).toBe(reason);
});

test("the canonical form of what is signed is bounded, to the character", () => {
  const verified = (maxLength: number) => () => verifySigned(parseXml(SIGNED), [key], ["rsa-sha256"], maxLength);
  const length = XML.replace(/<([\w:]+)([^>]*)\/>/g, "<$1$2></$1>").length;
  expect(verified(length)).not.toThrow();
  expect(verified(length - 1)).toThrow(expect.objectContaining({ reason: "assertion_too_complex" }));
});

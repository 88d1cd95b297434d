import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { ISSUER, identity, judge, OPTIONS, RECIPIENT } from "./fixture.ts";

const PLAIN = assertionXml({ ...OPTIONS, attributes: { mail: "alice@example.com" } });
const sign = (xml: string) => signXml(xml, ASSERTION_ID, identity);
const SIGNED = sign(PLAIN);
const RESPONSE = responseXml(OPTIONS, SIGNED);
const judged = (xml: string) => judge(encodeXml(xml, "deflate"));
function changed(xml: string, from: string | RegExp, to: string): string {
  const other = xml.replace(from, to);
  if (other === xml) throw new Error(`${from} is not there`);
  return other;
}

const code = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>';
const issuer = /<saml:Issuer[^>]*>[^<]*<\/saml:Issuer>/;

describe("refuses a Response", () => {
  test.each([
    ["without an ID", changed(RESPONSE, 'ID="_response"', ""), "assertion_structure_invalid"],
    ["with an empty ID", changed(RESPONSE, 'ID="_response"', 'ID=""'), "assertion_structure_invalid"],
    ["of another version", changed(RESPONSE, 'Version="2.0"', 'Version="1.1"'), "assertion_structure_invalid"],
    ["without a version", changed(RESPONSE, 'Version="2.0"', ""), "assertion_structure_invalid"],
    ["with two Issuers", changed(RESPONSE, issuer, "$&$&"), "assertion_structure_invalid"],
    ["with markup in its Issuer", changed(RESPONSE, ISSUER, `${ISSUER}<b/>`), "assertion_structure_invalid"],
    ["with an empty Issuer", changed(RESPONSE, `>${ISSUER}<`, "><"), "assertion_issuer_unknown"],
    ["with two codes of success", changed(RESPONSE, code, `${code}${code}`), "assertion_status_not_success"],
    [
      "with a failure beside a success",
      changed(RESPONSE, code, code + code.replace("Success", "Responder")),
      "assertion_status_not_success",
    ],
    ["without a code", changed(RESPONSE, code, ""), "assertion_status_not_success"],
    ["whose code has no value", changed(RESPONSE, code, "<samlp:StatusCode/>"), "assertion_status_not_success"],
    [
      "whose success stands within a failure",
      changed(RESPONSE, code, `<samlp:StatusCode Value="x">${code}</samlp:StatusCode>`),
      "assertion_status_not_success",
    ],
    [
      "with an empty destination",
      changed(RESPONSE, `Destination="${RECIPIENT}"`, 'Destination=""'),
      "assertion_destination_mismatch",
    ],
    [
      "in a Response",
      responseXml(OPTIONS, changed(RESPONSE, '"_response"', '"_inner"')),
      "assertion_structure_invalid",
    ],
  ])("%s", async (_what, xml, reason) => {
    expect(await judged(xml)).toBe(reason);
  });
});

describe("accepts a Response", () => {
  test.each([
    ["without an Issuer, which it may omit", changed(RESPONSE, issuer, "")],
    ["without a destination", changed(RESPONSE, `Destination="${RECIPIENT}"`, "")],
    [
      "whose success says more",
      changed(RESPONSE, code, code.replace("/>", '><samlp:StatusCode Value="x"/></samlp:StatusCode>')),
    ],
  ])("%s", async (_what, xml) => {
    expect(await judged(xml)).toHaveProperty("subject", OPTIONS.subject);
  });
});

describe("refuses an assertion that contains", () => {
  const within = (markup: string) => sign(changed(PLAIN, "<saml:Conditions ", `${markup}$&`));
  test.each([
    ["an EncryptedID", "<saml:EncryptedID/>", "assertion_encrypted"],
    ["an EncryptedAttribute", "<saml:EncryptedAttribute/>", "assertion_encrypted"],
    ["EncryptedData", "<EncryptedData/>", "assertion_encrypted"],
    ["a NewEncryptedID", "<x:NewEncryptedID xmlns:x='urn:x'/>", "assertion_encrypted"],
    ["a Response", "<Response/>", "assertion_structure_invalid"],
    ["an EncryptedAssertion", "<EncryptedAssertion/>", "assertion_structure_invalid"],
    ["another assertion", "<x:Assertion xmlns:x='urn:x'/>", "assertion_structure_invalid"],
    ["a signature in another place", "<saml:Advice><Signature/></saml:Advice>", "assertion_structure_invalid"],
    [
      "a signature of XML Signature in another place",
      '<saml:Advice><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></saml:Advice>',
      "assertion_structure_invalid",
    ],
    ["a signature of another namespace", "<Signature xmlns='urn:x'/>", "assertion_structure_invalid"],
    ["two IDs that are the same, in any spelling", "<a id='x'/><b iD='x'/>", "assertion_structure_invalid"],
    ["two IDs that are the same, one with a prefix", "<a xml:id='x'/><b ID='x'/>", "assertion_structure_invalid"],
  ])("%s", async (_what, markup, reason) => {
    expect(await judged(within(markup))).toBe(reason);
  });

  test.each([
    ["elements whose names only contain those of encrypted ones", "<MyEncryptedID/><EncryptedIDs/><EncryptedKeyData/>"],
    ["several IDs that differ", "<a id='x'/><b ID='X'/><c name='x'/>"],
  ])("but accepts %s", async (_what, markup) => {
    expect(await judged(within(`<saml:Advice>${markup}</saml:Advice>`))).toHaveProperty("subject");
  });
});

test.each([
  ["two Issuers", changed(PLAIN, issuer, "$&$&"), "assertion_structure_invalid"],
  ["an Issuer with markup in it", changed(PLAIN, ISSUER, `${ISSUER}<b/>`), "assertion_structure_invalid"],
  ["an empty ID", changed(PLAIN, ASSERTION_ID, ""), "assertion_structure_invalid"],
  ["no version", changed(PLAIN, 'Version="2.0"', ""), "assertion_structure_invalid"],
])("refuses an assertion with %s", async (_what, xml, reason) => {
  expect(await judged(xml)).toBe(reason);
});

describe("the code of a Response is one by its name and its namespace:", () => {
  test("a success of another namespace, or of another name, is none", async () => {
    const foreign = code.replace("samlp:StatusCode", "StatusCode");
    expect(await judged(changed(RESPONSE, code, foreign))).toBe("assertion_status_not_success");
    const other = code.replace("StatusCode", "StatusDetail");
    expect(await judged(changed(RESPONSE, code, other))).toBe("assertion_status_not_success");
  });

  test("a message beside it is none either", async () => {
    const said = `${code}<samlp:StatusMessage>signed in</samlp:StatusMessage><StatusCode/>`;
    expect(await judged(changed(RESPONSE, code, said))).toHaveProperty("subject");
  });
});

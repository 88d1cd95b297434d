import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { NOW } from "../../fixtures.ts";
import {
  AUDIENCE,
  ISSUER,
  identity,
  issue,
  judge,
  judgeXml,
  OPTIONS,
  providerOf,
  RECIPIENT,
  stranger,
} from "./fixture.ts";

const iso = (time: number) => new Date(time * 1000).toISOString();
const XML = assertionXml({ ...OPTIONS, attributes: { mail: "alice@example.com" } });
const sign = (xml: string) => signXml(xml, ASSERTION_ID, identity);

/** A changed assertion with a valid signature. */
function altered(from: string | RegExp, to: string): string {
  const xml = XML.replace(from, to);
  if (xml === XML) throw new Error(`${from} is not in the assertion`);
  return sign(xml);
}

describe("refuses an encoding:", () => {
  const good = issue();
  const deflated = deflateRawSync(sign(XML));
  const behind = (bytes: Buffer) => Buffer.concat([deflated, bytes]).toString("base64url");
  test.each([
    ["not base64", "!".repeat(100), "assertion_malformed"],
    ["white space in base64", `${good.slice(0, 40)}\n${good.slice(40)}`, "assertion_malformed"],
    ["missing padding", good.replace(/=*$/, "").slice(0, -1), "assertion_malformed"],
    ["base64 of something else", Buffer.from("hello").toString("base64"), "assertion_malformed"],
    ["DEFLATE of something else", deflateRawSync("hello").toString("base64url"), "assertion_malformed"],
    ["text that is not UTF-8", Buffer.from("<a>\xff</a>", "latin1").toString("base64"), "assertion_malformed"],
    ["a byte order mark", encodeXml(`\ufeff${sign(XML)}`), "assertion_malformed"],
    ["nothing", "", "assertion_malformed"],
    ["longer than maxLength", "P".repeat(10_241), "credential_too_large"],
    ["a byte behind the end of DEFLATE", behind(Buffer.from([0])), "assertion_malformed"],
    ["a second DEFLATE behind the end of the first", behind(deflateRawSync("<a/>")), "assertion_malformed"],
    ["a DEFLATE that ends early", Buffer.from(deflated.subarray(0, -4)).toString("base64url"), "assertion_malformed"],
    ["a DEFLATE bomb", encodeXml(`<a>${"x".repeat(5_000_000)}</a>`, "deflate"), "assertion_too_complex"],
  ])("%s", async (_what, value, reason) => {
    expect(await judge(value)).toBe(reason);
  });
});

describe("refuses markup:", () => {
  const signed = sign(XML);
  const inside = (text: string) => signed.replace("<saml:Subject>", `${text}<saml:Subject>`);
  const bomb = `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>`;
  test.each([
    ["a document type", `<!DOCTYPE a>${signed}`, "assertion_xml_forbidden"],
    ["an entity bomb", bomb, "assertion_xml_forbidden"],
    [
      "an external entity",
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
      "assertion_xml_forbidden",
    ],
    ["an undeclared entity", inside("&nbsp;"), "assertion_xml_forbidden"],
    ["an entity in an attribute", `<a b="&x;"/>`, "assertion_xml_forbidden"],
    ["a bare ampersand", inside("a & b"), "assertion_xml_forbidden"],
    [
      "a control character between attributes",
      signed.replace(" Recipient=", "\u0010Recipient="),
      "assertion_malformed",
    ],
    ["a NUL in a value", inside("\0"), "assertion_malformed"],
    ["a reference to a control character", inside("&#x10;"), "assertion_malformed"],
    ["a reference to NUL", inside("&#0;"), "assertion_malformed"],
    ["a reference to a surrogate", inside("&#xD800;"), "assertion_malformed"],
    ["a reference beyond Unicode", inside("&#x110000;"), "assertion_malformed"],
    ["the end of CDATA in text", inside("]]>"), "assertion_malformed"],
    ["a < in an attribute", signed.replace('Version="2.0"', 'Version="2.0" x="<"'), "assertion_malformed"],
    ["a processing instruction", inside("<?p x?>"), "assertion_xml_forbidden"],
    ["a comment", inside("<!-- -->"), "assertion_xml_forbidden"],
    ["CDATA", inside("<![CDATA[x]]>"), "assertion_xml_forbidden"],
    [
      "a declaration of another encoding",
      `<?xml version="1.0" encoding="UTF-16"?>${signed}`,
      "assertion_xml_forbidden",
    ],
    ["a comment in the NameID", signed.replace("alice@", "alice<!-- -->@"), "assertion_xml_forbidden"],
    ["a processing instruction in the NameID", signed.replace("alice@", "alice<?x?>@"), "assertion_xml_forbidden"],
    [
      "a comment in an attribute",
      signed.replace(">alice@example.com</saml:AttributeValue", "><!-- -->root</saml:AttributeValue"),
      "assertion_xml_forbidden",
    ],
    [
      "a processing instruction in an attribute",
      signed.replace(">alice@example.com</saml:AttributeValue", "><?x y?>root</saml:AttributeValue"),
      "assertion_xml_forbidden",
    ],
    [
      "CDATA in an attribute",
      signed.replace(">alice@example.com</saml:AttributeValue", "><![CDATA[root]]></saml:AttributeValue"),
      "assertion_xml_forbidden",
    ],
    ["a comment in the digest", signed.replace(/<ds:DigestValue>/, "$&<!-- x -->"), "assertion_xml_forbidden"],
    ["text after the root", `${signed}x`, "assertion_structure_invalid"],
    ["an element after the root", `${signed}<a/>`, "assertion_structure_invalid"],
    ["text before the root", `x${signed}`, "assertion_malformed"],
    ["a tag that is not closed", signed.slice(0, -10), "assertion_malformed"],
    ["crossing tags", "<a><b></a></b>", "assertion_malformed"],
    ["a duplicate attribute", `<a b="1" b="2"/>`, "assertion_malformed"],
    ["an attribute without quotes", "<a b=1/>", "assertion_malformed"],
    ["a prefix that is not declared", "<a><b:c/></a>", "assertion_malformed"],
    [
      "a prefix whose declaration is withdrawn",
      '<a xmlns:b="urn:b"><c xmlns:b=""><b:d/></c></a>',
      "assertion_malformed",
    ],
    ["an attribute whose prefix is not declared", '<a b:c=""/>', "assertion_malformed"],
    [
      "an attribute twice, by two prefixes",
      '<a xmlns:b="urn:b" xmlns:c="urn:b" b:d="1" c:d="2"/>',
      "assertion_malformed",
    ],
    ...["constructor", "toString", "hasOwnProperty", "__proto__"].flatMap((prefix): [string, string, string][] => [
      [`the prefix ${prefix}`, inside(`<${prefix}:a/>`), "assertion_malformed"],
      [`an attribute with the prefix ${prefix}`, inside(`<a ${prefix}:b=""/>`), "assertion_malformed"],
      [
        `the prefix ${prefix} in SignedInfo`,
        signed.replace("<ds:SignedInfo>", `$&<${prefix}:a/>`),
        "assertion_malformed",
      ],
    ]),
    ["the prefix __proto__, declared", inside('<a xmlns:__proto__="urn:a" __proto__:b=""/>'), "assertion_malformed"],
    ["too many elements", `<a>${"<b/>".repeat(600)}</a>`, "assertion_too_complex"],
    [
      "too many element names",
      `<a>${Array.from({ length: 70 }, (_, i) => `<b${i}/>`).join("")}</a>`,
      "assertion_too_complex",
    ],
    ["too many references", `<a>${"&#65;".repeat(1001)}</a>`, "assertion_too_complex"],
    ["elements nested too deeply", `${"<a>".repeat(30)}${"</a>".repeat(30)}`, "assertion_too_complex"],
    [
      "too many attributes",
      `<a ${Array.from({ length: 30 }, (_, i) => `b${i}="1"`).join(" ")}/>`,
      "assertion_too_complex",
    ],
  ])("%s", async (_what, xml, reason) => {
    const value = xml.startsWith("<") ? encodeXml(xml) : encodeXml(xml, "deflate");
    expect(await judge(value)).toBe(reason);
  });

  test("accepts an XML declaration at the start and white space at the end", async () => {
    expect(await judgeXml(`<?xml version="1.0" encoding="UTF-8"?>\n${signed}\n`)).toHaveProperty("subject");
  });
});

describe("refuses a structure:", () => {
  const response = (xml: string) => responseXml(OPTIONS, xml);
  test.each([
    ["another root", "<a/>", "assertion_structure_invalid"],
    [
      "an assertion of another namespace",
      XML.replaceAll("urn:oasis:names:tc:SAML:2.0:assertion", "urn:evil"),
      "assertion_structure_invalid",
    ],
    [
      "a Response of another namespace",
      response(sign(XML)).replaceAll("urn:oasis:names:tc:SAML:2.0:protocol", "urn:evil"),
      "assertion_structure_invalid",
    ],
    ["a Response without assertion", response(""), "assertion_structure_invalid"],
    ["two assertions", response(sign(XML) + XML.replace(ASSERTION_ID, "_2")), "assertion_structure_invalid"],
    ["an assertion deeper in the Response", response(`<a>${sign(XML)}</a>`), "assertion_structure_invalid"],
    ["another version", altered('Version="2.0"', 'Version="1.1"'), "assertion_structure_invalid"],
    ["no ID", XML.replace(`ID="${ASSERTION_ID}"`, ""), "assertion_structure_invalid"],
    [
      "two elements with the same ID",
      response(sign(XML)).replace("_response", ASSERTION_ID),
      "assertion_structure_invalid",
    ],
    [
      "a duplicate ID in an attribute named Id",
      sign(XML).replace("<saml:Subject>", `<saml:Subject Id="${ASSERTION_ID}">`),
      "assertion_structure_invalid",
    ],
    [
      "an encrypted assertion",
      response('<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'),
      "assertion_encrypted",
    ],
    ["an encrypted NameID", altered(/<saml:NameID.*<\/saml:NameID>/, "<saml:EncryptedID/>"), "assertion_encrypted"],
    ["an unknown issuer", altered(ISSUER, "https://evil.example.com"), "assertion_issuer_unknown"],
    ["no issuer", XML.replace(/<saml:Issuer>.*<\/saml:Issuer>/, ""), "assertion_issuer_unknown"],
    [
      "a Response of another issuer",
      response(sign(XML)).replace(ISSUER, "https://evil.example.com"),
      "assertion_issuer_unknown",
    ],
    [
      "a Response without Status",
      response(sign(XML)).replace(/<samlp:Status>.*<\/samlp:Status>/, ""),
      "assertion_status_not_success",
    ],
    [
      "a Response whose Status is not Success",
      response(sign(XML)).replace("status:Success", "status:Responder"),
      "assertion_status_not_success",
    ],
    [
      "a Response for another destination",
      response(sign(XML)).replace(`Destination="${RECIPIENT}"`, 'Destination="https://other.example.com"'),
      "assertion_destination_mismatch",
    ],
  ])("%s", async (_what, xml, reason) => {
    expect(await judgeXml(xml)).toBe(reason);
  });
});

describe("refuses a signature:", () => {
  const signed = sign(XML);
  test.each([
    ["a missing signature", XML, "assertion_unsigned"],
    ["a Response without a signature", responseXml(OPTIONS, XML), "assertion_unsigned"],
    ["a signature by an unknown key", signXml(XML, ASSERTION_ID, stranger), "assertion_signature_invalid"],
    ["a subject that differs from the signed one", signed.replace("alice@", "root@"), "assertion_signature_invalid"],
    [
      "an attribute that differs from the signed one",
      signed.replace(">alice@example.com</saml:AttributeValue>", ">root</saml:AttributeValue>"),
      "assertion_signature_invalid",
    ],
    [
      "an end later than the signed one",
      signed.replaceAll(iso(NOW + 300), iso(NOW + 3000)),
      "assertion_signature_invalid",
    ],
    ["a wrong digest", signed.replace(/<ds:DigestValue>.{4}/, "<ds:DigestValue>AAAA"), "assertion_signature_invalid"],
    [
      "a wrong signature value",
      signed.replace(/<ds:SignatureValue>.{4}/, "<ds:SignatureValue>AAAA"),
      "assertion_signature_invalid",
    ],
    [
      "a signature value with unused bits set",
      signed.replace(/(.)==<\/ds:SignatureValue>/, (_, last) => `${other(last)}==</ds:SignatureValue>`),
      "assertion_signature_invalid",
    ],
    [
      "a signature value with trailing data",
      signed.replace("==</ds:SignatureValue>", "==AA</ds:SignatureValue>"),
      "assertion_signature_invalid",
    ],
    [
      "a signature over another ID",
      signed.replace(`URI="#${ASSERTION_ID}"`, 'URI="#_other"'),
      "assertion_signature_invalid",
    ],
    [
      "a signature over the whole document",
      signed.replace(`URI="#${ASSERTION_ID}"`, 'URI=""'),
      "assertion_structure_invalid",
    ],
    [
      "too many prefixes",
      signed.replace(
        /(<ds:CanonicalizationMethod Algorithm="[^"]*") ?\/>/,
        `$1><InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${"a ".repeat(17)}"/></ds:CanonicalizationMethod>`,
      ),
      "assertion_too_complex",
    ],
    [
      "namespaces that a canonical SignedInfo would repeat without end",
      signed
        .replace("<saml:Assertion ", `$&xmlns:n='${'"'.repeat(1000)}' `)
        .replace("<ds:SignedInfo>", `$&${"<n:x/>".repeat(100)}`),
      "assertion_too_complex",
    ],
    [
      "namespaces that a canonical assertion would repeat without end",
      signed
        .replace("<saml:Assertion ", `$&xmlns:n='${'"'.repeat(1000)}' `)
        .replace("<saml:Subject>", `${"<n:x/>".repeat(100)}$&`),
      "assertion_too_complex",
    ],
    ["a second reference", signed.replace(/<ds:Reference.*<\/ds:Reference>/, "$&$&"), "assertion_structure_invalid"],
    ["a second signature", signed.replace(/<ds:Signature .*<\/ds:Signature>/, "$&$&"), "assertion_structure_invalid"],
    [
      "an object in the signature",
      signed.replace("</ds:Signature>", "<ds:Object/></ds:Signature>"),
      "assertion_structure_invalid",
    ],
    [
      "an HMAC with the certificate as its key",
      signed.replace(
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
      ),
      "assertion_algorithm_not_allowed",
    ],
    [
      "inclusive canonicalization",
      signed.replace(
        'CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#',
        'CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
      ),
      "assertion_algorithm_not_allowed",
    ],
    ["a third transform", signed.replace(/<ds:Transform .*?\/>/, "$&$&"), "assertion_algorithm_not_allowed"],
    ["no transforms", signed.replace(/<ds:Transforms>.*<\/ds:Transforms>/, ""), "assertion_algorithm_not_allowed"],
    [
      "an XPath transform",
      signed.replace(
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
      ),
      "assertion_algorithm_not_allowed",
    ],
    [
      "SHA-1 for a digest",
      signed.replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"),
      "assertion_algorithm_not_allowed",
    ],
    [
      "a signature in another namespace",
      signed.replace('xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', 'xmlns:ds="urn:evil"'),
      "assertion_structure_invalid",
    ],
  ])("%s", async (_what, xml, reason) => {
    expect(xml).not.toBe(signed);
    expect(await judgeXml(xml)).toBe(reason);
  });

  test("a signature by a certificate in the message itself", async () => {
    const body = stranger.certificate.replace(/-----.*-----|\s/g, "");
    const info = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
    const forged = signXml(XML, ASSERTION_ID, stranger).replace("</ds:Signature>", `${info}</ds:Signature>`);
    expect(await judge(encodeXml(forged, "deflate"))).toBe("assertion_signature_invalid");
  });

  test("an invalid Response signature around a validly signed assertion", async () => {
    const both = responseXml(OPTIONS, sign(XML));
    expect(await judge(encodeXml(signXml(both, "_response", stranger), "deflate"))).toBe("assertion_signature_invalid");
    expect(await judge(encodeXml(signXml(both, "_response", identity), "deflate"))).toHaveProperty("subject");
  });
});

describe("refuses an assertion", () => {
  const data = /<saml:SubjectConfirmationData[^>]*>/;
  const conditions = /<saml:Conditions.*<\/saml:Conditions>/;
  const restriction = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/;
  const audience = (name: string) =>
    `<saml:AudienceRestriction><saml:Audience>${name}</saml:Audience></saml:AudienceRestriction>`;
  test.each([
    [
      "for another audience",
      altered(`<saml:Audience>${AUDIENCE}`, "<saml:Audience>https://other.example.com"),
      "assertion_audience_mismatch",
    ],
    ["without audience", altered(restriction, ""), "assertion_audience_mismatch"],
    ["without conditions", altered(conditions, ""), "assertion_audience_mismatch"],
    [
      "with a second AudienceRestriction that is not met",
      altered(restriction, `$&${audience("https://other.example.com")}`),
      "assertion_audience_mismatch",
    ],
    [
      "with OneTimeUse but no replay table",
      altered(restriction, "$&<saml:OneTimeUse/>"),
      "assertion_condition_unknown",
    ],
    ["with an unknown condition", altered(restriction, "$&<saml:Condition/>"), "assertion_condition_unknown"],
    [
      "with an audience restriction of another namespace",
      altered(restriction, '$&<e:AudienceRestriction xmlns:e="urn:evil"/>'),
      "assertion_condition_unknown",
    ],
    [
      "for another recipient",
      altered(`Recipient="${RECIPIENT}"`, 'Recipient="https://other.example.com"'),
      "assertion_recipient_mismatch",
    ],
    ["without recipient", altered(`Recipient="${RECIPIENT}"`, ""), "assertion_recipient_mismatch"],
    [
      "without confirmation",
      altered(/<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/, ""),
      "assertion_confirmation_missing",
    ],
    ["with another confirmation method", altered("cm:bearer", "cm:holder-of-key"), "assertion_confirmation_missing"],
    ["whose confirmation has no data", altered(data, ""), "assertion_confirmation_missing"],
    [
      "whose confirmation has no end",
      altered(data, `<saml:SubjectConfirmationData Recipient="${RECIPIENT}"/>`),
      "assertion_expiry_missing",
    ],
    [
      "whose confirmation ends now",
      altered(data, `<saml:SubjectConfirmationData Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW)}"/>`),
      "assertion_expired",
    ],
    [
      "whose bearer confirmation has a NotBefore",
      altered(
        data,
        `<saml:SubjectConfirmationData Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW + 99)}" NotBefore="${iso(NOW - 60)}"/>`,
      ),
      "assertion_confirmation_missing",
    ],
    [
      "whose conditions end now",
      altered(/(<saml:Conditions .*?NotOnOrAfter=)"[^"]*"/, `$1"${iso(NOW)}"`),
      "assertion_expired",
    ],
    [
      "whose NotBefore is beyond the clock tolerance",
      altered(/NotBefore="[^"]*"/, `NotBefore="${iso(NOW + 31)}"`),
      "assertion_not_yet_valid",
    ],
    [
      "whose IssueInstant is beyond the clock tolerance",
      altered(/IssueInstant="[^"]*"/, `IssueInstant="${iso(NOW + 31)}"`),
      "assertion_issued_in_future",
    ],
    ["without IssueInstant", altered(/ IssueInstant="[^"]*"/, ""), "assertion_malformed"],
    [
      "whose AuthnInstant is beyond the clock tolerance",
      altered(/AuthnInstant="[^"]*"/, `AuthnInstant="${iso(NOW + 31)}"`),
      "assertion_issued_in_future",
    ],
    [
      "whose session has ended",
      altered("<saml:AuthnStatement ", `<saml:AuthnStatement SessionNotOnOrAfter="${iso(NOW)}" `),
      "assertion_expired",
    ],
    [
      "with a time that is not UTC",
      altered(/NotBefore="[^"]*"/, 'NotBefore="2026-03-02T10:00:00+01:00"'),
      "assertion_malformed",
    ],
    [
      "with an impossible date",
      altered(/NotBefore="[^"]*"/, 'NotBefore="2026-13-02T10:00:00Z"'),
      "assertion_malformed",
    ],
    ["without NameID", altered(/<saml:NameID.*<\/saml:NameID>/, ""), "assertion_subject_missing"],
    ["with an empty NameID", altered(/(<saml:NameID[^>]*>).*?</, "$1<"), "assertion_subject_missing"],
    ["with two NameIDs", altered(/<saml:NameID.*<\/saml:NameID>/, "$&$&"), "assertion_subject_missing"],
    ["with an element in its NameID", altered("alice@", "alice<b/>@"), "assertion_subject_missing"],
    ["with a control character in its NameID", altered("alice@", "alice&#10;root@"), "assertion_subject_missing"],
    ["without subject", altered(/<saml:Subject>.*<\/saml:Subject>/, ""), "assertion_subject_missing"],
    ["with an attribute called __proto__", altered('Name="mail"', 'Name="__proto__"'), "assertion_attribute_invalid"],
    ["with an attribute without name", altered('Name="mail"', ""), "assertion_attribute_invalid"],
  ])("%s", async (_what, xml, reason) => {
    expect(await judge(encodeXml(xml, "deflate"))).toBe(reason);
  });

  test.each([
    ["begins within the clock tolerance", altered(/NotBefore="[^"]*"/, `NotBefore="${iso(NOW + 30)}"`)],
    ["was issued within the clock tolerance", altered(/IssueInstant="[^"]*"/, `IssueInstant="${iso(NOW + 30)}"`)],
    ["ends in one second", altered(/(<saml:Conditions .*?NotOnOrAfter=)"[^"]*"/, `$1"${iso(NOW + 1)}"`)],
    ["has a ProxyRestriction", altered(restriction, '$&<saml:ProxyRestriction Count="0"/>')],
    [
      "has one valid confirmation among others",
      altered(
        "<saml:SubjectConfirmation ",
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"/>$&',
      ),
    ],
  ])("but accepts one that %s", async (_what, xml) => {
    expect(await judge(encodeXml(xml, "deflate"))).toHaveProperty("subject", "alice@example.com");
  });

  test("at the earliest end of conditions, confirmation and session", async () => {
    const session = altered("<saml:AuthnStatement ", `<saml:AuthnStatement SessionNotOnOrAfter="${iso(NOW + 100)}" `);
    expect(await judge(encodeXml(session, "deflate"))).toHaveProperty("expiresAt", NOW + 100);
    const confirmation = altered(
      data,
      `<saml:SubjectConfirmationData Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW + 50)}"/>`,
    );
    expect(await judge(encodeXml(confirmation, "deflate"))).toHaveProperty("expiresAt", NOW + 50);
  });

  test("whose authentication is older than maxAuthenticationAge", async () => {
    const strict = providerOf({ maxAuthenticationAge: 60 });
    expect(await judge(issue(), strict, { time: NOW + 60 })).toHaveProperty("subject");
    expect(await judge(issue(), strict, { time: NOW + 61 })).toBe("assertion_expired");
    const silent = encodeXml(altered(/<saml:AuthnStatement.*<\/saml:AuthnStatement>/, ""), "deflate");
    expect(await judge(silent)).toHaveProperty("subject");
    expect(await judge(silent, strict)).toBe("assertion_expiry_missing");
  });

  test("whose attribute values do not fit their mapping", async () => {
    const by = (attributes: object) => providerOf({ attributes });
    const many = issue({ attributes: { x: ["a", "b"], quote: 'a"b' } });
    expect(await judge(many, by({ tenant: "x" }))).toBe("assertion_attribute_invalid");
    expect(await judge(many, by({ attributes: { mail: "x" } }))).toBe("assertion_attribute_invalid");
    expect(await judge(many, by({ scopes: ["quote"] }))).toBe("assertion_attribute_invalid");
  });

  test.each([
    ["an element as a value", altered(/>alice@example.com<\/saml:AttributeValue/, "><b/></saml:AttributeValue")],
    [
      "a value that is too long",
      altered(/>alice@example.com<\/saml:AttributeValue/, `>${"x".repeat(1025)}</saml:AttributeValue`),
    ],
    [
      "too many values",
      altered(/<saml:AttributeValue>alice.*?<\/saml:AttributeValue>/, "<saml:AttributeValue/>".repeat(257)),
    ],
  ])("whose mapped attribute has %s, and ignores it in other attributes", async (_what, xml) => {
    const credential = encodeXml(xml, "deflate");
    expect(await judge(credential, providerOf({ attributes: { roles: ["mail"] } }))).toBe(
      "assertion_attribute_invalid",
    );
    expect(await judge(credential, providerOf({ attributes: { roles: ["groups"] } }))).toHaveProperty("roles", []);
  });
});

/** The base64 character that differs only in its last bit, which is unused. */
function other(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet[alphabet.indexOf(character) ^ 1] ?? "";
}

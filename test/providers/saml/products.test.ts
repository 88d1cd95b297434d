import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml, responseXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { NOW } from "../../fixtures.ts";
import { AUDIENCE, identity, judge, judgeXml, OPTIONS, providerOf, RECIPIENT } from "./fixture.ts";

/** Forms of assertions that products send. */
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const attributeXml = (name: string, ...values: readonly string[]) =>
  `<saml:Attribute Name="${name}">${values.join("")}</saml:Attribute>`;
const value = (text: string) => `<saml:AttributeValue>${text}</saml:AttributeValue>`;
const NOTHING = "<saml:AttributeValue/>";
const NIL = `<saml:AttributeValue ${XSI} xsi:nil="true"/>`;

const sign = (xml: string) => signXml(xml, ASSERTION_ID, identity);
const PLAIN = assertionXml(OPTIONS);
const withAttributes = (...attributes: readonly string[]) =>
  sign(
    PLAIN.replace(
      "</saml:Assertion>",
      `<saml:AttributeStatement>${attributes.join("")}</saml:AttributeStatement></saml:Assertion>`,
    ),
  );
function altered(from: string | RegExp, to: string): string {
  const xml = PLAIN.replace(from, to);
  if (xml === PLAIN) throw new Error(`${from} is not in the assertion`);
  return sign(xml);
}

const lists = providerOf({ attributes: { roles: ["Role", "group"], scopes: ["scope"] } });
const singles = providerOf({ attributes: { tenant: "tenant", attributes: { mail: "mail" } } });
const byUid = providerOf({ attributes: { subject: "uid" } });

describe("attributes of one name", () => {
  test("are united for roles and scopes, as Keycloak's role mapper sends them", async () => {
    const xml = withAttributes(
      attributeXml("Role", value("admin")),
      attributeXml("scope", value("orders:read")),
      attributeXml("Role", value("auditor"), value("admin")),
      attributeXml("scope", value("orders:write profile")),
    );
    expect(await judgeXml(xml, lists)).toMatchObject({
      roles: ["admin", "auditor"],
      scopes: ["orders:read", "orders:write", "profile"],
    });
  });

  test("are united within the maximum of values of one attribute", async () => {
    const half = attributeXml("Role", ...Array.from({ length: 128 }, (_, index) => value(`r${index}`)));
    const judged = (...attributes: readonly string[]) =>
      judge(encodeXml(withAttributes(...attributes), "deflate"), lists);
    expect(await judged(half, half)).toHaveProperty("roles.length", 128);
    expect(await judged(half, half, attributeXml("Role", value("one")))).toBe("assertion_attribute_invalid");
  });

  test.each([
    ["two values", value("a"), value("b")],
    ["the same value twice", value("a"), value("a")],
    ["an empty second one", value("a"), NOTHING],
    ["an empty first one", NIL, value("a")],
  ])("are refused where one value is wanted: %s", async (_what, first, second) => {
    const invalid = "assertion_attribute_invalid";
    const twice = (name: string) => withAttributes(attributeXml(name, first), attributeXml(name, second));
    expect(await judgeXml(twice("tenant"), singles)).toBe(invalid);
    expect(await judgeXml(twice("mail"), singles)).toBe(invalid);
    expect(await judgeXml(twice("uid"), byUid)).toBe(invalid);
    expect(await judgeXml(twice("other"), singles)).toHaveProperty("subject");
  });

  test("refuses one attribute with two values where one is wanted", async () => {
    const xml = withAttributes(attributeXml("tenant", value("a"), value("b")));
    expect(await judgeXml(xml, singles)).toBe("assertion_attribute_invalid");
  });
});

describe("an empty value is left out:", () => {
  test.each([
    ["an empty element", NOTHING],
    ["white space", value("\n  ")],
    ["xsi:nil", NIL],
    ["xsi:nil as 1", `<saml:AttributeValue ${XSI} xsi:nil="1"></saml:AttributeValue>`],
    ["no value at all", ""],
  ])("%s", async (_what, empty) => {
    const roles = withAttributes(attributeXml("Role", empty, value("admin"), empty), attributeXml("scope", empty));
    expect(await judgeXml(roles, lists)).toMatchObject({ roles: ["admin"], scopes: [] });
    const found = await judgeXml(withAttributes(attributeXml("tenant", empty), attributeXml("mail", empty)), singles);
    expect(found).toMatchObject({ subject: OPTIONS.subject, attributes: {} });
    expect(found).not.toHaveProperty("tenant");
    expect(await judgeXml(withAttributes(attributeXml("uid", empty)), byUid)).toBe("assertion_subject_missing");
  });

  test("but a null with content is refused", async () => {
    const xml = withAttributes(
      attributeXml("Role", `<saml:AttributeValue ${XSI} xsi:nil="true">admin</saml:AttributeValue>`),
    );
    expect(await judgeXml(xml, lists)).toBe("assertion_attribute_invalid");
    expect(await judgeXml(xml, singles)).toHaveProperty("subject");
  });

  test("and nil of another namespace, or false, is no null", async () => {
    const own = withAttributes(attributeXml("Role", '<saml:AttributeValue nil="true">admin</saml:AttributeValue>'));
    expect(await judgeXml(own, lists)).toHaveProperty("roles", ["admin"]);
    const filled = `<saml:AttributeValue ${XSI} xsi:nil="false">admin</saml:AttributeValue>`;
    expect(await judgeXml(withAttributes(attributeXml("Role", filled)), lists)).toHaveProperty("roles", ["admin"]);
  });
});

describe("attributes.subject", () => {
  const nameId = /<saml:NameID.*<\/saml:NameID>/;
  const uid = `<saml:AttributeStatement>${attributeXml("uid", value("a-1"))}</saml:AttributeStatement></saml:Assertion>`;
  const named = PLAIN.replace("</saml:Assertion>", uid);

  test.each([
    ["no NameID, as AD FS sends by default", named.replace(nameId, "")],
    ["an empty NameID", named.replace(nameId, "<saml:NameID/>")],
    ["a NameID of something else", named],
    ["a NameID that is no text", named.replace(nameId, "<saml:NameID><b/></saml:NameID>")],
  ])("names the subject of an assertion with %s", async (_what, xml) => {
    expect(await judgeXml(sign(xml), byUid)).toHaveProperty("subject", "a-1");
  });

  test("needs a Subject with a bearer confirmation all the same", async () => {
    const subject = /<saml:Subject>.*<\/saml:Subject>/;
    expect(await judgeXml(sign(named.replace(subject, "")), byUid)).toBe("assertion_subject_missing");
    expect(await judgeXml(sign(named.replace(subject, "<saml:Subject/>")), byUid)).toBe(
      "assertion_confirmation_missing",
    );
  });

  test("does not make the NameID optional for other entries", async () => {
    expect(await judgeXml(sign(named.replace(nameId, "")))).toBe("assertion_subject_missing");
  });
});

describe("SPNameQualifier", () => {
  const qualified = (by: string) => altered("<saml:NameID ", `<saml:NameID SPNameQualifier="${by}" `);
  test("may be one of our audiences, or empty", async () => {
    expect(await judgeXml(qualified(AUDIENCE))).toHaveProperty("subject");
    expect(await judgeXml(qualified(""))).toHaveProperty("subject");
    const second = providerOf({}, { audience: ["https://first.example.com", AUDIENCE] });
    expect(await judgeXml(qualified(AUDIENCE), second)).toHaveProperty("subject");
  });

  test("of another service provider is refused", async () => {
    expect(await judgeXml(qualified("https://other.example.com"))).toBe("assertion_subject_missing");
    const uid = attributeXml("uid", value("a-1"));
    const xml = sign(
      PLAIN.replace("<saml:NameID ", '<saml:NameID SPNameQualifier="https://other.example.com" ').replace(
        "</saml:Assertion>",
        `<saml:AttributeStatement>${uid}</saml:AttributeStatement></saml:Assertion>`,
      ),
    );
    expect(await judgeXml(xml, byUid)).toBe("assertion_subject_missing");
  });
});

describe("the Issuer's Format", () => {
  test.each([
    ["entity", "urn:oasis:names:tc:SAML:2.0:nameid-format:entity", true],
    ["unspecified", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", true],
    ["another one", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", false],
  ])("%s", async (_what, format, isAccepted) => {
    const found = await judgeXml(altered("<saml:Issuer>", `<saml:Issuer Format="${format}">`));
    if (isAccepted) expect(found).toHaveProperty("subject");
    else expect(found).toBe("assertion_issuer_unknown");
    const response = responseXml(OPTIONS, sign(PLAIN)).replace("<saml:Issuer ", `<saml:Issuer Format="${format}" `);
    expect(await judgeXml(response)).toEqual(isAccepted ? expect.anything() : "assertion_issuer_unknown");
  });
});

describe("an XML declaration", () => {
  test.each([
    `<?xml version="1.0"?>`,
    `<?xml version="1.0" ?>\n`,
    `<?xml version='1.0' encoding='utf-8'?>\r\n`,
    `<?xml  version = "1.0"\n encoding\t=\t"UTF-8"  standalone = 'no' ?>`,
    `<?xml version="1.0" standalone="yes"?>`,
  ])("is accepted: %j", async (declaration) => {
    expect(await judgeXml(`${declaration}${sign(PLAIN)}`)).toHaveProperty("subject");
  });

  test.each([
    `<?xml version="1.1"?>`,
    `<?xml version="1.0" encoding="UTF-16"?>`,
    `<?xml version="1.0" encoding="ISO-8859-1"?>`,
    `<?xml encoding="UTF-8" version="1.0"?>`,
    `<?xml version="1.0'?>`,
    `<?xml version="1.0"encoding="UTF-8"?>`,
    `<?XML version="1.0"?>`,
    `<?xml?>`,
    `<?xml version="1.0"?><?xml version="1.0"?>`,
    `<?xml version="1.0" other="1"?>`,
  ])("is refused: %j", async (declaration) => {
    expect(await judgeXml(`${declaration}${sign(PLAIN)}`)).toBe("assertion_xml_forbidden");
  });
});

describe("several of what may occur several times:", () => {
  const iso = (time: number) => new Date(time * 1000).toISOString();
  const bearer = (data: string) =>
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData ${data}/></saml:SubjectConfirmation>`;
  const good = bearer(`Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW + 60)}"`);
  const bad = bearer(`Recipient="https://other.example.com" NotOnOrAfter="${iso(NOW + 60)}"`);
  const late = bearer(`Recipient="${RECIPIENT}" NotOnOrAfter="${iso(NOW)}"`);
  const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;

  test.each([
    ["first", `${good}${bad}${late}`],
    ["second", `${bad}${good}${late}`],
    ["last", `${bad}${late}${good}`],
  ])("one bearer confirmation that holds is enough, and it is the %s", async (_place, confirmations) => {
    expect(await judgeXml(altered(confirmation, confirmations))).toHaveProperty("expiresAt", NOW + 60);
  });

  test("parts of two confirmations do not make one", async () => {
    expect(await judgeXml(altered(confirmation, `${bad}${late}`))).toBe("assertion_expired");
    expect(await judgeXml(altered(confirmation, `${late}${bad}`))).toBe("assertion_recipient_mismatch");
  });

  const audience = (...names: readonly string[]) =>
    `<saml:AudienceRestriction>${names.map((name) => `<saml:Audience>${name}</saml:Audience>`).join("")}</saml:AudienceRestriction>`;
  const restriction = /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/;

  test.each([
    ["first", [AUDIENCE, "https://other.example.com"]],
    ["last", ["https://other.example.com", "https://third.example.com", AUDIENCE]],
  ])("one Audience of a restriction that is ours is enough, and it is the %s", async (_place, names) => {
    expect(await judgeXml(altered(restriction, audience(...names)))).toHaveProperty("subject");
  });

  test("every restriction must be met", async () => {
    const other = audience("https://other.example.com", "https://third.example.com");
    for (const both of [`${audience(AUDIENCE)}${other}`, `${other}${audience(AUDIENCE)}`]) {
      expect(await judgeXml(altered(restriction, both))).toBe("assertion_audience_mismatch");
    }
  });
});

import { describe, expect, test } from "vitest";
import { ASSERTION_ID, assertionXml, encodeXml } from "../../../local/stage/saml/identity-provider.ts";
import { signXml } from "../../../local/stage/saml/signing.ts";
import { AUDIENCE, ISSUER, identity, judge, judgeXml, OPTIONS, providerOf } from "./fixture.ts";

/** Code points that JavaScript's `trim` or `\s`, or another language's, counts as white space, and XML does not. */
const NOT_OF_XML = [0xa0, 0x1680, 0x180e, 0x2003, 0x200b, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff];
/** White space of XML, as references: raw, the signer would make a tab in an attribute a space. */
const OF_XML = ["&#x20;", "&#x9;", "&#xA;", "&#xD;"];
const everywhere = NOT_OF_XML.map((code) => [`U+${code.toString(16).padStart(4, "0").toUpperCase()}`, code] as const);
const reference = (code: number) => `&#x${code.toString(16)};`;

const PLAIN = assertionXml({ ...OPTIONS, attributes: { uid: "a-1", role: "admin" } });
/** A signed assertion in which a text is replaced by markup. */
function signed(text: string, markup: string): string {
  const xml = PLAIN.replace(`>${text}<`, `>${markup}<`);
  if (xml === PLAIN) throw new Error(`${text} is not in the assertion`);
  return signXml(xml, ASSERTION_ID, identity);
}
const byUid = providerOf({ attributes: { subject: "uid" } });
const byRole = providerOf({ attributes: { roles: ["role"], attributes: { note: "role" } } });

describe("white space at the edges of the subject is refused, because another reader would see another caller:", () => {
  const places = [...everywhere.map(([name, code]) => [name, reference(code)]), ...OF_XML.map((each) => [each, each])];
  test.each(places)("%s", async (_name, space) => {
    for (const markup of [`${space}alice@example.com`, `alice@example.com${space}`]) {
      expect(await judgeXml(signed("alice@example.com", markup))).toBe("assertion_subject_missing");
    }
    for (const markup of [`${space}a-1`, `a-1${space}`, space ?? ""]) {
      expect(await judgeXml(signed("a-1", markup), byUid)).toBe("assertion_subject_missing");
    }
  });

  test("but not a space within it", async () => {
    expect(await judgeXml(signed("alice@example.com", "Alice Example"))).toHaveProperty("subject", "Alice Example");
  });
});

describe("of other values", () => {
  test.each(everywhere)("%s at an edge is a part", async (_name, code) => {
    const space = String.fromCodePoint(code);
    const role = await judgeXml(signed("admin", `${reference(code)}admin${reference(code)}`), byRole);
    expect(role).toMatchObject({ roles: [`${space}admin${space}`], attributes: { note: `${space}admin${space}` } });
    expect(await judgeXml(signed(AUDIENCE, `${AUDIENCE}${reference(code)}`))).toBe("assertion_audience_mismatch");
    expect(await judgeXml(signed(ISSUER, `${ISSUER}${reference(code)}`))).toBe("assertion_issuer_unknown");
  });

  test.each(OF_XML)("white space of XML (%s) at the edges is removed", async (space) => {
    const role = await judgeXml(signed("admin", `${space}admin${space}`), byRole);
    expect(role).toMatchObject({ roles: ["admin"], attributes: { note: "admin" } });
    expect(await judgeXml(signed(AUDIENCE, `${space}${AUDIENCE}${space}`))).toHaveProperty("subject");
    expect(await judgeXml(signed(ISSUER, `${space}${ISSUER}${space}`))).toHaveProperty("subject");
  });
});

describe("what is read is what was signed:", () => {
  test.each([
    ["U+0085", 0x85],
    ["U+2028", 0x2028],
    ["CR", 0x0d],
    ["LF", 0x0a],
  ])("%s within a value, as a reference", async (_name, code) => {
    const char = String.fromCodePoint(code);
    const xml = signed("admin", `ad${reference(code)}min`).replaceAll(/ad[^<]*min/g, `ad${reference(code)}min`);
    const by = providerOf({ attributes: { attributes: { note: "role" } } });
    expect(await judgeXml(xml, by)).toHaveProperty("attributes", { note: `ad${char}min` });
  });

  test.each([
    ["U+0085", "\u0085"],
    ["U+2028", "\u2028"],
    ["LF", "\n"],
  ])("%s within a value, raw", async (_name, char) => {
    const xml = signed("admin", `ad${reference(char.charCodeAt(0))}min`).replace(/ad[^<]*min/, `ad${char}min`);
    const by = providerOf({ attributes: { attributes: { note: "role" } } });
    expect(await judgeXml(xml, by)).toHaveProperty("attributes", { note: `ad${char}min` });
  });

  test.each([
    ["CR LF", "\r\n"],
    ["CR", "\r"],
  ])("%s, raw, is LF, as XML says", async (_name, end) => {
    const xml = signed("admin", "ad&#xA;min").replace(/ad\s*min/, `ad${end}min`);
    const by = providerOf({ attributes: { attributes: { note: "role" } } });
    expect(await judgeXml(xml, by)).toHaveProperty("attributes", { note: "ad\nmin" });
  });

  test.each([
    ["U+0085", "\u0085"],
    ["U+2028", "\u2028"],
  ])("%s, put in place of a signed line end, breaks the signature", async (_name, char) => {
    const xml = signed("admin", "ad&#xA;min").replace(/ad\s*min/, `ad${char}min`);
    expect(await judgeXml(xml, byRole)).toBe("assertion_signature_invalid");
  });
});

describe("refuses markup in which other characters stand for white space:", () => {
  const xml = signXml(PLAIN, ASSERTION_ID, identity);
  test.each(everywhere.concat([["U+0085", 0x85]]))("%s", async (_name, code) => {
    const space = String.fromCodePoint(code);
    const reasons = ["assertion_malformed", "assertion_structure_invalid"];
    const texts = [
      xml.replace(" Recipient=", `${space}Recipient=`),
      xml.replace("</saml:Subject>", `</saml:Subject${space}>`),
      xml.replace("<saml:Subject>", `<saml:Subject${space}>`),
      `${xml}${space}`,
      `<?xml version="1.0"${space}?>${xml}`,
    ];
    for (const text of texts) {
      expect([...reasons, "assertion_xml_forbidden"]).toContain(await judge(encodeXml(text, "deflate")));
    }
  });

  test.each([
    ["before the name of an attribute", " Recipient=", " \u0080Recipient="],
    ["behind the name of an attribute", " Recipient=", " Recipient\u0080="],
    ["behind the name of an element", /(<\/?saml:NameID)/g, "$1\u0080"],
  ])("U+0080, which the parser takes for it, %s", async (_where, from, to) => {
    const other = xml.replace(from, to);
    expect(other).not.toBe(xml);
    expect(await judgeXml(other)).toBe("assertion_malformed");
  });
});

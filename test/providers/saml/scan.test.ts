import { describe, expect, test } from "vitest";
import { LOOSE_LIMITS, scanXml, XML_LIMITS } from "../../../providers/saml/xml/scan.ts";
import { Refusal } from "../../../shared/domain/reasons/errors.ts";

/** What a text is refused for before it is parsed; undefined if it is parsed. */
function refusalOf(xml: string, limits = XML_LIMITS): string | undefined {
  try {
    scanXml(xml, limits);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

const nested = (depth: number) => `${"<a>".repeat(depth)}${"</a>".repeat(depth)}`;
const within = (count: number, markup: (index: number) => string) =>
  `<a>${Array.from({ length: count }, (_, index) => markup(index)).join("")}</a>`;
const attributes = (count: number) => Array.from({ length: count }, (_, index) => ` b${index}="1"`).join("");

describe("a text is parsed up to each limit, and refused as too complex beyond it:", () => {
  test.each<[string, number, (count: number) => string]>([
    ["elements", 300, (count) => within(count - 1, () => "<b/>")],
    ["distinct names", 64, (count) => within(count - 1, (index) => `<b${index}/>`)],
    ["open elements", 16, nested],
    ["attributes of one element", 24, (count) => `<a${attributes(count)}/>`],
    ["attributes of all elements", 600, spread],
    ["references", 1000, (count) => within(count, () => "&amp;")],
  ])("%s: %s", (_what, limit, xml) => {
    expect(refusalOf(xml(limit))).toBeUndefined();
    expect(refusalOf(xml(limit + 1))).toBe("assertion_too_complex");
    expect(refusalOf(xml(limit + 1), LOOSE_LIMITS)).toBeUndefined();
  });

  /** Attributes in elements of twenty each. */
  function spread(count: number): string {
    const full = within(Math.floor(count / 20), () => `<b${attributes(20)}/>`);
    return full.replace("<a>", `<a${attributes(count % 20)}>`);
  }

  test("a name of 128 characters, but not of 129", () => {
    const named = (length: number) => `<${"a".repeat(length)}></${"a".repeat(length)}>`;
    const empty = (length: number) => `<${"a".repeat(length)}/>`;
    for (const xml of [named, empty]) {
      expect(refusalOf(xml(128))).toBeUndefined();
      expect(refusalOf(xml(129))).toBe("assertion_malformed");
    }
  });
});

describe("what the parser would accept and repair, or read in two ways, is refused:", () => {
  test.each([
    ["nothing", "", "assertion_malformed"],
    ["white space alone", "\n", "assertion_malformed"],
    ["a start tag without its end", "<a", "assertion_malformed"],
    ["an empty element without its end", "<a/", "assertion_malformed"],
    ["a second end without its >", "<a></a", "assertion_malformed"],
    ["an end without its >, and a character in its place", "<a></ax", "assertion_malformed"],
    ["an element without its end", "<a>", "assertion_malformed"],
    ["a < in the name of an element", "<a<b></a<b>", "assertion_malformed"],
    ["a < in the name of an attribute", '<a b<c="1"/>', "assertion_malformed"],
    ["a tag within a tag", "<a <b/></a>", "assertion_malformed"],
    ["a tag within a value", `<a b="<c/>"/>`, "assertion_malformed"],
    ["a value that does not end", `<a b="1/>`, "assertion_malformed"],
    ["a tag without a name", "<></>", "assertion_malformed"],
    ["white space before a name", "< a/>", "assertion_malformed"],
    ["white space before the name of an end", "<a></ a>", "assertion_malformed"],
    ["a line end before the name of an end", "<a></\ra>", "assertion_malformed"],
    ["a second slash at the end of a tag", '<a b="1"//>', "assertion_malformed"],
    ["a slash between attributes", '<a b="1" / c="2"/>', "assertion_malformed"],
    ["attributes without white space between them", '<a b="1"c="2"/>', "assertion_malformed"],
    ["an attribute without a value", "<a b/>", "assertion_malformed"],
    ["an attribute without quotes", "<a b=1/>", "assertion_malformed"],
    ["a value without a name", '<a "1"/>', "assertion_malformed"],
    ["a value behind a value", '<a b="1""2"/>', "assertion_malformed"],
    ["a value in the name of an element", '<a"1"/>', "assertion_malformed"],
    ["a value in the name of an attribute", `<a b'1'="2"/>`, "assertion_malformed"],
    ["U+0080 behind the name of an element", "<r><a\u0080></a\u0080><b/></r>", "assertion_malformed"],
    ["U+0080 before the name of an attribute", '<a \u0080b="1"/>', "assertion_malformed"],
    ["U+0080 behind the name of an attribute", '<a b\u0080="1"/>', "assertion_malformed"],
    ["an attribute with two equals signs", '<a b=="1"/>', "assertion_malformed"],
    ["an end before its start", "</a>", "assertion_malformed"],
    ["crossing tags", "<a><b></a></b>", "assertion_malformed"],
    ["an element that is not closed", "<a><b></a>", "assertion_malformed"],
    ["two root elements", "<a></a><a></a>", "assertion_structure_invalid"],
    ["two empty root elements", "<a/><a/>", "assertion_structure_invalid"],
    ["text before the root element", "x<a/>", "assertion_structure_invalid"],
    ["text behind the root element", "<a/>x", "assertion_structure_invalid"],
    ["a reference at the start of the text", "&x;<a/>", "assertion_xml_forbidden"],
    ["a processing instruction at the start", "<?x?><a/>", "assertion_xml_forbidden"],
    ["a comment at the end", "<a/><!-- -->", "assertion_xml_forbidden"],
    ["a declaration that is not at the start", '\n<?xml version="1.0"?><a/>', "assertion_xml_forbidden"],
  ])("%s", (_what, xml, reason) => {
    expect(refusalOf(xml)).toBe(reason);
  });
});

describe("is parsed:", () => {
  test.each([
    ["a > in a value", `<a b=">"/>`],
    ["quotes of the other kind in a value", `<a b="'" c='"'></a>`],
    ["a / at the end of a value", `<a b="/"></a>`],
    ["a value that ends an empty element", `<a b="1"/>`],
    ["the end of CDATA in a value", `<a b="]]>"/>`],
    ["a > in text", "<a>></a>"],
    ["U+0080 in text and in a value", '<a b="\u0080">\u0080</a>'],
    ["line ends in tags", '<a\nb="1"\t><c\n/></a\r\n>'],
    ["white space around the root element", " \n<a/>\t\r "],
  ])("%s", (_what, xml) => {
    expect(refusalOf(xml)).toBeUndefined();
  });
});

describe("a reference", () => {
  test.each([
    "&amp;",
    "&lt;",
    "&gt;",
    "&quot;",
    "&apos;",
    "&#9;",
    "&#x20;",
    "&#1114111;",
    "&#x10FFFF;",
    "&#xd7ff;",
    "&#xE000;",
  ])("%s is parsed", (reference) => {
    expect(refusalOf(`<a>${reference}</a>`)).toBeUndefined();
    expect(refusalOf(`<a b="${reference}"/>`)).toBeUndefined();
  });

  test.each(["&#x110000;", "&#1114112;", "&#xD800;", "&#xDFFF;", "&#0;", "&#x1f;", "&#xFFFE;", "&#65535;"])(
    "%s to what is no character of XML is malformed",
    (reference) => {
      expect(refusalOf(`<a>${reference}</a>`)).toBe("assertion_malformed");
    },
  );

  test.each([
    "&",
    "&;",
    "&#;",
    "&#x;",
    "&nbsp;",
    "&AMP;",
    "&ampx;",
    "&amp",
    "& amp;",
    "&#x0000041;",
    "&#00000065;",
    "&#xG;",
  ])("%s, which is none of XML's own or is too long, is forbidden", (reference) => {
    expect(refusalOf(`<a>&amp;${reference}</a>`)).toBe("assertion_xml_forbidden");
  });
});

test.each([0x00, 0x08, 0x0b, 0x0c, 0x0e, 0x1f, 0xfffe, 0xffff])("the character %s is refused, raw", (code) => {
  expect(refusalOf(`<a>${String.fromCharCode(code)}</a>`)).toBe("assertion_malformed");
});

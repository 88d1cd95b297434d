import { describe, expect, test } from "vitest";
import { canonicalForm } from "../../../providers/saml/xml/canonical.ts";
import { descendants, parseXml } from "../../../providers/saml/xml/document.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";

/**
 * Exclusive XML Canonicalization 1.0. The results are written by hand from the recommendation. `npm run
 * oracle:libxml2` compares random documents with libxml2.
 */
function canonical(xml: string, prefixList = "", place = 0): string {
  const method = parseXml(
    `<m><InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}" PrefixList="${prefixList}"/></m>`,
  );
  const element = descendants(parseXml(xml))[place];
  if (!element) throw new Error("no element");
  return canonicalForm(element, method, 1_000_000);
}

describe("the canonical form", () => {
  test.each([
    ["writes an empty element with both tags", "<a/>", "<a></a>"],
    ["leaves out a namespace that is not used", '<a xmlns:b="urn:b"/>', "<a></a>"],
    [
      "writes a namespace where it is first used",
      '<a xmlns:b="urn:b"><b:c/></a>',
      '<a><b:c xmlns:b="urn:b"></b:c></a>',
    ],
    [
      "orders prefixes by code point, the default first",
      '<b:c xmlns:b="urn:b" xmlns:B="urn:B" xmlns:é="urn:e" é:d="" B:d="" b:d=""/>',
      '<b:c xmlns:B="urn:B" xmlns:b="urn:b" xmlns:é="urn:e" B:d="" b:d="" é:d=""></b:c>',
    ],
    [
      "orders attributes by namespace and then by name",
      '<a xmlns:p="urn:ab" xmlns:q="urn:a" p:a="" q:z="" q:bz="" z="" b=""/>',
      '<a xmlns:p="urn:ab" xmlns:q="urn:a" b="" z="" q:bz="" q:z="" p:a=""></a>',
    ],
    [
      "orders attributes of one namespace by their local names, whatever their prefixes",
      '<a xmlns:p="urn:a" xmlns:q="urn:a" p:z="" q:b=""/>',
      '<a xmlns:p="urn:a" xmlns:q="urn:a" q:b="" p:z=""></a>',
    ],
    [
      "takes an attribute without a prefix for one without a namespace",
      '<a xmlns="urn:a" b=""/>',
      '<a xmlns="urn:a" b=""></a>',
    ],
    [
      "orders characters beyond the first plane last",
      '<a xmlns:p="urn:\u{1d4b3}" xmlns:q="urn:\u{fb01}" p:x="" q:x=""/>',
      '<a xmlns:p="urn:\u{1d4b3}" xmlns:q="urn:\u{fb01}" q:x="" p:x=""></a>',
    ],
    ["keeps an attribute whose name begins with xmlns", '<a xmlnsx="1"/>', '<a xmlnsx="1"></a>'],
    [
      "writes a prefix again whenever its namespace changes",
      '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"/></p:b></p:a>',
      '<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"><p:c xmlns:p="urn:1"></p:c></p:b></p:a>',
    ],
    [
      "undeclares the default namespace once",
      '<a xmlns="urn:a"><b xmlns=""><c/></b></a>',
      '<a xmlns="urn:a"><b xmlns=""><c></c></b></a>',
    ],
    ["needs no declaration of xml", '<a xml:lang="en"/>', '<a xml:lang="en"></a>'],
    ["escapes a namespace", '<a xmlns="urn:a&amp;b"/>', '<a xmlns="urn:a&amp;b"></a>'],
    [
      "escapes text and attributes, each in its own way",
      `<a b='&lt;>&amp;"&#9;&#10;&#13;'>&lt;&gt;&amp;"\t\n&#13;</a>`,
      '<a b="&lt;>&amp;&quot;&#x9;&#xA;&#xD;">&lt;&gt;&amp;"\t\n&#xD;</a>',
    ],
    ["writes CDATA as text", "<a>b<![CDATA[<c>]]></a>", "<a>b&lt;c&gt;</a>"],
    ["leaves out comments", "<a>b<!-- x --><!---->c</a>", "<a>bc</a>"],
  ])("%s", (_what, xml, expected) => expect(canonical(xml)).toBe(expected));

  test.each([
    [
      "writes a listed prefix where it is declared",
      '<a xmlns:b="urn:b"><c/></a>',
      "b",
      0,
      '<a xmlns:b="urn:b"><c></c></a>',
    ],
    ["writes a listed prefix that is inherited", '<a xmlns:b="urn:b"><c/></a>', "b", 1, '<c xmlns:b="urn:b"></c>'],
    [
      "writes the nearest declaration",
      '<a xmlns:b="urn:1"><c xmlns:b="urn:2"><d/></c></a>',
      "b",
      2,
      '<d xmlns:b="urn:2"></d>',
    ],
    ["leaves out a listed prefix that is not declared", "<a><c/></a>", "b x", 0, "<a><c></c></a>"],
    [
      "writes the default namespace if it is listed",
      '<a xmlns="urn:a"><b:c xmlns:b="urn:b"/></a>',
      "#default",
      1,
      '<b:c xmlns="urn:a" xmlns:b="urn:b"></b:c>',
    ],
    [
      "reads a list with any white space of XML",
      '<a xmlns:b="urn:b" xmlns:c="urn:c" xmlns:d="urn:d" xmlns="urn:a"><p:e xmlns:p="urn:p"/></a>',
      " b &#9;c&#10;&#13;d",
      1,
      '<p:e xmlns:b="urn:b" xmlns:c="urn:c" xmlns:d="urn:d" xmlns:p="urn:p"></p:e>',
    ],
    [
      "takes an attribute with the name of a listed prefix, and a prefix as long as xmlns, for no declaration",
      '<a xmlns:abcde="urn:p" abcde:xs="urn:x"/>',
      "xs",
      0,
      '<a xmlns:abcde="urn:p" abcde:xs="urn:x"></a>',
    ],
  ])("%s", (_what, xml, listed, place, expected) => expect(canonical(xml, listed, place)).toBe(expected));

  test.each([
    ["of another name", `<c:Prefixes xmlns:c="${NAMESPACES.canonicalization}" PrefixList="b"/>`],
    ["of another namespace", '<InclusiveNamespaces xmlns="urn:c" PrefixList="b"/>'],
    ["without one", `<InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}"/>`],
  ])("reads no list of prefixes in an element %s", (_what, inside) => {
    const element = parseXml('<a xmlns:b="urn:b"/>');
    expect(canonicalForm(element, parseXml(`<m>${inside}</m>`), 1000)).toBe("<a></a>");
  });

  test("reads sixteen listed prefixes, and no more", () => {
    const list = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`).join(" ");
    expect(canonical("<a/>", list(16))).toBe("<a></a>");
    expect(() => canonical("<a/>", list(17))).toThrow(expect.objectContaining({ reason: "assertion_too_complex" }));
  });

  test("leaves the element as it was", () => {
    const element = parseXml('<a xmlns:b="urn:b"><c/></a>').firstChild as Element;
    canonicalForm(
      element,
      parseXml(`<m><InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}" PrefixList="b"/></m>`),
      1000,
    );
    expect(element.attributes).toHaveLength(0);
  });
});

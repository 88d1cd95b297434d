import { describe, expect, test } from "vitest";
import {
  attribute,
  base64Of,
  children,
  descendants,
  instantOf,
  is,
  onlyChild,
  parseXml,
  textOf,
} from "../../../providers/saml/xml/document.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { NOW } from "../../fixtures.ts";

const refused = (reason: string) => expect.objectContaining({ reason });
const MALFORMED = refused("assertion_malformed");
const names = (elements: readonly Element[]) => elements.map(({ tagName }) => tagName);

describe("what is not XML is refused, and not repaired:", () => {
  test.each(["", "hello", "<a>", "<a></b>", "<a b=c/>", "<a b/>", '<a b="1"b="2"/>', '<a b="1" b="2"/>'])(
    "%j",
    (text) => {
      expect(() => parseXml(text)).toThrow(MALFORMED);
    },
  );

  test("but for two attributes of one name, one with a prefix and one without", () => {
    expect(parseXml('<a xmlns:p="undefined" xmlns:q="null" p:b="" q:b="" b=""/>').attributes).toHaveLength(5);
  });

  test("and what is XML is read as it stands", () => {
    expect(parseXml("<a>\u0085\u2028\n</a>").textContent).toBe("\u0085\u2028\n");
  });
});

describe("elements", () => {
  const root = parseXml(
    `<a xmlns:s="${NAMESPACES.assertion}">1<b/>2<s:b><c/></s:b><d xmlns="${NAMESPACES.assertion}"/><s:d/><!-- --></a>`,
  );

  test("are found by name and namespace, or all of them, without those below", () => {
    expect(names(children(root))).toEqual(["b", "s:b", "d", "s:d"]);
    expect(names(children(root, "assertion", "b"))).toEqual(["s:b"]);
    expect(names(children(root, "assertion", "d"))).toEqual(["d", "s:d"]);
    expect(names(children(root, "assertion", "c"))).toEqual([]);
    expect(names(children(root, "protocol", "d"))).toEqual([]);
  });

  test("have a name in a namespace", () => {
    const [plain, saml] = children(root) as [Element, Element];
    expect(is(saml, "assertion", "b")).toBe(true);
    expect(is(saml, "assertion", "d")).toBe(false);
    expect(is(saml, "protocol", "b")).toBe(false);
    expect(is(plain, "assertion", "b")).toBe(false);
  });

  test("that may occur once are refused twice", () => {
    expect(onlyChild(root, "assertion", "b")?.tagName).toBe("s:b");
    expect(onlyChild(root, "assertion", "c")).toBeUndefined();
    expect(() => onlyChild(root, "assertion", "d")).toThrow(refused("assertion_structure_invalid"));
    expect(() => onlyChild(root, "assertion", "d", "assertion_malformed")).toThrow(MALFORMED);
  });

  test("and all below them are found in the order of the document, and nothing beside them", () => {
    const tree = parseXml("<a>1<b><c/>2<d><e/></d></b><f/>3</a>");
    expect(names(descendants(tree))).toEqual(["a", "b", "c", "d", "e", "f"]);
    const [below] = children(tree) as [Element];
    expect(names(descendants(below))).toEqual(["b", "c", "d", "e"]);
    const [, last] = children(tree) as [Element, Element];
    expect(names(descendants(last))).toEqual(["f"]);
  });
});

describe("the text of an element", () => {
  test("is what stands in it, and there is none in one with elements", () => {
    expect(textOf(parseXml("<a> b&amp;c </a>"), "assertion_malformed")).toBe(" b&c ");
    expect(textOf(parseXml("<a/>"), "assertion_malformed")).toBe("");
    expect(() => textOf(parseXml("<a>b<c/></a>"), "assertion_malformed")).toThrow(MALFORMED);
  });

  test("that is base64 may have line ends, and has one spelling", () => {
    const decoded = (text: string) => base64Of(parseXml(`<a>${text}</a>`), "assertion_malformed").toString();
    expect(decoded("aGk=")).toBe("hi");
    expect(decoded("\n\taG \nk=&#13;\n")).toBe("hi");
    expect(decoded("")).toBe("");
    for (const text of ["aGk", "aGl=", "aGk=A", "aG-_", "aGk\u00a0=", "<b/>"]) {
      expect(() => decoded(text)).toThrow(MALFORMED);
    }
  });
});

test("an attribute that is empty is not one that is missing", () => {
  const element = parseXml('<a b="" c="1"/>');
  expect(attribute(element, "b")).toBe("");
  expect(attribute(element, "c")).toBe("1");
  expect(attribute(element, "d")).toBeUndefined();
});

describe("an instant", () => {
  const read = (text: string) => instantOf(parseXml(`<a at="${text}"/>`), "at");
  const text = new Date(NOW * 1000).toISOString().slice(0, 19);

  test("is read with fractions of a second, and may be missing", () => {
    expect(read(`${text}Z`)).toBe(NOW);
    expect(read(`${text}.25Z`)).toBe(NOW + 0.25);
    expect(read("2024-02-29T23:59:59Z")).toBe(1_709_251_199);
    expect(instantOf(parseXml("<a/>"), "at")).toBeUndefined();
  });

  test.each([
    ["with a text behind it", `${text}Z (UTC)`],
    ["with a text before it", `x${text}Z`],
    ["with a space before it", ` ${text}Z`],
    ["with a space behind it", `${text}Z `],
    ["with a point and no fraction", `${text}.Z`],
    ["with a comma for the point", `${text},5Z`],
    ["with a space for the T", text.replace("T", " ")],
    ["in a year of five digits", `1${text}Z`],
    ["in a year with a sign", `+00${text}Z`],
    ["in a year of six digits with a sign", `+01${text}Z`],
    ["without seconds", `${text.slice(0, 16)}Z`],
    ["with a month of one digit", `${text.replace(/-0/, "-")}Z`],
    ["in small letters", `${text}z`],
  ])("%s is refused", (_what, other) => {
    expect(() => read(other)).toThrow(MALFORMED);
  });

  test("with NUL behind it, which Date.parse leaves out, is refused", () => {
    const element = parseXml("<a/>");
    element.setAttribute("at", `${text}Z\0`);
    expect(() => instantOf(element, "at")).toThrow(MALFORMED);
  });
});

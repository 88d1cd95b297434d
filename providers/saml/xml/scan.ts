import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";

/** How much there may be of what a parser has work with. */
export interface XmlLimits {
  readonly elements: number;
  /** Different names of elements: the parser looks through the whole text for each. */
  readonly names: number;
  readonly depth: number;
  readonly attributes: number;
  readonly attributesOfOne: number;
  /** References to characters. */
  readonly references: number;
}

/** More than any identity provider sends in what fits a header, and little enough that what comes behind is cheap. */
export const XML_LIMITS: XmlLimits = {
  elements: 300,
  names: 64,
  depth: 16,
  attributes: 600,
  attributesOfOne: 24,
  references: 1000,
};

/** For metadata and messages that no caller brings. */
export const LOOSE_LIMITS: XmlLimits = {
  elements: 1_000_000,
  names: 1000,
  depth: 32,
  attributes: 2_000_000,
  attributesOfOne: 64,
  references: 1_000_000,
};

const MAX_NAME_LENGTH = 128;
const NAME = /^[^\s/>]+/;
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));/y;
/** What is no Char of XML 1.0 section 2.2; the decoder has let no lone surrogate through. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/**
 * Looks at the markup of an XML text before a parser does, once from left to right. Document types, processing instructions, CDATA and
 * comments have no place in a SAML message that a caller presents, and each of them has made two readers of one signature see two
 * texts; what is left is counted. Whether it is well-formed, the parser tells.
 *
 * @throws {Refusal} `assertion_xml_forbidden`, `assertion_too_complex`, `assertion_structure_invalid`, `assertion_malformed`
 */
export function scanXml(text: string, limits: XmlLimits = XML_LIMITS): void {
  demand(!NOT_XML.test(text), "assertion_malformed");
  checkReferences(text, limits);
  const counts: Counts = { elements: 0, attributes: 0, names: new Set(), open: [] };
  let index = afterDeclaration(text);
  while (index < text.length) {
    const start = text.indexOf("<", index);
    demand(
      counts.open.length > 0 || text.slice(index, start < 0 ? undefined : start).trim() === "",
      "assertion_structure_invalid",
    );
    if (start < 0) break;
    const next = text[start + 1];
    demand(next !== "!" && next !== "?", "assertion_xml_forbidden");
    if (next === "/") {
      index = endOf(text.indexOf(">", start));
      // The parser that comes behind lets tags cross, and repairs what it reads.
      demand(text.slice(start + 2, index - 1).trimEnd() === counts.open.pop(), "assertion_malformed");
    } else {
      // A second root element would be a second document.
      demand(counts.open.length > 0 || counts.elements === 0, "assertion_structure_invalid");
      index = scanStartTag(text, start, counts, limits);
    }
  }
  demand(counts.open.length === 0 && counts.elements > 0, "assertion_malformed");
}

interface Counts {
  elements: number;
  attributes: number;
  readonly names: Set<string>;
  /** Names of the elements that are open. */
  readonly open: string[];
}

/** One XML declaration may stand at the very start; it can name no other encoding than the one that was decoded. */
function afterDeclaration(text: string): number {
  const [declaration] =
    /^<\?xml version=["']1\.0["'](?: encoding=["']UTF-8["'])?(?: standalone=["'](?:yes|no)["'])?\s*\?>/i.exec(text) ?? [
      "",
    ];
  return declaration.length;
}

function scanStartTag(text: string, start: number, counts: Counts, limits: XmlLimits): number {
  let attributes = 0;
  let index = start + 1;
  for (; index < text.length && text[index] !== ">"; index++) {
    const quote = text[index];
    demand(quote !== "<", "assertion_malformed");
    if (quote !== '"' && quote !== "'") continue;
    index = endOf(text.indexOf(quote, index + 1)) - 1;
    attributes++;
  }
  demand(index < text.length, "assertion_malformed");
  const [name = ""] = NAME.exec(text.slice(start + 1, start + 1 + MAX_NAME_LENGTH)) ?? [];
  demand(name !== "", "assertion_malformed");
  counts.elements++;
  counts.attributes += attributes;
  counts.names.add(name);
  if (text[index - 1] !== "/") counts.open.push(name);
  const fits =
    counts.elements <= limits.elements &&
    counts.names.size <= limits.names &&
    counts.open.length <= limits.depth &&
    attributes <= limits.attributesOfOne &&
    counts.attributes <= limits.attributes;
  demand(fits, "assertion_too_complex");
  return index + 1;
}

/** Entities other than the five of XML itself would have to be declared, which they cannot be. */
function checkReferences(text: string, limits: XmlLimits): void {
  let count = 0;
  for (let index = text.indexOf("&"); index >= 0; index = text.indexOf("&", index + 1)) {
    demand(++count <= limits.references, "assertion_too_complex");
    REFERENCE.lastIndex = index;
    const reference = REFERENCE.exec(text);
    demand(reference, "assertion_xml_forbidden");
    const [, decimal, hexadecimal] = reference;
    const code = decimal ? Number(decimal) : hexadecimal ? Number.parseInt(hexadecimal, 16) : 0x20;
    demand(code <= 0x10ffff && (code < 0xd800 || code > 0xdfff), "assertion_malformed");
    demand(!NOT_XML.test(String.fromCodePoint(code)), "assertion_malformed");
  }
}

function endOf(index: number): number {
  if (index < 0) throw new Refusal("assertion_malformed");
  return index + 1;
}

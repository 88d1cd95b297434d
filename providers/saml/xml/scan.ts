import { demand } from "../../../shared/domain/reasons/errors.ts";
import { trimXml } from "./white-space.ts";

/** Limits of an XML text, checked before it is parsed. */
export interface XmlLimits {
  readonly elements: number;
  /** Distinct names of elements. The parser searches the whole text for each of them. */
  readonly names: number;
  readonly depth: number;
  readonly attributes: number;
  /** Attributes of one element. */
  readonly attributesOfOne: number;
  /** Character and entity references. */
  readonly references: number;
}

/** For credentials: more than any identity provider sends in a header, and little enough for cheap parsing. */
export const XML_LIMITS: XmlLimits = {
  elements: 300,
  names: 64,
  depth: 16,
  attributes: 600,
  attributesOfOne: 24,
  references: 1000,
};

/** For metadata and other messages that do not come from a caller. */
export const LOOSE_LIMITS: XmlLimits = {
  elements: 1_000_000,
  names: 1000,
  depth: 32,
  attributes: 2_000_000,
  attributesOfOne: 64,
  references: 1_000_000,
};

const SPACES: ReadonlySet<string> = new Set("\t\n\r ");
const MAX_NAME_LENGTH = 128;
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));/y;
/** Characters that XML forbids (XML 1.0 section 2.2). The UTF-8 decoder has already refused lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/**
 * Checks the markup of an XML text in one pass before it is parsed. Document types, processing instructions, CDATA
 * and comments are refused: a SAML message does not need them, and each of them has been used to make two readers of
 * a signed text see different values. Elements and attributes are counted. The parser checks afterwards whether the
 * text is well-formed.
 *
 * @throws {Refusal} `assertion_xml_forbidden`, `assertion_too_complex`, `assertion_structure_invalid`,
 *   `assertion_malformed`
 */
export function scanXml(text: string, limits: XmlLimits = XML_LIMITS): void {
  demand(!NOT_XML.test(text), "assertion_malformed");
  checkReferences(text, limits);
  const counts: Counts = { elements: 0, attributes: 0, names: new Set(), open: [] };
  let index = afterDeclaration(text);
  while (index < text.length) {
    const start = text.indexOf("<", index);
    const between = text.slice(index, start < 0 ? undefined : start);
    demand(counts.open.length > 0 || trimXml(between) === "", "assertion_structure_invalid");
    // Text may not hold the end of CDATA (XML 1.0 section 2.4). Attributes may.
    demand(!between.includes("]]>"), "assertion_malformed");
    if (start < 0) break;
    const next = text[start + 1];
    demand(next !== "!" && next !== "?", "assertion_xml_forbidden");
    if (next === "/") {
      const end = find(text, ">", start);
      index = end + 1;
      // The parser accepts crossing tags and white space before the name, and repairs them.
      const isSpaced = SPACES.has(text.charAt(start + 2));
      demand(!isSpaced && trimXml(text.slice(start + 2, end)) === counts.open.pop(), "assertion_malformed");
    } else {
      // Only one root element.
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

const SPACE = "[\\t\\n\\r ]";
const pseudoAttribute = (name: string, value: string) => `${SPACE}+${name}${SPACE}*=${SPACE}*(?:"${value}"|'${value}')`;
/** An XML declaration (XML 1.0 section 2.8). It can only name UTF-8, which was already decoded. */
const DECLARATION = new RegExp(
  `^<\\?xml${pseudoAttribute("version", "1\\.0")}(?:${pseudoAttribute("encoding", "[Uu][Tt][Ff]-8")})?` +
    `(?:${pseudoAttribute("standalone", "(?:yes|no)")})?${SPACE}*\\?>`,
);

/** The offset behind an XML declaration at the start, or 0. */
export const afterDeclaration = (text: string): number => DECLARATION.exec(text)?.[0].length ?? 0;

/** A name. The parser takes U+0080 for white space. It checks all other characters. */
const NAME = '[^\\t\\n\\r /="\\u0080]+';
/** A start tag with its values left out. The parser takes a slash between attributes, and other things, for white space. */
const START_TAG = new RegExp(`^<(${NAME})(?:${SPACE}+${NAME}${SPACE}*=${SPACE}*"")*${SPACE}*/?$`);

function scanStartTag(text: string, start: number, counts: Counts, limits: XmlLimits): number {
  let attributes = 0;
  let [skeleton, behind] = ["", start];
  let index = start + 1;
  for (; text[index] !== ">"; index++) {
    const quote = text[index];
    demand(quote !== undefined && quote !== "<", "assertion_malformed");
    if (quote !== '"' && quote !== "'") continue;
    const end = find(text, quote, index + 1);
    demand(!text.slice(index, end).includes("<"), "assertion_malformed");
    skeleton += `${text.slice(behind, index)}""`;
    index = end;
    behind = end + 1;
    attributes++;
  }
  const [, name] = START_TAG.exec(skeleton + text.slice(behind, index)) ?? [];
  demand(name !== undefined && name.length <= MAX_NAME_LENGTH, "assertion_malformed");
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

/** Allows only the five entities of XML. Others would need a document type, which is refused. */
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

/** The offset of a text from an offset on. @throws {Refusal} if it is not there */
function find(text: string, sought: string, from: number): number {
  const index = text.indexOf(sought, from);
  demand(index !== -1, "assertion_malformed");
  return index;
}

import { DOMParser } from "@xmldom/xmldom";
import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";
import type { Rejection } from "../../../shared/domain/reasons/reasons.ts";
import { NAMESPACES, type Namespace } from "../../../shared/domain/saml/namespaces.ts";

function refuse(): never {
  throw new Refusal("assertion_malformed");
}

const PARSER_OPTIONS = {
  errorHandler: { warning: refuse, error: refuse, fatalError: refuse },
  // Line ends are normalized once, in decode.ts. The parser would also replace U+0085 and U+2028, so that another text
  // would be digested, or read, than the one that was signed.
  normalizeLineEndings: (text: string) => text,
};

/**
 * Parses XML whose line ends are normalized. Warnings are errors, because different parsers repair a document
 * differently.
 *
 * @throws {Refusal} `assertion_malformed`
 */
export function parseXml(text: string): Element {
  try {
    const { documentElement } = new DOMParser(PARSER_OPTIONS).parseFromString(text, "text/xml");
    demand(documentElement && descendants(documentElement).every(hasSoundNames), "assertion_malformed");
    return documentElement;
  } catch {
    throw new Refusal("assertion_malformed");
  }
}

/**
 * Whether the prefixes of an element and its attributes are declared, and no two attributes have one name (Namespaces in
 * XML 1.0 sections 5 and 6.3). The parser checks neither. It takes members of every object, such as `constructor`, for
 * declared prefixes.
 */
function hasSoundNames(element: Element): boolean {
  const prefixed = Array.from(element.attributes).filter(({ prefix }) => prefix);
  return (
    [element, ...prefixed].every(isDeclared) &&
    new Set(prefixed.map(({ namespaceURI, localName }) => `${localName} ${namespaceURI}`)).size === prefixed.length
  );
}

const isDeclared = ({ prefix, namespaceURI }: Element | Attr): boolean =>
  !prefix || (typeof namespaceURI === "string" && namespaceURI !== "");

/** Whether an element has this name in this namespace. A local name alone proves nothing. */
export function is(element: Element, namespace: Namespace, name: string): boolean {
  return element.localName === name && element.namespaceURI === NAMESPACES[namespace];
}

/** All child elements, or those with the given name. */
export function children(element: Element, namespace?: Namespace, name?: string): Element[] {
  const found: Element[] = [];
  for (let at = element.firstChild; at; at = at.nextSibling) {
    if (at.nodeType !== 1) continue;
    const child = at as Element;
    if (!namespace || !name || is(child, namespace, name)) found.push(child);
  }
  return found;
}

/**
 * The only child with this name, or undefined.
 *
 * @throws {Refusal} if there are several
 */
export function onlyChild(
  element: Element,
  namespace: Namespace,
  name: string,
  reason: Rejection = "assertion_structure_invalid",
): Element | undefined {
  const found = children(element, namespace, name);
  demand(found.length <= 1, reason);
  return found[0];
}

/** The element and all elements below it, in document order. */
export function descendants(element: Element): Element[] {
  const found: Element[] = [];
  for (let at: Node | null = element; at; at = nextOf(at, element)) if (at.nodeType === 1) found.push(at as Element);
  return found;
}

function nextOf(node: Node, root: Node): Node | null {
  if (node.firstChild) return node.firstChild;
  for (let at: Node | null = node; at && at !== root; at = at.parentNode) if (at.nextSibling) return at.nextSibling;
  return null;
}

/** Text of an element without child elements. @throws {Refusal} */
export function textOf(element: Element, reason: Rejection): string {
  demand(children(element).length === 0, reason);
  return element.textContent ?? "";
}

/**
 * Decodes the strict base64 of an element. Unused bits and other characters are refused, so each value has only one
 * encoding.
 *
 * @throws {Refusal}
 */
export function base64Of(element: Element, reason: Rejection): Buffer {
  const compact = textOf(element, reason).replace(/[\t\n\r ]/g, "");
  const bytes = Buffer.from(compact, "base64");
  demand(bytes.toString("base64") === compact, reason);
  return bytes;
}

/** Value of an attribute, or undefined if it is missing. `getAttribute` returns an empty text then. */
export const attribute = (element: Element, name: string): string | undefined => element.getAttributeNode(name)?.value;

/**
 * An attribute with an instant in seconds since the epoch, with fractions (SAML core 1.3.3: xs:dateTime in UTC). It must
 * be on the calendar.
 *
 * @throws {Refusal} `assertion_malformed`
 */
export function instantOf(element: Element, name: string): number | undefined {
  const value = attribute(element, name);
  if (value === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value) ? Date.parse(value) : Number.NaN;
  // Date.parse reads 30 February as 2 March.
  const isReal = Number.isFinite(time) && new Date(time).toISOString().slice(0, 19) === value.slice(0, 19);
  demand(isReal, "assertion_malformed");
  return time / 1000;
}

import { demand } from "../../../shared/domain/reasons/errors.ts";
import { NAMESPACES } from "../../../shared/domain/saml/namespaces.ts";
import { attribute, children } from "./document.ts";

/** Maximum number of prefixes in InclusiveNamespaces. No product sends as many. */
const MAX_PREFIXES = 16;

/** Namespaces by their prefixes. The default namespace has the prefix "". */
type Scope = ReadonlyMap<string, string>;

/** What an element and those around it have written. Linked, as copies would cost their square in hostile XML. */
interface Written {
  readonly own: Scope;
  readonly outer?: Written;
}

/**
 * The exclusive canonical form of an element, without comments. An error in it cannot cause a wrong acceptance,
 * because the verified text is also the text that is parsed afterwards.
 *
 * @param method the CanonicalizationMethod or Transform, with optional InclusiveNamespaces
 * @param maxLength maximum length of the form. Each element may repeat the namespaces of those around it, so that the
 * form of a hostile text is a thousand times as long
 * @throws {Refusal} `assertion_too_complex`
 * @see https://www.w3.org/TR/xml-exc-c14n/
 */
export function canonicalForm(element: Element, method: Element, maxLength: number): string {
  const listed = children(method, "canonicalization", "InclusiveNamespaces").flatMap((list) =>
    (attribute(list, "PrefixList") ?? "").split(/[\t\n\r ]/).filter(Boolean),
  );
  // Every element is searched for each of them.
  demand(listed.length <= MAX_PREFIXES, "assertion_too_complex");
  const inclusive = new Set(listed.map((prefix) => (prefix === "#default" ? "" : prefix)));
  const room = { left: maxLength };
  return canonical(element, { inclusive, room }, scopeAround(element, inclusive), { own: new Map() });
}

/** Whether a method is exclusive canonicalization without comments. */
export const isExclusive = (method: Element): boolean => attribute(method, "Algorithm") === NAMESPACES.canonicalization;

/** What is the same for all elements of a form. */
interface Form {
  /** Prefixes whose declarations are written where they stand, whether an element uses them or not. */
  readonly inclusive: ReadonlySet<string>;
  /** Characters that may still be written. */
  readonly room: { left: number };
}

/**
 * @param outer the declarations of these prefixes around the element
 */
function canonical(element: Element, form: Form, outer: Scope, written: Written): string {
  const { inclusive, room } = form;
  const attributes = Array.from(element.attributes);
  const scope = scopeWithin(element, inclusive, outer);
  const needed = new Map(scope);
  for (const node of [element, ...attributes.filter(isPrefixed)])
    needed.set(node.prefix ?? "", node.namespaceURI ?? "");

  const missing = [...needed].filter(([prefix, uri]) => uriOf(prefix, written) !== uri);
  const inner = missing.length > 0 ? { own: new Map(missing), outer: written } : written;
  const declarations = missing
    .sort(([one], [other]) => byCodePoint(one, other))
    .map(([prefix, uri]) => ` xmlns${prefix && `:${prefix}`}="${escapeAttribute(uri)}"`);
  const others = attributes
    .filter((each) => !isDeclaration(each))
    .sort(
      (one, other) =>
        byCodePoint(one.namespaceURI ?? "", other.namespaceURI ?? "") || byCodePoint(one.localName, other.localName),
    )
    .map(({ name, value }) => ` ${name}="${escapeAttribute(value)}"`);

  const start = `<${element.tagName}${declarations.join("")}${others.join("")}>`;
  const end = `</${element.tagName}>`;
  take(room, start.length + end.length);
  let content = "";
  for (let at = element.firstChild; at; at = at.nextSibling) {
    if (at.nodeType === 1) content += canonical(at as Element, form, scope, inner);
    else if (at.nodeType === 3 || at.nodeType === 4) {
      const text = escapeText(at.nodeValue ?? "");
      take(room, text.length);
      content += text;
    }
  }
  return start + content + end;
}

function take(room: Form["room"], length: number): void {
  room.left -= length;
  demand(room.left >= 0, "assertion_too_complex");
}

const isDeclaration = ({ name }: Attr): boolean => name === "xmlns" || name.startsWith("xmlns:");

/** Whether an attribute uses the declaration of its prefix. `xml` needs none. */
const isPrefixed = (node: Attr): boolean => Boolean(node.prefix) && node.prefix !== "xml" && !isDeclaration(node);

function uriOf(prefix: string, written: Written): string {
  for (let at: Written | undefined = written; at; at = at.outer) {
    const uri = at.own.get(prefix);
    if (uri !== undefined) return uri;
  }
  return "";
}

function scopeWithin(element: Element, inclusive: ReadonlySet<string>, outer: Scope): Scope {
  if (inclusive.size === 0) return outer;
  const own = Array.from(element.attributes)
    .filter(isDeclaration)
    .map(({ name, value }) => [name.slice("xmlns:".length), value] as const)
    .filter(([prefix]) => inclusive.has(prefix));
  return own.length > 0 ? new Map([...outer, ...own]) : outer;
}

function scopeAround(element: Element, inclusive: ReadonlySet<string>): Scope {
  const { parentNode } = element;
  if (parentNode?.nodeType !== 1) return new Map();
  const parent = parentNode as Element;
  return scopeWithin(parent, inclusive, scopeAround(parent, inclusive));
}

/** The order of UTF-8, which differs from that of UTF-16 for characters beyond the first plane. */
function byCodePoint(one: string, other: string): number {
  if (one === other) return 0;
  if (/[\ud800-\udfff]/.test(one + other)) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return one < other ? -1 : 1;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#x9;",
  "\n": "&#xA;",
  "\r": "&#xD;",
};
const escapeText = (text: string) => text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
const escapeAttribute = (text: string) => text.replace(/[&<"\t\n\r]/g, (character) => ESCAPES[character] ?? character);

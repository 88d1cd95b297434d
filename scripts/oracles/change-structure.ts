import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import type { Random } from "../../test/model/random.ts";

/** Identifiers that a signature may be changed to name: weak, forbidden, or of another kind. */
const IDENTIFIERS = [
  NAMESPACES.canonicalization,
  `${NAMESPACES.canonicalization}WithComments`,
  "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
  "http://www.w3.org/TR/1999/REC-xslt-19991116",
  "http://www.w3.org/TR/1999/REC-xpath-19991116",
  `${NAMESPACES.signature}rsa-sha1`,
  `${NAMESPACES.signature}hmac-sha1`,
  `${NAMESPACES.signature}sha1`,
  `${NAMESPACES.signature}base64`,
  "#xpointer(/)",
  "#xpointer(id('_assertion'))",
  ...["", "#", "#_assertion", "#_response", "#_evil", "#_bob", "_assertion", "_response", "_evil", "2.0", "1.1"],
];
/** Stands for CDATA, which this tree does not take. */
const CDATA = "\u{e000}";
const NAMESPACE_LIST = Object.values(NAMESPACES);

/**
 * Changes the structure of a message at one place: elements removed, doubled, moved, exchanged or wrapped; elements of
 * other messages put in; attributes removed, renamed, doubled or given the value of another; text changed or split.
 * Undefined if the message cannot be read, as it has been changed before.
 */
export function changeStructure(random: Random, text: string, foreign: readonly string[]): string | undefined {
  const document = parse(text);
  const root = document?.documentElement;
  if (!document || !root) return undefined;
  const all = [root, ...Array.from(root.getElementsByTagName("*"))];
  const [one, other] = [random.pick(all), random.pick(all)];
  const changes = [
    () => one.parentNode?.removeChild(one),
    () => insertBeside(one, one.cloneNode(true)),
    () => other.insertBefore(one.cloneNode(true), random.chance(0.5) ? other.firstChild : null),
    () => move(one, other),
    () => wrap(random, document, one, foreign),
    () => insert(random, document, other, foreign),
    () => insert(random, document, other, foreign),
    () => rename(random, document, one),
    () => changeAttribute(random, one, all),
    () => changeAttribute(random, one, all),
    () => changeOrder(random, one),
    () => changeValue(random, document, one, all),
    () => changeValue(random, document, one, all),
  ];
  random.pick(changes)();
  return new XMLSerializer().serializeToString(document).replaceAll(CDATA, "<![CDATA[x]]>");
}

function parse(text: string): Document | undefined {
  if (text.includes("<![CDATA[")) return undefined;
  try {
    const refuse = () => {
      throw new Error("not XML");
    };
    return new DOMParser({ errorHandler: { warning: () => {}, error: refuse, fatalError: refuse } }).parseFromString(
      text,
      "text/xml",
    );
  } catch {
    return undefined;
  }
}

function move(node: Element, target: Element): void {
  for (let at: Node | null = target; at; at = at.parentNode) if (at === node) return;
  node.parentNode?.removeChild(node);
  target.insertBefore(node, target.firstChild);
}

/** Puts an element into an element of another message, or into one that a reader may pass over, in its place. */
function wrap(random: Random, document: Document, node: Element, foreign: readonly string[]): void {
  const cover = random.chance(0.7)
    ? imported(document, random.pick(foreign))
    : document.createElementNS(random.pick(NAMESPACE_LIST), random.pick(["x:Object", "x:Extensions", "x:Advice"]));
  const places = [cover, ...Array.from(cover.getElementsByTagName("*"))];
  node.parentNode?.replaceChild(cover, node);
  random.pick(places).insertBefore(node, null);
}

function insert(random: Random, document: Document, target: Element, foreign: readonly string[]): void {
  const whole = imported(document, random.pick(foreign));
  const part = random.chance(0.5) ? whole : random.pick([whole, ...Array.from(whole.getElementsByTagName("*"))]);
  random.pick([
    () => target.insertBefore(part, random.chance(0.5) ? target.firstChild : null),
    () => insertBeside(target, part),
    () => target.parentNode?.replaceChild(part, target),
  ])();
}

/** Inserts a node before an element, or into it if it is the root, of which there can be only one. */
function insertBeside(element: Element, node: Node): void {
  if (element.parentNode?.nodeType === 1) element.parentNode.insertBefore(node, element);
  else element.insertBefore(node, element.firstChild);
}

const imported = (document: Document, text: string): Element =>
  document.importNode(new DOMParser().parseFromString(text, "text/xml").documentElement, true);

/** Gives the content of an element to one of another name or namespace. */
function rename(random: Random, document: Document, node: Element): void {
  const namespace = random.chance(0.5) ? node.namespaceURI : random.pick([...NAMESPACE_LIST, "urn:evil", null]);
  const local = random.chance(0.5) ? (node.localName ?? "") : random.pick(["Assertion", "Signature", "Response", "X"]);
  const renamed = document.createElementNS(namespace, namespace === null ? local : `r:${local}`);
  for (const { name, value } of Array.from(node.attributes)) renamed.setAttribute(name, value);
  while (node.firstChild) renamed.insertBefore(node.firstChild, null);
  node.parentNode?.replaceChild(renamed, node);
}

function changeAttribute(random: Random, node: Element, all: readonly Element[]): void {
  const known = all.flatMap((each) => Array.from(each.attributes));
  const values = [...known.map(({ value }) => value), ...IDENTIFIERS];
  const own = Array.from(node.attributes);
  const name = own.length > 0 && random.chance(0.7) ? random.pick(own).name : random.pick(known).name;
  random.pick([
    () => node.removeAttribute(name),
    () => node.setAttribute(name, random.pick(values)),
    () => node.setAttribute(name, random.pick(values)),
    () => node.setAttribute(random.pick(["ID", "Id", "id", "xml:id", "x", name.toLowerCase()]), random.pick(values)),
  ])();
}

function changeOrder(random: Random, node: Element): void {
  const own = Array.from(node.attributes).sort(() => random.next() - 0.5);
  for (const { name } of own) node.removeAttribute(name);
  for (const { name, value } of own) node.setAttribute(name, value);
}

/** Changes the text of an element, or splits it by markup that some readers pass over. */
function changeValue(random: Random, document: Document, node: Element, all: readonly Element[]): void {
  const leaf = random.pick([node, ...all.filter((each) => each.firstChild?.nodeType === 3)]);
  const text = leaf.textContent ?? "";
  const at = random.whole(0, text.length);
  const before = document.createTextNode(text.slice(0, at));
  const after = document.createTextNode(text.slice(at));
  const between = random.pick([
    () => document.createComment("x"),
    () => document.createTextNode(CDATA),
    () => document.createProcessingInstruction("x", "y"),
    () => document.createTextNode(random.pick([" ", "\n", "\u00a0", "\u2028", "x", "root", text])),
    () => document.createElementNS(node.namespaceURI, "x"),
  ]);
  while (leaf.firstChild) leaf.removeChild(leaf.firstChild);
  const parts = random.chance(0.2) ? [before] : [before, between(), after];
  for (const part of parts) leaf.insertBefore(part, null);
}

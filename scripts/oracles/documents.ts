import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import type { Random } from "../../test/model/random.ts";

/**
 * Random XML documents with all that a canonical form has to settle: namespaces declared, declared again, hidden and
 * undeclared; attributes in any order and namespace; references, white space and line ends in every spelling.
 */
export interface XmlDocument {
  readonly text: string;
  /** Number of its elements. Each has an attribute `n` with its place in document order. */
  readonly elements: number;
  /** Prefixes that it declares somewhere. */
  readonly prefixes: readonly string[];
}

const PREFIXES = ["a", "b", "B", "Z", "xs", "xsi", "saml", "samlp", "ns1", "ns10", "ns2", "é", "_p", "a.b", "a-b", "ꙁ"];
const URIS = [
  ...["urn:a", "urn:ab", "urn:b", "urn:B", "urn:abc", "http://example.com/", "http://example.com/?a=1", "urn:Z"],
  ...[NAMESPACES.assertion, NAMESPACES.protocol],
];
const NAMES = ["a", "b", "bc", "c", "A", "Z", "_z", "x-y", "x.y", "é", "Assertion", "Subject", "豈", "xmlnsx"];
const CHARACTERS = [
  ...["x", "alice@example.com", " ", "  ", "\t", "\n", "\r", "\r\n", ">", "'", "é", "𝒳", "\u00a0", "\u3000", "\ufeff"],
  ...["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#9;", "&#10;", "&#13;", "&#xD;", "&#xA0;", "&#x1D4B3;", "&#32;"],
  ...["\u0085", "\u2028", "&#x85;", "&#x2028;", "\u007f", "\ud7ff", "\ufffd", "&amp;lt;", "]]", "&#93;]>"],
];
const MOST_ELEMENTS = 30;

type Scope = Readonly<Record<string, string>>;

/** @param comments whether it may have comments, which a canonical form leaves out and a SAML message must not have */
export function generateDocument(random: Random, { comments = false, rootId = "" } = {}): XmlDocument {
  let elements = 0;
  const declared = new Set<string>();
  // A document uses few of the names, so that they meet.
  const [prefixes, uris, names] = [random.some(PREFIXES, 5), random.some(URIS, 4), random.some(NAMES, 5)];

  function element(scope: Scope, depth: number): string {
    const n = elements++;
    const { inner, declarations } = declare(scope);
    const usable = Object.keys(inner).filter((each) => each !== "");
    const name = nameOf(usable, 0.6);
    const parts = [...declarations, ...attributes(inner, usable), `n="${n}"`];
    if (n === 0 && rootId) parts.push(`ID=${quoted(rootId)}`);
    const start = `<${name}${shuffled(parts)
      .map((part) => `${gap()}${part}`)
      .join("")}${random.chance(0.1) ? " " : ""}`;
    if (random.chance(0.1)) return `${start}/>`;
    const content = Array.from({ length: random.whole(0, depth > 5 ? 1 : 4) }, () => child(inner, depth));
    return `${start}>${content.join("")}</${name}>`;
  }

  function child(scope: Scope, depth: number): string {
    if (comments && random.chance(0.2)) return random.pick(["<!---->", "<!-- x -->", "<!--<a>&amp;\r\n-->"]);
    return elements < MOST_ELEMENTS && random.chance(0.6) ? element(scope, depth + 1) : text(CHARACTERS);
  }

  function declare(scope: Scope): { inner: Scope; declarations: string[] } {
    if (!random.chance(0.5)) return { inner: scope, declarations: [] };
    const chosen = random.some(["", ...prefixes], 3);
    const added = Object.fromEntries(
      chosen.map((prefix) => [prefix, prefix === "" && random.chance(0.4) ? "" : random.pick(uris)]),
    );
    for (const prefix of chosen) if (prefix) declared.add(prefix);
    const declarations = Object.entries(added).map(([prefix, uri]) => `xmlns${prefix && `:${prefix}`}=${quoted(uri)}`);
    return { inner: { ...scope, ...added }, declarations };
  }

  function attributes(scope: Scope, usable: readonly string[]): string[] {
    const taken = new Set<string>();
    return Array.from({ length: random.whole(0, 4) }, () => nameOf(usable, 0.5))
      .flatMap((name) => {
        const [local = "", prefix = ""] = name.split(":").reverse();
        const expanded = `${prefix && scope[prefix]} ${local}`;
        if (taken.has(expanded)) return [];
        taken.add(expanded);
        return [`${name}${random.chance(0.05) ? " = " : "="}${value()}`];
      })
      .concat(
        random.chance(0.1) ? [`xml:${random.pick(["lang", "space"])}="${random.pick(["default", "preserve"])}"`] : [],
      );
  }

  const nameOf = (usable: readonly string[], prefixed: number) =>
    usable.length > 0 && random.chance(prefixed) ? `${random.pick(usable)}:${random.pick(names)}` : random.pick(names);
  const text = (of: readonly string[]) => Array.from({ length: random.whole(0, 4) }, () => random.pick(of)).join("");
  const gap = () => (random.chance(0.9) ? " " : random.pick(["\n", "\t", "\r\n", "  "]));
  const quoted = (content: string) => (random.chance(0.8) ? `"${content}"` : `'${content}'`);
  function value(): string {
    const content = text(CHARACTERS);
    return content.includes("'") ? `"${content}"` : quoted(content);
  }
  function shuffled(parts: readonly string[]): string[] {
    return parts
      .map((part) => ({ part, at: random.next() }))
      .sort((one, other) => one.at - other.at)
      .map(({ part }) => part);
  }

  const declaration = random.chance(0.2)
    ? random.pick(['<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\n'])
    : "";
  const body = element({}, 0);
  return { text: declaration + body + (random.chance(0.1) ? "\n" : ""), elements, prefixes: [...declared] };
}

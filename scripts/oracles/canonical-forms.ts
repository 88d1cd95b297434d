import { canonicalForm } from "../../providers/saml/xml/canonical.ts";
import { decodeText } from "../../providers/saml/xml/decode.ts";
import { descendants, parseXml } from "../../providers/saml/xml/document.ts";
import { scanXml, XML_LIMITS } from "../../providers/saml/xml/scan.ts";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { NAMESPACES } from "../../shared/domain/saml/namespaces.ts";
import { Random } from "../../test/model/random.ts";
import { generateDocument } from "./documents.ts";
import type { Judgement, Libxml2 } from "./libxml2-judge.ts";
import { Tally } from "./tally.ts";

const NEVER_DECLARED = "never-declared";
/** Documents have more names than messages. No limit is what this is about. */
const LIMITS = { ...XML_LIMITS, names: 300 };
const MAX_FORM = 2 ** 24;

/** Compares the exclusive canonical forms of elements of random documents with those of libxml2. */
export async function compareCanonicalForms(libxml2: Libxml2, seed: number, count: number, tally = new Tally()) {
  for (let index = 0; index < count; index++) {
    const random = Random.of(seed, index);
    const comments = random.chance(0.3);
    const { text, elements, prefixes } = generateDocument(random, { comments });
    const n = random.chance(0.3) ? 0 : random.whole(0, elements - 1);
    const listed = random.chance(0.5) ? random.some([...prefixes, NEVER_DECLARED], 4) : [];
    const find = `//*[@n="${n}"]`;
    const theirs = await libxml2.ask(Buffer.from(text), { do: "canonical", find, prefixes: listed });
    const ours = canonicalText(text, n, listed, comments);
    const outcome = `${comments ? "with comments" : "without comments"}, ${listed.length > 0 ? "with" : "without"} a list of prefixes`;
    if ("octets" in theirs && "octets" in ours) {
      if (theirs.octets.equals(ours.octets)) tally.count(`the same octets, ${outcome}`);
      else tally.differ({ index, text, find, listed, libxml2: shown(theirs), sallyport: shown(ours) });
    } else if ("refused" in theirs && "refused" in ours) tally.count("refused by both");
    else tally.differ({ index, text, find, listed, libxml2: shown(theirs), sallyport: shown(ours) });
  }
  return tally;
}

function canonicalText(source: string, n: number, prefixes: readonly string[], comments: boolean) {
  try {
    const text = decodeText(Buffer.from(source), 2 ** 20);
    // A message with comments is refused. Here the parser and the canonical form meet them.
    scanXml(comments ? text.replace(/<!--[\s\S]*?-->/g, " ") : text, LIMITS);
    const element = descendants(parseXml(text)).find((each) => each.getAttribute("n") === String(n));
    return element
      ? { octets: Buffer.from(canonicalForm(element, methodOf(prefixes), MAX_FORM)) }
      : { refused: "not found" };
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.reason };
    throw error;
  }
}

const shown = (found: Judgement) => ("octets" in found ? String(found.octets) : found);

const methodOf = (prefixes: readonly string[]) =>
  parseXml(`<m><InclusiveNamespaces xmlns="${NAMESPACES.canonicalization}" PrefixList="${prefixes.join(" ")}"/></m>`);

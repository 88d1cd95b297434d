import { MetadataError, parseMetadata } from "../../../providers/saml/metadata.ts";
import { canonicalForm } from "../../../providers/saml/xml/canonical.ts";
import { decodeText } from "../../../providers/saml/xml/decode.ts";

/** Maximum length of the canonical form of one part, in characters: no part is longer than the longest file. */
const MAX_FORM = 64 * 2 ** 20;

/**
 * The EntitiesDescriptors around a part of an aggregate. A part is parsed and canonicalized between their tags, so that
 * it has the namespaces of its place.
 */
export class Surroundings {
  readonly outer: Surroundings | undefined;
  /** All start tags, and all end tags, as they stand. */
  readonly #open: string;
  readonly #close: string;
  readonly #name: string;
  #canonical: { readonly method: Element; readonly open: string } | undefined;

  constructor(outer: Surroundings | undefined, tag: Buffer) {
    const text = decodeText(tag, tag.length);
    this.outer = outer;
    this.#name = /^<([^\t\n\r />]+)/.exec(text)?.[1] ?? "";
    this.#open = `${outer ? outer.#open : ""}${text}`;
    this.#close = `</${this.#name}>${outer ? outer.#close : ""}`;
  }

  /** A part as a document of its own. */
  around(part: Buffer): Buffer {
    return Buffer.concat([Buffer.from(this.#open), part, Buffer.from(this.#close)]);
  }

  /** Parses a part as a document of its own. @throws {MetadataError} */
  parse(part: Buffer): Element {
    const document = this.around(part);
    return parseMetadata(document, document.length);
  }

  /** The canonical form of the innermost start tag. @param method the signature's transform */
  canonicalStart(method: Element): string {
    return this.#canonicalOpen(method).slice(this.outer ? this.outer.#canonicalOpen(method).length : 0);
  }

  /** The canonical form of the innermost end tag. */
  get canonicalEnd(): string {
    return `</${this.#name}>`;
  }

  /**
   * The canonical form of what is within the surroundings.
   *
   * @param root as `parse` returned it, possibly without some of its children
   */
  canonicalPart(root: Element, method: Element): string {
    const open = this.#canonicalOpen(method);
    const whole = formOf(root, method);
    if (!whole.startsWith(open) || !whole.endsWith(this.#close)) {
      throw new MetadataError("its signature does not verify");
    }
    return whole.slice(open.length, whole.length - this.#close.length);
  }

  /** A canonical part as a document of its own. */
  aroundCanonical(part: string, method: Element): Buffer {
    return Buffer.from(`${this.#canonicalOpen(method)}${part}${this.#close}`);
  }

  /** All start tags in canonical form: that of the document without a part, but for its end tags. */
  #canonicalOpen(method: Element): string {
    if (this.#canonical?.method !== method) {
      const whole = formOf(this.parse(Buffer.alloc(0)), method);
      this.#canonical = { method, open: whole.slice(0, whole.length - this.#close.length) };
    }
    return this.#canonical.open;
  }
}

function formOf(root: Element, method: Element): string {
  try {
    return canonicalForm(root, method, MAX_FORM);
  } catch (error) {
    throw new MetadataError("its canonical form is too long, or has too many prefixes", { cause: error });
  }
}

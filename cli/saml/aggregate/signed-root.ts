import { createHash, type Hash, type KeyObject } from "node:crypto";
import { MetadataError, signatureError } from "../../../providers/saml/metadata.ts";
import { attribute, children, is } from "../../../providers/saml/xml/document.ts";
import { type Reference, verifySignedInfo } from "../../../providers/saml/xml/signature.ts";
import { STRONG_SIGNATURE_ALGORITHMS } from "../../../shared/domain/saml/algorithms.ts";
import type { Surroundings } from "./surroundings.ts";

/** The signature of an aggregate's root, verified while the parts of the document pass. */
export class SignedRoot {
  readonly #reference: Reference;
  readonly #hash: Hash;

  private constructor(reference: Reference, root: Surroundings) {
    this.#reference = reference;
    this.#hash = createHash(reference.hash);
    this.start(root);
  }

  /**
   * Finds the root's signature in its first part: it is the first child (SAML metadata 2.3.1). Undefined if the root is
   * not signed.
   *
   * @throws {MetadataError} if SignedInfo does not verify with one of the keys
   */
  static find(root: Element, surroundings: Surroundings, keys: readonly KeyObject[]): SignedRoot | undefined {
    const [signature] = children(root);
    if (!signature || !is(signature, "signature", "Signature")) return undefined;
    try {
      const { reference } = verifySignedInfo(signature, keys, STRONG_SIGNATURE_ALGORITHMS);
      if (attribute(root, "ID") !== reference.id) throw new MetadataError("its signature is of another element");
      root.removeChild(signature);
      return new SignedRoot(reference, surroundings);
    } catch (error) {
      throw error instanceof MetadataError ? error : signatureError(error);
    }
  }

  start(surroundings: Surroundings): void {
    this.#hash.update(surroundings.canonicalStart(this.#reference.transform));
  }

  /** Adds a part to the digest. Returns a document with the bytes that were added. */
  add(root: Element, surroundings: Surroundings): Buffer {
    const { transform } = this.#reference;
    const part = surroundings.canonicalPart(root, transform);
    this.#hash.update(part);
    return surroundings.aroundCanonical(part, transform);
  }

  end(surroundings: Surroundings): void {
    this.#hash.update(surroundings.canonicalEnd);
  }

  /** Compares the digest at the end of the document. @throws {MetadataError} */
  check(): void {
    if (this.#hash.digest("base64") !== this.#reference.digest)
      throw new MetadataError("its signature does not verify");
  }
}

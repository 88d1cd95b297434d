import type { KeyObject } from "node:crypto";
import { STRONG_SIGNATURE_ALGORITHMS } from "../../shared/domain/saml/algorithms.ts";
import { readCertificate } from "./certificate.ts";
import type { TrustAnchors } from "./trust-anchors.ts";
import { decodeText } from "./xml/decode.ts";
import { attribute, children, descendants, instantOf, is, parseXml, textOf } from "./xml/document.ts";
import { LOOSE_LIMITS, scanXml } from "./xml/scan.ts";
import { isSigned, verifySigned } from "./xml/signature.ts";

/** Why metadata cannot be used. The message is for the operator, and holds nothing but entity ids of the document. */
export class MetadataError extends Error {
  override readonly name = "MetadataError";
}

/** What the metadata of an identity provider say (SAML metadata 2.4.3). */
export interface IdentityProviderMetadata extends TrustAnchors {
  readonly entityId: string;
  /** Base64 of the signing certificates, without repetitions. */
  readonly encoded: readonly string[];
}

/** What to look for in a document. */
export interface MetadataOptions {
  /** The one entity to take. Absent: the only identity provider there is. */
  readonly entityId?: string | undefined;
  /** Keys one of which must have signed the document, or the entity in it. Absent or empty: a signature is not looked for. */
  readonly signers?: readonly KeyObject[];
  /** Bytes. */
  readonly maxLength: number;
}

/**
 * Reads one identity provider out of a metadata document: an EntityDescriptor, or an aggregate of them.
 *
 * @throws {MetadataError}
 */
export function readMetadata(
  bytes: Buffer,
  { entityId, signers = [], maxLength }: MetadataOptions,
): IdentityProviderMetadata {
  const root = rootOf(bytes, maxLength);
  const trusted = signers.length > 0 ? verifiedRoot(root, signers, entityId) : root;
  const entity = entityOf(trusted, entityId);
  const roles = children(entity, "metadata", "IDPSSODescriptor");
  if (roles.length === 0) throw new MetadataError("the entity is no identity provider");
  const encoded = [...new Set(roles.flatMap(signingCertificates))];
  if (encoded.length === 0) throw new MetadataError("the identity provider has no signing certificate");
  return {
    entityId: attribute(entity, "entityID") ?? "",
    encoded,
    certificates: encoded.map(certificateOf),
    validUntil: validUntil([...lineage(entity), ...roles]),
  };
}

function rootOf(bytes: Buffer, maxLength: number): Element {
  try {
    // A canonical form has no comments either, so that no signature depends on them.
    const text = decodeText(bytes, maxLength)
      .replace(/^\ufeff/, "")
      .replace(/<!--(?:(?!--).)*-->/gs, "");
    scanXml(text, LOOSE_LIMITS);
    return parseXml(text);
  } catch (error) {
    throw new MetadataError("it is no XML without document type and processing instructions, or too long", {
      cause: error,
    });
  }
}

/** The document as it was signed, or the entity where it alone is. */
function verifiedRoot(root: Element, signers: readonly KeyObject[], entityId: string | undefined): Element {
  const signed = [root, ...entities(root).filter((entity) => isWanted(entity, entityId))].find(isSigned);
  if (!signed) throw new MetadataError("it is not signed");
  try {
    // No SHA-1 here: whoever publishes metadata chooses the algorithm, and can choose another.
    return verifySigned(signed, signers, STRONG_SIGNATURE_ALGORITHMS).element;
  } catch (error) {
    throw new MetadataError("its signature does not verify", { cause: error });
  }
}

function entityOf(root: Element, entityId: string | undefined): Element {
  const all = entities(root).filter((entity) => isWanted(entity, entityId));
  const [entity, ...others] = all;
  if (!entity)
    throw new MetadataError(entityId === undefined ? "it holds no identity provider" : "it does not hold the entity");
  if (others.length > 0) {
    const names = all.slice(0, 20).map((each) => attribute(each, "entityID"));
    throw new MetadataError(`it holds ${all.length} identity providers: ${names.join(", ")}`);
  }
  return entity;
}

const entities = (root: Element) => descendants(root).filter((element) => is(element, "metadata", "EntityDescriptor"));

function isWanted(entity: Element, entityId: string | undefined): boolean {
  return entityId === undefined
    ? children(entity, "metadata", "IDPSSODescriptor").length > 0
    : attribute(entity, "entityID") === entityId;
}

/** A key without a `use` serves for both (SAML metadata 2.4.1.1). */
function signingCertificates(role: Element): string[] {
  return children(role, "metadata", "KeyDescriptor")
    .filter((descriptor) => [undefined, "signing"].includes(attribute(descriptor, "use")))
    .flatMap(descendants)
    .filter((element) => is(element, "signature", "X509Certificate"))
    .map((element) => textOf(element, "assertion_malformed").replace(/\s/g, ""));
}

function certificateOf(base64: string) {
  try {
    return readCertificate(base64);
  } catch (error) {
    throw new MetadataError("a certificate in it cannot be read", { cause: error });
  }
}

/** The element and the aggregates around it: each may end before the others. */
function* lineage(entity: Element): Generator<Element> {
  for (let at: Node | null = entity; at?.nodeType === 1; at = at.parentNode) yield at as Element;
}

function validUntil(elements: readonly Element[]): number {
  try {
    return Math.min(...elements.map((element) => instantOf(element, "validUntil") ?? Number.POSITIVE_INFINITY));
  } catch (error) {
    throw new MetadataError("a validUntil in it cannot be read", { cause: error });
  }
}

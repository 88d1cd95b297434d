import type { KeyObject } from "node:crypto";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import { STRONG_SIGNATURE_ALGORITHMS } from "../../shared/domain/saml/algorithms.ts";
import { readCertificate } from "./certificate.ts";
import type { TrustAnchors } from "./trust-anchors.ts";
import { decodeText } from "./xml/decode.ts";
import { attribute, children, descendants, instantOf, is, parseXml, textOf } from "./xml/document.ts";
import { LOOSE_LIMITS, scanXml } from "./xml/scan.ts";
import { isSigned, verifySigned } from "./xml/signature.ts";

/** Metadata that cannot be used. The message is for the operator. Of the document it contains only entity IDs. */
export class MetadataError extends Error {
  override readonly name = "MetadataError";
}

/** The metadata of one identity provider (SAML metadata 2.4.3). */
export interface IdentityProviderMetadata extends TrustAnchors {
  readonly entityId: string;
  /** The signing certificates in base64, without duplicates. */
  readonly encoded: readonly string[];
}

/** Options for reading a metadata document. */
export interface MetadataOptions {
  /** Entity ID of the identity provider. Absent: the document must contain exactly one identity provider. */
  readonly entityId?: string | undefined;
  /** One of these keys must have signed the document or the entity. Absent or empty: no signature is checked. */
  readonly signers?: readonly KeyObject[];
  /** Maximum size in bytes. */
  readonly maxLength: number;
}

/**
 * Reads one identity provider from a metadata document: an EntityDescriptor, or an EntitiesDescriptor that contains it.
 *
 * @throws {MetadataError}
 */
export function readMetadata(
  bytes: Buffer,
  { entityId, signers = [], maxLength }: MetadataOptions,
): IdentityProviderMetadata {
  const root = parseMetadata(bytes, maxLength);
  const trusted = signers.length > 0 ? verifiedRoot(root, signers, entityId, 4 * maxLength) : root;
  const entity = entityOf(trusted, entityId);
  const roles = children(entity, "metadata", "IDPSSODescriptor");
  if (roles.length === 0) throw new MetadataError("the entity is not an identity provider");
  const encoded = [...new Set(roles.flatMap(signingCertificates))];
  if (encoded.length === 0) throw new MetadataError("the identity provider has no signing certificate");
  return {
    entityId: attribute(entity, "entityID") ?? "",
    encoded,
    certificates: encoded.map((base64) => reading("certificate", () => readCertificate(base64))),
    validUntil: validUntil([...selfAndAncestors(entity), ...roles]),
  };
}

/** Parses a metadata document. @throws {MetadataError} */
export function parseMetadata(bytes: Buffer, maxLength: number): Element {
  try {
    // Comments can be removed, because the canonical form that is signed does not contain them.
    const text = decodeText(bytes, maxLength)
      .replace(/^\ufeff/, "")
      .replace(/<!--(?:(?!--).)*-->/gs, "");
    scanXml(text, LOOSE_LIMITS);
    return parseXml(text);
  } catch (error) {
    throw new MetadataError("it is not XML, has a document type or processing instructions, or is too long", {
      cause: error,
    });
  }
}

/** The signed document, or the signed entity in it. */
function verifiedRoot(
  root: Element,
  signers: readonly KeyObject[],
  entityId: string | undefined,
  maxLength: number,
): Element {
  const signed = [root, ...wantedEntities(root, entityId)].find(isSigned);
  if (!signed) throw new MetadataError("it is not signed");
  try {
    // No SHA-1: the publisher of metadata can choose another algorithm.
    return verifySigned(signed, signers, STRONG_SIGNATURE_ALGORITHMS, maxLength).element;
  } catch (error) {
    throw signatureError(error);
  }
}

/** What is wrong with a signature, for the operator: what to do about it differs. */
export function signatureError(cause: unknown): MetadataError {
  const reason = cause instanceof Refusal ? cause.reason : undefined;
  if (reason === "assertion_algorithm_not_allowed")
    return new MetadataError("its signature uses an algorithm that is not accepted, such as SHA-1", { cause });
  if (reason === "assertion_structure_invalid")
    return new MetadataError("its signature does not have the form that SAML requires", { cause });
  return new MetadataError("its signature does not verify", { cause });
}

function entityOf(root: Element, entityId: string | undefined): Element {
  const all = wantedEntities(root, entityId);
  const [entity] = all;
  checkOne(
    all.map((each) => attribute(each, "entityID") ?? ""),
    entityId,
  );
  if (!entity) throw new MetadataError("it contains no identity provider");
  return entity;
}

/** The entity with this ID, or all identity providers. */
export const wantedEntities = (root: Element, entityId: string | undefined): Element[] =>
  entities(root).filter((entity) => isWanted(entity, entityId));

/** Refuses a document unless it has exactly one wanted entity. @param found their entity IDs @throws {MetadataError} */
export function checkOne(found: readonly string[], entityId: string | undefined): void {
  if (found.length === 0)
    throw new MetadataError(
      entityId === undefined ? "it contains no identity provider" : "it does not contain the entity",
    );
  if (found.length > 1)
    throw new MetadataError(`it contains ${found.length} identity providers: ${found.slice(0, 20).join(", ")}`);
}

const entities = (root: Element) => descendants(root).filter((element) => is(element, "metadata", "EntityDescriptor"));

function isWanted(entity: Element, entityId: string | undefined): boolean {
  return entityId === undefined
    ? children(entity, "metadata", "IDPSSODescriptor").length > 0
    : attribute(entity, "entityID") === entityId;
}

/** A KeyDescriptor without `use` is for both signing and encryption (SAML metadata 2.4.1.1). */
function signingCertificates(role: Element): string[] {
  return children(role, "metadata", "KeyDescriptor")
    .filter((descriptor) => [undefined, "signing"].includes(attribute(descriptor, "use")))
    .flatMap(descendants)
    .filter((element) => is(element, "signature", "X509Certificate"))
    .map((element) => reading("certificate", () => textOf(element, "assertion_malformed").replace(/[\t\n\r ]/g, "")));
}

/** The entity and the EntitiesDescriptors around it. Each may have its own `validUntil`. */
function* selfAndAncestors(entity: Element): Generator<Element> {
  for (let at: Node | null = entity; at?.nodeType === 1; at = at.parentNode) yield at as Element;
}

const validUntil = (elements: readonly Element[]): number =>
  reading("validUntil", () =>
    Math.min(...elements.map((element) => instantOf(element, "validUntil") ?? Number.POSITIVE_INFINITY)),
  );

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new MetadataError(`a ${what} in it cannot be read`, { cause: error });
  }
}

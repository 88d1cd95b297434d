import type { KeyObject } from "node:crypto";
import { checkOne, MetadataError, wantedEntities } from "../../../providers/saml/metadata.ts";
import { attribute } from "../../../providers/saml/xml/document.ts";
import { afterDeclaration } from "../../../providers/saml/xml/scan.ts";
import { isSigned } from "../../../providers/saml/xml/signature.ts";
import { isContainer, partsOf } from "./parts.ts";
import { SignedRoot } from "./signed-root.ts";
import { Surroundings } from "./surroundings.ts";

/** A document that is small enough to be parsed as a whole. */
interface OneEntity {
  /** The wanted entity in the EntitiesDescriptors around it. */
  readonly bytes: Buffer;
  /** The document's signature was verified, and the bytes are of what it covers. */
  readonly isVerified: boolean;
}

interface Options {
  /** Entity ID of the identity provider. Absent: the document must contain exactly one. */
  readonly entityId?: string | undefined;
  /** Keys, one of which must have signed the document, if its root is signed. Empty: no signature is checked. */
  readonly signers: readonly KeyObject[];
  /** Bytes that are parsed at a time. */
  readonly partLength?: number;
}

/**
 * Takes one entity out of an aggregate of many, whose whole tree would need several times its length in memory. The
 * parts of the document are parsed, and canonicalized, one by one.
 *
 * @returns undefined if the document is no EntitiesDescriptor
 * @throws {MetadataError}
 */
export function oneEntityOf(bytes: Buffer, { entityId, signers, partLength }: Options): OneEntity | undefined {
  const start = startOf(bytes);
  if (start === undefined) return undefined;
  const found: string[] = [];
  let taken: Buffer | undefined;
  let signed: SignedRoot | undefined;
  let around: Surroundings | undefined;
  let isFirst = true;
  for (const part of partsOf(bytes, start, partLength)) {
    if (part.kind === "open") {
      if (!around && !isFirst) throw new MetadataError("it has more than one root");
      around = new Surroundings(around, bytes.subarray(part.from, part.to));
      if (around.outer) {
        isFirst = false;
        signed?.start(around);
      }
    } else if (part.kind === "close") {
      if (around) signed?.end(around);
      isFirst = false;
      around = around?.outer;
    } else {
      const content = bytes.subarray(part.from, part.to);
      if (!around) {
        refuseContent(content);
        continue;
      }
      const root = around.parse(content);
      if (isFirst && signers.length > 0) signed = SignedRoot.find(root, around, signers);
      if (!around.outer && signers.length > 0) checkNoSignature(root);
      isFirst = false;
      const verified = signed?.add(root, around);
      const here = wantedEntities(root, entityId);
      found.push(...here.map((entity) => attribute(entity, "entityID") ?? ""));
      if (here.length > 0) taken ??= verified ?? around.around(content);
    }
  }
  signed?.check();
  checkOne(found, entityId);
  return { bytes: taken ?? Buffer.alloc(0), isVerified: signed !== undefined };
}

/** The offset of the markup, if the root is an EntitiesDescriptor. */
function startOf(bytes: Buffer): number | undefined {
  const bom = bytes.subarray(0, 3).toString("latin1") === "\xef\xbb\xbf" ? 3 : 0;
  const start = bom + afterDeclaration(bytes.toString("latin1", bom, bom + 256));
  const head = bytes.toString("latin1", start, start + 64 * 1024);
  const [, name = ""] = /^(?:[\t\n\r ]|<!--(?:(?!--).)*-->)*<([^\t\n\r />]+)/s.exec(head) ?? [];
  return isContainer(name) ? start : undefined;
}

/** The root's signature is its first child (SAML metadata 2.3.1), which is removed then. There is no other. */
function checkNoSignature(root: Element): void {
  if (isSigned(root)) throw new MetadataError("its signature does not have the form that SAML requires");
}

/** Outside of the root only white space and comments may stand. */
function refuseContent(content: Buffer): void {
  const text = content.toString("latin1").replace(/<!--(?:(?!--).)*-->/gs, "");
  if (!/^[\t\n\r ]*$/.test(text)) throw new MetadataError("it has content outside of its root");
}

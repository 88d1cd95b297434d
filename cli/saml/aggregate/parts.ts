import { MetadataError } from "../../../providers/saml/metadata.ts";

/** A piece of an aggregate. Offsets are of the document's bytes. */
export type Part =
  /** The start tag of an EntitiesDescriptor. */
  | { readonly kind: "open"; readonly from: number; readonly to: number }
  /** Whole children of the open EntitiesDescriptor, and what is between them. */
  | { readonly kind: "content"; readonly from: number; readonly to: number }
  | { readonly kind: "close" };

/** A content part ends with the first child behind so many bytes. Each is parsed by itself. */
const PART_LENGTH = 64 * 1024;
const [LESS_THAN, GREATER_THAN, SLASH, BANG, QUESTION_MARK] = Buffer.from("<>/!?");
const QUOTES: readonly (number | undefined)[] = [...Buffer.from(`"'`)];

/**
 * Splits a document into parts that fit into memory one by one. Only as much of XML is read as tells where elements
 * begin and end; each part must be parsed afterwards, between its EntitiesDescriptors, and mistakes are found then.
 *
 * @param start offset of the document's markup, behind a byte order mark and a declaration
 * @param partLength bytes of a content part
 * @throws {MetadataError} if elements are not closed, or there is a document type, CDATA or a processing instruction
 */
export function* partsOf(bytes: Buffer, start: number, partLength = PART_LENGTH): Generator<Part> {
  const open: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = bytes.indexOf("<", start); at >= 0; at = bytes.indexOf("<", at)) {
    const next = bytes[at + 1];
    if (next === BANG) {
      at = endOfComment(bytes, at);
      continue;
    }
    refuseIf(next === QUESTION_MARK);
    const end = endOfTag(bytes, at);
    const name = nameOf(bytes, at, end);
    if (next === SLASH && depth === 0) {
      refuseIf(open.pop() !== name);
      if (at > from) yield { kind: "content", from, to: at };
      yield { kind: "close" };
      from = end;
    } else if (next === SLASH) depth--;
    else if (depth === 0 && isContainer(name) && bytes[end - 2] !== SLASH) {
      if (at > from) yield { kind: "content", from, to: at };
      yield { kind: "open", from: at, to: end };
      open.push(name);
      from = end;
    } else if (bytes[end - 2] !== SLASH) depth++;
    at = end;
    if (depth === 0 && open.length > 0 && at - from >= partLength) {
      yield { kind: "content", from, to: at };
      from = at;
    }
  }
  refuseIf(open.length > 0 || depth > 0);
  if (bytes.length > from) yield { kind: "content", from, to: bytes.length };
}

/** Whether an element's name is that of an EntitiesDescriptor, in whatever namespace. */
export const isContainer = (name: string): boolean => /^(?:[^:]*:)?EntitiesDescriptor$/.test(name);

/** The name in a tag. */
export function nameOf(bytes: Buffer, at: number, end: number): string {
  const [, name = ""] = /^<\/?([^\t\n\r />]+)/.exec(bytes.toString("latin1", at, Math.min(end, at + 256))) ?? [];
  refuseIf(name === "");
  return name;
}

function endOfComment(bytes: Buffer, at: number): number {
  refuseIf(bytes.toString("latin1", at, at + 4) !== "<!--");
  const end = bytes.indexOf("-->", at + 4);
  refuseIf(end < 0);
  return end + 3;
}

/** The offset behind a tag. A `>` in an attribute does not end it. */
export function endOfTag(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === GREATER_THAN) return at + 1;
    refuseIf(byte === LESS_THAN);
    if (byte === undefined || !QUOTES.includes(byte)) continue;
    at = bytes.indexOf(byte, at + 1);
    refuseIf(at < 0);
  }
  throw notXml();
}

function refuseIf(condition: boolean): void {
  if (condition) throw notXml();
}

const notXml = () => new MetadataError("it is not XML, or has a document type, CDATA or processing instructions");

import { demand, Refusal } from "../../../shared/domain/reasons/errors.ts";

/** `<` in UTF-8, the first byte of every XML text without a byte order mark. */
const LESS_THAN = 0x3c;

/**
 * Decodes a credential: base64 of XML, or base64url of its raw DEFLATE (RFC 1951), which is two to three times
 * shorter. The encoding is strict (RFC 4648): padding, alphabet and unused bits must be right, so each text has only
 * one encoding.
 *
 * @param maxInflatedLength maximum size of the XML in bytes
 * @throws {Refusal} `assertion_malformed`, `assertion_too_complex`
 */
export function decodeCredential(value: string, maxInflatedLength: number): string {
  const plain = Buffer.from(value, "base64");
  if (plain.toString("base64") === value && plain[0] === LESS_THAN) return decodeText(plain, maxInflatedLength);
  const deflated = Buffer.from(value, "base64url");
  demand(deflated.toString("base64url") === value, "assertion_malformed");
  const inflated = inflate(deflated, maxInflatedLength);
  demand(inflated[0] === LESS_THAN, "assertion_malformed");
  return decodeText(inflated, maxInflatedLength);
}

function inflate(bytes: Buffer, maxOutputLength: number): Buffer {
  // Loaded with the first deflated credential: it takes milliseconds of every start otherwise.
  const { inflateRawSync } = process.getBuiltinModule("node:zlib");
  let inflated: Inflated;
  try {
    inflated = inflateRawSync(bytes, { maxOutputLength, info: true }) as unknown as Inflated;
  } catch (error) {
    const tooLong = (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE";
    throw new Refusal(tooLong ? "assertion_too_complex" : "assertion_malformed");
  }
  // zlib ignores what follows the last block.
  demand(inflated.engine.bytesWritten === bytes.length, "assertion_malformed");
  return inflated.buffer;
}

/** What zlib returns with the option `info`, which its types leave out. */
interface Inflated {
  readonly buffer: Buffer;
  /** `bytesWritten` counts the bytes that were read of the input. */
  readonly engine: { readonly bytesWritten: number };
}

/**
 * CR LF and CR as LF (XML 1.0 section 2.11). U+0085 and U+2028 are line ends of XML 1.1 only, which no SAML message is.
 */
export const normalizeLineEnds = (text: string): string => text.replace(/\r\n?/g, "\n");

/** Decodes UTF-8 and normalizes line ends, so that all later steps see the same text. */
export function decodeText(bytes: Buffer, maxLength: number): string {
  demand(bytes.length <= maxLength, "assertion_too_complex");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return normalizeLineEnds(text);
  } catch {
    throw new Refusal("assertion_malformed");
  }
}

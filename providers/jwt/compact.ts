import type { UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import { demand, Refusal } from "../../shared/domain/reasons/errors.ts";
import { parseStrictObject } from "../../shared/infrastructure/json/strict-json.ts";

/** The claims of a token by name (RFC 7519 section 4). */
export type Claims = UnknownObject;

/** A JWT as it was sent: read, and believed in nothing yet. */
export interface UnverifiedToken {
  readonly text: string;
  readonly header: UnknownObject;
  readonly payload: Claims;
}

/**
 * Reads a JWS in compact serialization (RFC 7515 section 7.1). Stricter than the libraries: each segment must be the
 * one base64url text of its bytes, so that a token has one spelling, and header and payload must be JSON objects that
 * every parser reads alike.
 *
 * @throws {Refusal} `token_malformed`, `credential_too_large`
 */
export function readCompact(text: string, maxLength: number): UnverifiedToken {
  demand(text.length <= maxLength, "credential_too_large");
  const [, header, payload, signature] = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/.exec(text) ?? [];
  demand(header && payload && signature && bytesOf(signature), "token_malformed");
  return { text, header: decodeObject(header), payload: decodeObject(payload) };
}

function decodeObject(segment: string): UnknownObject {
  const bytes = bytesOf(segment);
  try {
    return parseStrictObject(bytes);
  } catch {
    throw new Refusal("token_malformed");
  }
}

/**
 * Bytes of a segment. Spare bits of its last character that are not zero make a second spelling of the same bytes
 * (RFC 4648 section 3.5).
 */
function bytesOf(segment: string): Uint8Array {
  const bytes = Buffer.from(segment, "base64url");
  demand(bytes.toString("base64url") === segment, "token_malformed");
  return bytes;
}

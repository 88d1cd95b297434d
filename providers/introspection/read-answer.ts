import { parseStrictObject } from "../../shared/infrastructure/json/strict-json.ts";
import type { Claims } from "../jwt/compact.ts";

/** What a server says of a token: undefined if it is not active. */
export type Inspection = { readonly claims: Claims; readonly length: number } | undefined;

/**
 * Reads an answer (RFC 7662 section 2.2). One that is not as the standard has it is trouble of the server's, and says
 * nothing of the token.
 *
 * @throws {SyntaxError}
 */
export function readAnswer(bytes: Uint8Array): Inspection {
  const claims = parseStrictObject(bytes);
  if (claims.active === false) return undefined;
  if (claims.active !== true) throw new SyntaxError("the answer does not say whether the token is active");
  for (const [name, isValid] of Object.entries(SHAPES)) {
    if (Object.hasOwn(claims, name) && !isValid(claims[name]))
      throw new SyntaxError(`the answer has a malformed ${name}`);
  }
  return { claims, length: bytes.length };
}

/** 9999-12-31T23:59:59Z: what a date can be written as. */
const LATEST = 253_402_300_799;

const isInstant = (value: unknown) => typeof value === "number" && value >= 0 && value <= LATEST;
const isText = (value: unknown) => typeof value === "string";

/** Members that a decision rests on, whatever the configuration maps. */
const SHAPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  exp: isInstant,
  iat: isInstant,
  nbf: isInstant,
  iss: isText,
  aud: (value) => isText(value) || (Array.isArray(value) && value.every(isText)),
  token_type: isText,
};

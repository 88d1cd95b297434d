import { readFile } from "node:fs/promises";
import { text as textOfStream } from "node:stream/consumers";
import { decodeCredential, normalizeLineEnds } from "../../providers/saml/xml/decode.ts";
import { parseXml } from "../../providers/saml/xml/document.ts";
import { LOOSE_LIMITS, scanXml } from "../../providers/saml/xml/scan.ts";

const MAX_LENGTH = 1024 * 1024;

/**
 * Reads a message as XML. Accepted forms: XML, a form's SAMLResponse (percent-encoded or not), or a credential, with or
 * without `SAML` or `Authorization: SAML` before it.
 *
 * @param place a file; absent or `-` is standard input
 * @throws {Refusal} if it is no message in one of these forms
 */
export async function readMessageText(place: string | undefined): Promise<string> {
  const given =
    place === undefined || place === "-" ? await textOfStream(process.stdin) : await readFile(place, "utf8");
  const trimmed = given.trim();
  const text = trimmed.startsWith("<")
    ? normalizeLineEnds(trimmed)
    : decodeCredential(credentialOf(trimmed), MAX_LENGTH);
  scanXml(text, LOOSE_LIMITS);
  return text;
}

/** Reads a message as `readMessageText` does, and parses it. */
export const parseMessage = async (place: string | undefined): Promise<Element> =>
  parseXml(await readMessageText(place));

function credentialOf(text: string): string {
  const bare = text.replace(/^(authorization:\s*)?(saml|bearer)\s+/i, "").replace(/^SAMLResponse=/, "");
  return (/%[0-9A-Fa-f]{2}/.test(bare) ? decodeURIComponent(bare) : bare).replace(/\s/g, "");
}

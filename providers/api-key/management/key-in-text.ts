const PUBLIC = "[a-z][a-z0-9]{1,15}_[a-z][a-z0-9]{1,15}_[0-9A-Za-z]{16}_";

/** A key from its prefix on, of any length. Up to three characters that no key has may be within its secret. */
const KEY = new RegExp(`(${PUBLIC})(?:[^\\s0-9A-Za-z]{0,3}[0-9A-Za-z])+`, "g");

/** A key with at least half of its secret. */
const WHOLE_KEY = new RegExp(`${PUBLIC}(?:[^\\s0-9A-Za-z]{0,3}[0-9A-Za-z]){24}`);

/** What may be the rest of a secret with a space in it. */
const PIECE = /(?<![0-9A-Za-z])[0-9A-Za-z]{12,}(?![0-9A-Za-z_])/g;

/** Pieces of letters of both cases that other characters separate. */
const MIXED = "(?=[0-9a-z]*[A-Z])(?=[0-9A-Z]*[a-z])[0-9A-Za-z]{8,}";
const PIECES = new RegExp(`(?<![0-9A-Za-z])${MIXED}(?:[^\\s0-9A-Za-z]{1,3}${MIXED})+`, "g");

/** As long as most of a secret. */
const LONG = 40;

/** Whether a text holds a key with its secret, also one that is encoded or broken by other characters. */
export const holdsKey = (text: string): boolean => WHOLE_KEY.test(text) || WHOLE_KEY.test(decoded(text));

/** A text without the secrets of the keys in it: of a key its prefix, environment and id stay. */
export function withoutKeys(text: string): string {
  const plain = decoded(text);
  const cut = plain.replaceAll(KEY, "$1…");
  if (cut === plain) return text;
  return cut.replaceAll(PIECE, (piece) => (isMixed(piece) ? "…" : piece));
}

/**
 * A text without the secrets of keys in it, and without any other run that is as long as most of a secret, since a key
 * may be damaged. Not for what tells one from another, such as the subject of a caller.
 */
export const redacted = (text: string): string =>
  withoutKeys(text)
    .replaceAll(/[0-9A-Za-z]{40,}/g, "…")
    .replaceAll(PIECES, (pieces) => (lengthOf(pieces) >= LONG && /\d/.test(pieces) ? "…" : pieces));

const isMixed = (text: string) => /\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text);
const lengthOf = (text: string) => text.replaceAll(/[^0-9A-Za-z]/g, "").length;

/** The text with what percent-encoding or JSON hides of a key: its letters, digits and `_`, encoded up to three times. */
function decoded(text: string): string {
  let after = text;
  for (let times = 0; times < 3; times++) {
    after = after.replaceAll(/(?:%|\\u00)([0-9a-f]{2})/gi, (whole, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return /[0-9A-Za-z_%]/.test(character) ? character : whole;
    });
  }
  return after;
}

/** Maximum length of a shown text in characters. */
const MAX_LENGTH = 60;

/** Looks like a key, a token, a hash or a generated password: 32 characters, or 20 with letters and digits. */
const KEY_LIKE = /[\w+/=~-]{32,}|(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/;

/**
 * The part of a text from the configuration that may be shown, quoted as JSON. Long texts and texts that look like a
 * key are not shown: a secret in the wrong place must not reach a message or a log.
 *
 * @returns undefined if nothing may be shown
 * @example printable("https://alice:s3cret@example.com/keys") === '"https://…@example.com/keys"'
 */
export function printable(text: string): string | undefined {
  // A password may contain any character, even spaces and more `@`.
  const masked = maskUrls(text.replace(/^((?:[a-z][a-z0-9+.-]*:[\\/]{1,2})?).*@/is, "$1…@"));
  const isUrl = /^https?:\/\//i.test(masked);
  const shown = isUrl && !isShort(masked.replace(/^https?:\/\//i, "")) ? originOf(masked) : masked;
  return isShort(shown) && !shown.includes("-----") && !/\p{Cc}/u.test(shown) ? JSON.stringify(shown) : undefined;
}

const isShort = (text: string) => text.length <= MAX_LENGTH && !KEY_LIKE.test(text);

/** The path of a URL may contain a token. */
const originOf = (url: string) => `${/^[^:]+:\/\/[^/\\]*/.exec(url)?.[0] ?? ""}/…`;

/** Masks user information, query and fragment of the URLs in a message. */
export function maskUrls(message: string): string {
  return message
    .replace(/([a-z][a-z0-9+.-]*:[\\/]{1,2})[^\s"']*@/gi, "$1…@")
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s"'?#]*)[?#][^\s"']*/gi, "$1?…");
}

/** Characters up to which a text is shown. */
const MAX_LENGTH = 60;

/** Runs that look like a key, a token, a hash or a generated password: long ones, and those that mix letters and digits. */
const KEY_LIKE = /[\w+/=~-]{32,}|(?=[\w+=~-]*\d)(?=[\w+=~-]*[A-Za-z])[\w+=~-]{20,}/;

/**
 * What may be shown of a text that somebody wrote, in quotes as JSON has them. Texts that look like a key, and long ones, are not shown at all:
 * a secret in the wrong place is in no message and in no log.
 *
 * @returns undefined if nothing of it may be shown
 * @example printable("https://alice:s3cret@example.com/keys") === '"https://…@example.com/keys"'
 */
export function printable(text: string): string | undefined {
  // A password may hold any character, spaces and further `@` included.
  const masked = maskUrls(text.replace(/^((?:[a-z][a-z0-9+.-]*:[\\/]{1,2})?).*@/is, "$1…@"));
  const isUrl = /^https?:\/\//i.test(masked);
  const shown = isUrl && !isShort(masked.replace(/^https?:\/\//i, "")) ? originOf(masked) : masked;
  return isShort(shown) && !shown.includes("-----") && !/\p{Cc}/u.test(shown) ? JSON.stringify(shown) : undefined;
}

const isShort = (text: string) => text.length <= MAX_LENGTH && !KEY_LIKE.test(text);

/** The path of a URL may hold a token as well as a name. */
const originOf = (url: string) => `${/^[^:]+:\/\/[^/\\]*/.exec(url)?.[0] ?? ""}/…`;

/** Hides user information, query and fragment of the URLs in a message. */
export function maskUrls(message: string): string {
  return message
    .replace(/([a-z][a-z0-9+.-]*:[\\/]{1,2})[^\s"']*@/gi, "$1…@")
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s"'?#]*)[?#][^\s"']*/gi, "$1?…");
}

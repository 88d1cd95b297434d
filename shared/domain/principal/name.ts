/**
 * Whether a value is a valid name: text of 1 to 256 characters without control characters, and without half of a
 * surrogate pair. UTF-8 cannot write such a half: names that differ in it alone would be one name to a backend, a table
 * and a cache.
 */
export function isName(value: unknown): value is string {
  return typeof value === "string" && /^[^\p{Cc}\p{Cs}]{1,256}$/u.test(value);
}

/** White space of Unicode, and the characters without width that some languages count as white space. */
const EDGE = /^[\p{White_Space}\u180e\u200b\ufeff]|[\p{White_Space}\u180e\u200b\ufeff]$/u;

/**
 * Whether a value is a valid name that identifies a caller: without white space at its edges. A backend, or an HTTP
 * header on the way to it, would cut the white space off and see another caller.
 */
export function isIdentifier(value: unknown): value is string {
  return isName(value) && !EDGE.test(value);
}

/** Whether a value is a scope-token (RFC 6749 section 3.3) of at most 256 characters. */
export function isScopeToken(value: unknown): value is string {
  return typeof value === "string" && /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(value);
}

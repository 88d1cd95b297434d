/** Characters that a terminal may take for a command, or that change the order of a line. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text of a record for a terminal, in one line: what could change the terminal is shown by its number. */
export const safeText = (text: string): string =>
  text.replace(UNSAFE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);

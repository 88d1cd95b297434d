import { isObject, type UnknownObject } from "../../domain/object/unknown-object.ts";

/** Maximum nesting. Tokens and key sets need less. */
const MAX_DEPTH = 16;

/**
 * Parses JSON and refuses duplicate member names (RFC 8259 section 4). `JSON.parse` keeps the last of two equal
 * members and some parsers keep the first, so two readers of one signed text could see different values. Nesting is
 * limited.
 *
 * @throws {SyntaxError} if the bytes are not JSON in UTF-8 without BOM; the message contains nothing of the text
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  scan(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError("not JSON");
  }
}

/**
 * Parses a JSON object in the same way.
 *
 * @throws {SyntaxError}
 */
export function parseStrictObject(bytes: Uint8Array): UnknownObject {
  const value = parseStrictJson(bytes);
  if (!isObject(value)) throw new SyntaxError("not an object");
  return value;
}

// `ignoreBOM: true` keeps a BOM, which JSON.parse then refuses.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
}

/**
 * Checks nesting and member names. It understands only strings, brackets and colons. `JSON.parse` checks the rest of
 * the grammar afterwards and refuses everything that is not JSON.
 */
function scan(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  /** The name that `last` spells. It is resolved once, however many colons follow it. */
  let name: string | undefined;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') {
      const end = endOfString(text, index);
      last = text.slice(index, end + 1);
      name = undefined;
      index = end;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      if (open.length > MAX_DEPTH) throw new SyntaxError("nested too deeply");
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === ":") {
      const names = open.at(-1);
      name ??= unescaped(last);
      if (names?.has(name)) throw new SyntaxError("a duplicate member");
      names?.add(name);
    }
  }
}

/** Index of the quotation mark that ends the string which begins at an index. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text[index] === '"') return index;
  }
  throw new SyntaxError("an unterminated string");
}

/** Resolves escapes, because `"\u0073ub"` and `"sub"` are the same name. */
function unescaped(token: string): string {
  if (!token.includes("\\")) return token;
  try {
    return JSON.stringify(JSON.parse(token));
  } catch {
    throw new SyntaxError("not JSON");
  }
}

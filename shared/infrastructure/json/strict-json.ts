import { isObject, type UnknownObject } from "../../domain/object/unknown-object.ts";

/** Deepest nesting that a token or a key set has any use for. */
const MAX_DEPTH = 16;

/**
 * Parses JSON as RFC 8259 section 4 would have it: member names of an object are unique. `JSON.parse` keeps the last of two equal members
 * and other parsers the first, so that two readers of one signed text may see two contents. Nesting is bounded.
 *
 * @throws {SyntaxError} for anything else than JSON in UTF-8 without BOM; the message holds nothing of the text
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

/** The same for a text that must be an object. @throws {SyntaxError} */
export function parseStrictObject(bytes: Uint8Array): UnknownObject {
  const value = parseStrictJson(bytes);
  if (!isObject(value)) throw new SyntaxError("not an object");
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    // A BOM that is kept is a character that no JSON text begins with.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("not UTF-8");
  }
}

/**
 * Follows strings and brackets, and nothing else of the grammar, which `JSON.parse` checks afterwards: a text that is JSON is read
 * right, and what is not JSON is refused there at the latest.
 */
function scan(text: string): void {
  // Each string is matched from its opening quote on, so the expression never looks at a character twice.
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gsy;
  const open: (Set<string> | undefined)[] = [];
  let last = "";
  for (let index = 0; index < text.length; ) {
    tokens.lastIndex = index;
    const token = tokens.exec(text)?.[0];
    if (token === undefined) {
      if (text[index] === '"') throw new SyntaxError("a string without end");
      index++;
      continue;
    }
    index += token.length;
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : undefined);
      if (open.length > MAX_DEPTH) throw new SyntaxError("nested too deep");
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === ":") {
      const names = open.at(-1);
      const name = unescaped(last);
      if (names?.has(name)) throw new SyntaxError("a duplicate member");
      names?.add(name);
    }
    last = token;
  }
}

/** Two spellings of a name are one name: `"\u0073ub"` is `"sub"`. */
function unescaped(token: string): string {
  if (!token.includes("\\")) return token;
  try {
    return JSON.stringify(JSON.parse(token));
  } catch {
    throw new SyntaxError("not JSON");
  }
}

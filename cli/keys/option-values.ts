import { parseApiKey } from "../../providers/api-key/format.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import { isKeyId } from "../../shared/domain/principal/key-id.ts";
import { isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import { UsageError } from "../usage-error.ts";

/** A mistake in the value of an option: what was found, unless it may be a secret, and what is allowed. */
export function wrongValue(option: string, found: unknown, allowed: string): UsageError {
  return new UsageError(`${option}: found ${foundText(found)}, allowed is ${allowed}.`);
}

/** A value for a message. A text that may be a secret is not shown. */
export function foundText(found: unknown): string {
  if (typeof found === "string") return printable(found) ?? `a text of ${found.length} characters`;
  if (typeof found === "number" || typeof found === "boolean") return String(found);
  if (Array.isArray(found)) return `a list of ${found.length}`;
  return found === undefined ? "nothing" : "another value";
}

/** Length of each unit in seconds. */
const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60 };

/** Makes a parser of durations such as `90d`, which returns seconds. @throws {UsageError} from the parser */
export const durationOf =
  (option: string, { isZeroAllowed = false, max = Number.POSITIVE_INFINITY, maxText = "" } = {}) =>
  (text: string): number => {
    if (isZeroAllowed && text === "0") return 0;
    const [, count, unit = ""] = /^([1-9]\d{0,4})([dhm])$/.exec(text) ?? [];
    const seconds = Number(count) * (UNIT_SECONDS[unit] ?? 0);
    if (count !== undefined && seconds <= max) return seconds;
    const allowed = "a number followed by d, h or m, such as 90d";
    throw wrongValue(
      option,
      text,
      `${isZeroAllowed ? "0, or " : ""}${allowed}${maxText ? `, up to ${maxText}` : ", from 1m to 99999d"}`,
    );
  };

/** Makes a parser of a whole number within bounds. @throws {UsageError} from the parser */
export const wholeNumberOf =
  (option: string, { min, max }: { readonly min: number; readonly max: number }) =>
  (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw wrongValue(option, text, `a whole number from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`);
  };

/** Makes a parser of texts that a record keeps. @throws {UsageError} from the parser */
export const nameOf =
  (option: string) =>
  (text: string): string => {
    if (isName(text)) return text;
    throw wrongValue(option, text, "text of 1 to 256 characters without control characters");
  };

/** Texts by their names. */
export type Texts = Readonly<Record<string, string>>;

/** Makes a parser of texts by their names, such as `plan=gold`, of which there may be several. */
export const namedTextOf =
  (option: string) =>
  (given: string, before: Texts | boolean | undefined): Texts => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
    // What was found is not shown: the text may be a secret.
    if (name === undefined || text === undefined) {
      throw new UsageError(`${option}: found a text of another form, allowed is NAME=TEXT.`);
    }
    return { ...(typeof before === "object" && before), ...Object.fromEntries([[name, text]]) };
  };

/**
 * The id of a key, or of a whole key, of which nothing else is used. What is neither may be a secret: it is not sent to
 * the table and not repeated.
 *
 * @throws {UsageError}
 */
export function readKeyId(text: string): string {
  if (isKeyId(text)) return text;
  const parts = text.split("_");
  if (parts.length !== 4) {
    throw new UsageError("<id> takes a key, or its id: 16 letters and digits, the third part of the key.");
  }
  try {
    return parseApiKey(text, parts[0] ?? "").id;
  } catch {
    throw new UsageError(
      "<id> looks like a whole key with a mistake in it: its checksum is wrong. Its third part alone is enough.",
    );
  }
}

/** The same, for a command that checks the secret of a whole key. @returns the text @throws {UsageError} */
export function readKey(text: string): string {
  readKeyId(text);
  return text;
}

/** Makes a parser of scopes. @throws {UsageError} for several in one text, which would be one scope that no rule asks for */
export const scopeOf =
  (option: string) =>
  (text: string): string => {
    const isScope: boolean = isScopeToken(text);
    if (!isScope) {
      const several = /\S\s+\S/.test(text.trim()) ? `; repeat ${option} for several` : "";
      throw wrongValue(option, text, `one scope: printable ASCII without spaces, quotes and backslashes${several}`);
    }
    if (!text.includes(",")) return text;
    throw new UsageError(`${option} takes one scope, and a scope with a comma is taken for several: repeat ${option}.`);
  };

/** A scope of `--scope`. @throws {UsageError} */
export const readScope = scopeOf("--scope");

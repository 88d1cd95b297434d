import { isKeyId, parseApiKey } from "../../providers/api-key/format.ts";
import { UsageError } from "../usage-error.ts";

/** Length of each unit in seconds. */
const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60 };

/** Parses a duration such as `90d` into seconds. @throws {UsageError} */
export function readDuration(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,4})([dhm])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError("--expires-in takes a number followed by d, h or m, such as 90d.");
  return Number(count) * (UNIT_SECONDS[unit] ?? 0);
}

/** Parses an attribute such as `plan=gold`. @throws {UsageError} */
export function readAttribute(text: string): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--attribute takes NAME=TEXT.");
  return Object.fromEntries([[name, value]]);
}

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

/** A scope. @throws {UsageError} for several in one text, which would be one scope that no rule asks for */
export function readScope(text: string): string {
  if (!text.includes(",")) return text;
  throw new UsageError("--scope takes one scope, and a scope with a comma is taken for several: repeat --scope.");
}

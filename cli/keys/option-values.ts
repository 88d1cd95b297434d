import { isKeyId } from "../../providers/api-key/format.ts";
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

/** The id of a key. What is none may be a secret: it is neither sent to the table nor repeated. @throws {UsageError} */
export function readKeyId(text: string): string {
  if (isKeyId(text)) return text;
  const parts = text.split("_").length;
  throw new UsageError(
    parts === 4
      ? "<id> is a whole key. Give its third part alone, the 16 characters between its second and its third '_': that is the id."
      : "<id> takes the id of a key, 16 letters and digits: the third part of the key.",
  );
}

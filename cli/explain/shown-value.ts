import { printable } from "../../shared/domain/config/printable.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";

/** Identifiers of tenants and applications are GUIDs, which would look like keys. One in a text is no secret. */
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

const MAX_ITEMS = 8;

/**
 * A value of a credential, or of the configuration, for people. What is long or looks like a secret is masked, because
 * it may stand in the wrong place.
 *
 * @example shownValue(["a", "b"]) === '"a", "b"'
 */
export function shownValue(value: unknown): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return shownText(value);
  if (Array.isArray(value)) return shownList(value);
  if (isObject(value)) return `an object with ${shownNames(Object.keys(value))}`;
  return String(value);
}

/** Values as one list. */
export function shownList(values: readonly unknown[]): string {
  if (values.length === 0) return "an empty list";
  const more = values.length > MAX_ITEMS ? ` and ${values.length - MAX_ITEMS} more` : "";
  return values.slice(0, MAX_ITEMS).map(shownValue).join(", ") + more;
}

/** Names of members, such as those of a token's claims. */
export function shownNames(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : shownList(names);
}

function shownText(text: string): string {
  if (text === "") return "an empty text";
  const judged = text.replace(GUID, "guid");
  const shown = printable(judged);
  if (shown === undefined) return masked(text);
  return visible(shown === JSON.stringify(judged) ? JSON.stringify(text) : shown);
}

/** Of a long text its beginning, so that two of them can be told apart. */
function masked(text: string): string {
  const start = text.length < 20 ? "" : (/^[\w.:/-]{1,4}/.exec(text)?.[0] ?? "");
  return `"${start}…" (${text.length} characters, masked)`;
}

/** Names that were accepted, or that stand in a rule. They are no secrets, however they look. */
export const quotedList = (names: readonly string[]): string => names.map(quoted).join(", ");

/** One such name. */
export const quoted = (name: string): string => visible(JSON.stringify(name));

/** Characters that a terminal does not show, or that change the order of others, as escapes. */
export const visible = (text: string) =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u3000]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );

/** The beginning of a key's name: issuers publish such names, which look like secrets. */
export function shownKid(kid: unknown): string {
  if (typeof kid !== "string" || kid.length <= 12) return shownValue(kid);
  return visible(JSON.stringify(`${kid.slice(0, 8)}…`));
}

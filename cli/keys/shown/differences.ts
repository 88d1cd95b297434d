import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { shownTime } from "../../explain/shown-time.ts";
import { safeText } from "./safe-text.ts";

/** Fields of which people are told that they changed, in this order. */
const FIELDS = [
  ...["name", "owner", "tenant", "subject", "scopes", "roles", "addresses", "attributes", "metadata"],
  ...["usageIdentifierKey", "expiresAt"],
] as const;

/** What a change did to the fields of a key, one line for each. */
export function differences(before: KeyRecord, after: KeyRecord): string[] {
  const [old, fresh]: Readonly<Record<string, unknown>>[] = [before, after];
  return FIELDS.flatMap((name) => {
    const [was, is] = [shownField(name, old?.[name]), shownField(name, fresh?.[name])];
    if (was === is) return [];
    // Whoever has the value of an API Gateway key uses up another one's plan.
    if (name === "usageIdentifierKey")
      return [`  ${name}: ${hidden(was)} → ${was === "none" ? "a value" : hidden(is, "another value")}`];
    return [`  ${name}: ${was} → ${is}`];
  });
}

const hidden = (text: string, value = "a value") => (text === "none" ? text : value);

function shownField(name: string, value: unknown): string {
  if (value === undefined) return name === "addresses" ? "any" : name === "expiresAt" ? "never" : "none";
  if (name === "expiresAt") return shownTime(Number(value));
  if (Array.isArray(value)) return value.length === 0 ? "none" : safeText(value.join(" "));
  return typeof value === "object" ? safeText(JSON.stringify(value)) : safeText(String(value));
}

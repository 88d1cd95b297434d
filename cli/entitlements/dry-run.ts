import type { SubjectUpdate } from "../../providers/entitlements/management/entitlements.ts";
import type { EntitlementRecord } from "../../providers/entitlements/record.ts";
import { safeText } from "../keys/shown/safe-text.ts";

/** What a change would set, with what is there now: `: roles "a" → "a b"`. */
export function updateText(before: EntitlementRecord | undefined, update: SubjectUpdate): string {
  const { roles = [], scopes = [], tenant } = before?.kind === "subject" ? before : {};
  const changes = [
    ...(update.roles ? [["roles", roles.join(" "), update.roles.join(" ")]] : []),
    ...(update.scopes ? [["scopes", scopes.join(" "), update.scopes.join(" ")]] : []),
    ...(update.tenant === undefined ? [] : [["tenant", tenant ?? "", update.tenant ?? ""]]),
  ];
  const texts = changes.map(([what, old, next]) => `${what} ${shown(old)} → ${shown(next)}`);
  return `: ${texts.join(", ")}`;
}

const shown = (text = "") => (text === "" ? "none" : safeText(text));

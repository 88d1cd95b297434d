import type { ListedRecord } from "../../providers/entitlements/management/entitlement-table.ts";
import { stateOf } from "../../providers/entitlements/management/state.ts";
import type { EntitlementRecord } from "../../providers/entitlements/record.ts";
import type { Output } from "../command-io.ts";
import { shownTime } from "../explain/shown-time.ts";
import { columns, paintFor } from "../explain/text/layout.ts";
import { safeText } from "../keys/shown/safe-text.ts";
import { eventText, shownMinute } from "../keys/shown/times.ts";

const HEADER = ["KIND", "NAME", "STATE", "TENANT", "ROLES", "SCOPES", "CHANGED"];

/**
 * Records as a table, one line for each.
 *
 * @param withIssuer whether there is a column for it: the records are of several
 */
export function recordTable(records: readonly ListedRecord[], stream: Output, withIssuer = false): string {
  const paint = paintFor(stream);
  const rows = records.map((record) => {
    const [kind = "", name = "", state = "", ...rest] = rowOf(record);
    const isRefused = state !== "active";
    const issuer = "issuer" in record ? safeText(record.issuer) : "";
    return [kind, name, isRefused ? paint("red", state) : state, ...rest, ...(withIssuer ? [issuer] : [])];
  });
  const header = [...HEADER, ...(withIssuer ? ["ISSUER"] : [])];
  return columns([header.map((cell) => paint("bold", cell)), ...rows])
    .map((line) => `${line}\n`)
    .join("");
}

function rowOf(record: ListedRecord): string[] {
  if (record.kind === "damaged") return ["damaged", record.key, "damaged", "", "", "", ""];
  const changed = shownMinute(record.changedAt);
  if (record.kind === "token") return ["token", safeText(record.tokenId), "revoked", "", "", "", changed];
  const state = stateText(record);
  if (record.kind === "tenant") return ["tenant", safeText(record.tenant), state, "", "", "", changed];
  const lists = [record.tenant ?? "-", record.roles.join(" ") || "-", record.scopes.join(" ") || "-"].map(safeText);
  return ["subject", safeText(record.subject), state, ...lists, changed];
}

/** Whoever was issued new credentials since a revocation is let in: `revoked` alone reads as a lockout. */
function stateText(record: EntitlementRecord): string {
  const state = stateOf(record);
  const { revokedBefore } = record as { revokedBefore?: number };
  return state === "revoked" && revokedBefore !== undefined ? `revoked < ${shownMinute(revokedBefore)}` : state;
}

/** Everything that is known of a record. */
export function wholeRecord(record: EntitlementRecord): string {
  const { version, createdAt, changedAt, changedBy, changeReason } = record;
  const lines: [string, string][] = [];
  if ("issuer" in record) lines.push(["issuer", safeText(record.issuer)]);
  if (record.kind === "subject") lines.push(["subject", safeText(record.subject)]);
  if (record.kind === "token") {
    lines.push(["token", safeText(record.tokenId)], ["ends", maybeTime(record.expiresAt, "not known: it stays")]);
  } else {
    lines.push(["tenant", safeText(record.tenant ?? "-")]);
    if (record.kind === "subject") {
      lines.push(
        ["roles", safeText(record.roles.join(" ") || "-")],
        ["scopes", safeText(record.scopes.join(" ") || "-")],
      );
    }
    lines.push(["disabled", maybeTime(record.disabledSince, "no", "since ")]);
    lines.push(["revoked", maybeTime(record.revokedBefore, "nothing", "all issued before ")]);
  }
  lines.push(["version", String(version)], ["made", shownTime(createdAt)]);
  lines.push(["changed", eventText(changedAt, changedBy, changeReason)]);
  return columns(lines)
    .map((line) => `${line}\n`)
    .join("");
}

const maybeTime = (time: number | undefined, otherwise: string, before = "") =>
  time === undefined ? otherwise : before + shownTime(time);

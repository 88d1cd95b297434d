import { graceEnd } from "../../../providers/api-key/management/grace.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import type { Output } from "../../command-io.ts";
import { shownTime } from "../../explain/shown-time.ts";
import { columns, paintFor } from "../../explain/text/layout.ts";
import type { LastUse } from "../last-use.ts";
import { STATE_COLOURS, stateOf } from "./public-record.ts";
import { safeText } from "./safe-text.ts";
import { eventText, shownEnd } from "./times.ts";

/** All of a key for people: what it is, what it may, and what happened to it. */
export function shownKey(record: KeyRecord, use: LastUse, now: number, stream: Output): string {
  const paint = paintFor(stream);
  const state = stateOf(record, now);
  const lines = [
    ...columns([
      ["status", paint(STATE_COLOURS[state], state)],
      ["expires", record.expiresAt === undefined ? "never" : shownEnd(record.expiresAt, now)],
      ...facts(record).map(([label, text]) => [label, safeText(text)]),
      ...events(record, now),
      ["last used", useText(use)],
    ]),
  ];
  return [`${paint("bold", record.id)}  ${safeText(record.name)}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
}

function facts(record: KeyRecord): [string, string][] {
  const { environment, owner, tenant, subject, scopes, roles, addresses, attributes, metadata, pepper } = record;
  return [
    ["environment", environment],
    ["owner", owner ?? "-"],
    ["tenant", tenant ?? "-"],
    ["subject", subject ?? `${record.id} (the key's id)`],
    ["scopes", listed(scopes, "-")],
    ["roles", listed(roles, "-")],
    ["addresses", listed(addresses, "any")],
    ["attributes", pairs(attributes)],
    ["metadata", pairs(metadata)],
    ["usage plan", record.usageIdentifierKey === undefined ? "-" : "has a usage key"],
    ["pepper", pepper],
    ["version", String(versionOf(record))],
  ];
}

function events(record: KeyRecord, now: number): [string, string][] {
  const { createdAt, createdBy, rotatedAt, previousUntil, changedAt, changedBy, changeReason } = record;
  const { revokedAt, revokedBy, revokeReason, version = 1 } = record;
  // The reason of the first version is that of the issue.
  const issueReason = version === 1 ? changeReason : undefined;
  return [
    ["issued", eventText(createdAt, createdBy, issueReason)],
    ...event("rotated", rotatedAt),
    ...(previousUntil === undefined
      ? []
      : [["previous secret", graceText(record, previousUntil, now)] as [string, string]]),
    ...event("revoked", revokedAt, revokedBy, revokeReason),
    ...event("last change", changedAt, changedBy, changeReason),
  ];
}

const event = (label: string, time: number | undefined, by?: string, reason?: string): [string, string][] =>
  time === undefined ? [] : [[label, eventText(time, by, reason)]];

/** A key that ends before the grace takes the previous secret with it. */
function graceText(record: KeyRecord, until: number, now: number): string {
  const state = stateOf(record, now);
  if (state === "revoked") return "refused: the key is revoked";
  const end = graceEnd(record, now);
  if (end === undefined) return `refused since ${shownEnd(Math.min(until, record.expiresAt ?? until), now)}`;
  return `${state === "disabled" ? "refused while the key is disabled; its grace ends" : "accepted until"} ${shownEnd(end, now)}`;
}

function useText(use: LastUse): string {
  if (use === "unknown") return "not known: --stack or SALLYPORT_ACTIVITY_TABLE names the table of uses";
  return use === "never" ? "not within 400 days, or not yet" : `in the hour from ${shownTime(use.hour)}`;
}

const listed = (values: readonly string[] = [], none: string) => (values.length === 0 ? none : values.join(" "));

const pairs = (values: Readonly<Record<string, string | number | boolean>> = {}) =>
  listed(
    Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    "-",
  );

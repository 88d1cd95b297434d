import { instantOf } from "../../../shared/domain/events/common.ts";
import type { EventKey } from "../../../shared/domain/events/event-key.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { type KeyRecord, versionOf } from "../record.ts";
import { graceEnd } from "./grace.ts";
import { withoutKeys } from "./key-in-text.ts";

/** What an event says of a key. Every member is listed: what is added to the record stays in the table. */
export function eventKeyOf(record: KeyRecord): EventKey {
  const { id, status, environment, subject, tenant, scopes, roles, addresses } = record;
  const { createdAt, expiresAt, rotatedAt, revokedAt, changedAt = createdAt } = record;
  // Records of before, and those that were edited by hand, may have any text.
  const textOf = (text: string | undefined) => text && withoutKeys(text);
  const [name, owner, createdBy] = [textOf(record.name), textOf(record.owner), textOf(record.createdBy)];
  const metadata = record.metadata && mapped(record.metadata, withoutKeys);
  return withoutUndefined({
    ...{ id, version: versionOf(record), status, environment, name },
    ...{ owner, subject, tenant, scopes, roles, addresses, metadata },
    createdAt: instantOf(createdAt),
    createdBy,
    expiresAt: maybeInstantOf(expiresAt),
    rotatedAt: maybeInstantOf(rotatedAt),
    previousSecretUntil: maybeInstantOf(graceEnd(record, changedAt)),
    revokedAt: maybeInstantOf(revokedAt),
  });
}

const maybeInstantOf = (seconds: number | undefined) => (seconds === undefined ? undefined : instantOf(seconds));

const mapped = (texts: Readonly<Record<string, string>>, change: (text: string) => string) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)]));

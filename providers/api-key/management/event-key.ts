import { instantOf } from "../../../shared/domain/events/common.ts";
import type { EventKey } from "../../../shared/domain/events/event-key.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { type KeyRecord, versionOf } from "../record.ts";

/** What an event says of a key. Every member is listed: what is added to the record stays in the table. */
export function eventKeyOf(record: KeyRecord): EventKey {
  const { id, status, environment, name, owner, subject, tenant, scopes, roles, addresses, metadata } = record;
  const { createdBy, createdAt, expiresAt, rotatedAt, previousUntil, revokedAt } = record;
  return withoutUndefined({
    ...{ id, version: versionOf(record), status, environment, name },
    ...{ owner, subject, tenant, scopes, roles, addresses, metadata },
    createdAt: instantOf(createdAt),
    createdBy,
    expiresAt: maybeInstantOf(expiresAt),
    rotatedAt: maybeInstantOf(rotatedAt),
    previousUntil: maybeInstantOf(previousUntil),
    revokedAt: maybeInstantOf(revokedAt),
  });
}

const maybeInstantOf = (seconds: number | undefined) => (seconds === undefined ? undefined : instantOf(seconds));

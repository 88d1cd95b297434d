import * as v from "valibot";
import { graceEnd } from "../../../providers/api-key/management/grace.ts";
import { isDamaged, type ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { type KeyRecord, STATUSES, versionOf } from "../../../providers/api-key/record.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Administrator } from "../rights/administrator.ts";

/** An instant as this API writes it: `2027-01-31T08:00:00Z`. */
export const time = v.pipe(v.string(), v.isoTimestamp());

/** Counts changes, from 1. */
export const versionNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

/** A key as this API shows it: without its secret, hashes and peppers. */
export const keySchema = v.strictObject({
  id: v.string(),
  version: versionNumber,
  status: v.picklist(STATUSES),
  environment: v.string(),
  name: v.string(),
  owner: v.optional(v.string()),
  subject: v.optional(v.string()),
  tenant: v.optional(v.string()),
  scopes: v.array(v.string()),
  roles: v.array(v.string()),
  addresses: v.optional(v.array(v.string())),
  attributes: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  metadata: v.optional(v.record(v.string(), v.string())),
  hasUsageIdentifierKey: v.boolean(),
  expiresAt: v.optional(time),
  expired: v.optional(v.literal(true)),
  createdAt: time,
  createdBy: v.optional(v.string()),
  changedAt: v.optional(time),
  changedBy: v.optional(v.string()),
  changeReason: v.optional(v.string()),
  rotatedAt: v.optional(time),
  previousSecretUntil: v.optional(time),
  revokedAt: v.optional(time),
  revokedBy: v.optional(v.string()),
  revokeReason: v.optional(v.string()),
});
export type Key = v.InferOutput<typeof keySchema>;

/** A key with its secret, which is shown once. */
export const secretKeySchema = v.strictObject({ ...keySchema.entries, secret: v.string() });

/** A key whose record is damaged: its id is all that can be told. */
export const damagedKeySchema = v.strictObject({ id: v.string(), status: v.literal("damaged") });

export const keyPageSchema = v.strictObject({
  keys: v.array(v.union([keySchema, damagedKeySchema])),
  cursor: v.optional(v.string()),
});

/** The answer to a repeated request that made a secret. */
export const repeatedSchema = v.strictObject({
  id: v.string(),
  version: versionNumber,
  repeated: v.literal(true),
  detail: v.string(),
  rotate: v.string(),
});

/** The instant as text. */
export const instantText = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** The same, of an instant that may be absent. */
export const optionalInstant = (seconds: number | undefined) =>
  seconds === undefined ? undefined : instantText(seconds);

/** What a key tells of its reader. */
export type Reader = Pick<Administrator, "by" | "limits">;

/**
 * A record as this API shows it. Metadata are the operators' notes: a tenant's administrator does not see them. It also
 * sees nobody's name and reason but its own: a record does not say of which tenant somebody was, and what operators
 * write of a customer is not for the customer.
 */
export function keyOf(record: KeyRecord, { by, limits }: Reader, now: number): Key {
  const isShown = (who: string | undefined) => limits === undefined || who === by;
  const told = <Text>(who: string | undefined, text: Text) => (isShown(who) ? text : undefined);
  const { id, status, environment, name, owner, subject, tenant, scopes, roles, addresses, attributes } = record;
  return withoutUndefined({
    ...{ id, version: versionOf(record), status, environment, name, owner, subject, tenant, scopes, roles, addresses },
    attributes,
    metadata: limits ? undefined : record.metadata,
    hasUsageIdentifierKey: record.usageIdentifierKey !== undefined,
    expiresAt: optionalInstant(record.expiresAt),
    // The status is what somebody set; the end comes by itself.
    expired: (record.expiresAt ?? Number.POSITIVE_INFINITY) <= now ? true : undefined,
    createdAt: instantText(record.createdAt),
    createdBy: told(record.createdBy, record.createdBy),
    changedAt: optionalInstant(record.changedAt),
    changedBy: told(record.changedBy, record.changedBy),
    changeReason: told(record.changedBy ?? record.createdBy, record.changeReason),
    rotatedAt: optionalInstant(record.rotatedAt),
    previousSecretUntil: optionalInstant(graceEnd(record, now)),
    revokedAt: optionalInstant(record.revokedAt),
    revokedBy: told(record.revokedBy, record.revokedBy),
    revokeReason: told(record.revokedBy, record.revokeReason),
  });
}

/** A key of a list as this API shows it. */
export const listedKeyOf = (key: ListedKey, administrator: Administrator, now: number) =>
  isDamaged(key) ? { id: key.id, status: key.status } : keyOf(key, administrator, now);

import { hash } from "node:crypto";
import * as v from "valibot";
import type { ListedRecord } from "../../../providers/entitlements/management/entitlement-table.ts";
import { STATES, stateOf } from "../../../providers/entitlements/management/state.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { optionalInstant, time, versionNumber } from "../schema/key.ts";

const bookkeeping = {
  version: versionNumber,
  createdAt: time,
  changedAt: time,
  changedBy: v.string(),
  changeReason: v.optional(v.string()),
};

const lockout = { disabledSince: v.optional(time), revokedBefore: v.optional(time) };

/** What a subject has, as this API shows it. */
export const subjectSchema = v.strictObject({
  kind: v.literal("subject"),
  issuer: v.string(),
  subject: v.string(),
  state: v.picklist(STATES),
  roles: v.array(v.string()),
  scopes: v.array(v.string()),
  tenant: v.optional(v.string()),
  ...lockout,
  ...bookkeeping,
});

/** What there is to say of a tenant. */
export const tenantSchema = v.strictObject({
  kind: v.literal("tenant"),
  tenant: v.string(),
  state: v.picklist(STATES),
  ...lockout,
  ...bookkeeping,
});

/** A revoked token. */
export const tokenSchema = v.strictObject({
  kind: v.literal("token"),
  issuer: v.string(),
  tokenId: v.string(),
  state: v.literal("revoked"),
  expiresAt: v.optional(time),
  ...bookkeeping,
});

/** A record that is damaged: its partition key is all that can be told. */
export const damagedRecordSchema = v.strictObject({ kind: v.literal("damaged"), key: v.string() });

export const recordPageSchema = v.strictObject({
  entitlements: v.array(v.variant("kind", [subjectSchema, tenantSchema, tokenSchema, damagedRecordSchema])),
  cursor: v.optional(v.string()),
});

/** A record as this API shows it: without what serves the table alone. */
export function shownRecord(record: ListedRecord): object {
  if (record.kind === "damaged") return record;
  const { changeId: _, createdAt, changedAt, ...known } = record;
  const times =
    known.kind === "token"
      ? { expiresAt: optionalInstant(known.expiresAt) }
      : { disabledSince: optionalInstant(known.disabledSince), revokedBefore: optionalInstant(known.revokedBefore) };
  const book = { createdAt: optionalInstant(createdAt), changedAt: optionalInstant(changedAt) };
  return withoutUndefined({ ...known, state: stateOf(record), ...times, ...book });
}

/**
 * The strong entity tag of a record: its version, and a digest of the change that made it. A record that was made anew
 * after a deletion begins with version 1 again, and is another one.
 */
export const recordTag = ({ version, changeId }: EntitlementRecord): string =>
  `"${version}.${hash("sha256", changeId, "base64url").slice(0, 11)}"`;

import { instantOf } from "../../../shared/domain/events/common.ts";
import type { EventDetail } from "../../../shared/domain/events/events.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { SubjectRecord, TenantRecord, TokenRecord } from "../record.ts";

const maybeInstantOf = (seconds: number | undefined) => (seconds === undefined ? undefined : instantOf(seconds));

const lockoutOf = ({ disabledSince, revokedBefore }: SubjectRecord | TenantRecord) => ({
  disabledSince: maybeInstantOf(disabledSince),
  revokedBefore: maybeInstantOf(revokedBefore),
});

/** What an event says of a subject. Every member is listed: what is added to the record stays in the table. */
export function eventSubjectOf(record: SubjectRecord): EventDetail<"SubjectDisabled">["subject"] {
  const { issuer, subject, version, createdAt, roles, scopes, tenant } = record;
  const known = { issuer, subject, version, createdAt: instantOf(createdAt), roles, scopes, tenant };
  return withoutUndefined({ ...known, ...lockoutOf(record) });
}

/** What an event says of a tenant. */
export function eventTenantOf(record: TenantRecord): EventDetail<"TenantDisabled">["tenant"] {
  const { tenant, version, createdAt } = record;
  return withoutUndefined({ tenant, version, createdAt: instantOf(createdAt), ...lockoutOf(record) });
}

/** What an event says of a revoked token. */
export function eventTokenOf({ issuer, tokenId, version, createdAt, expiresAt }: TokenRecord) {
  const known = { issuer, tokenId, version, createdAt: instantOf(createdAt) };
  return withoutUndefined({ ...known, expiresAt: maybeInstantOf(expiresAt) });
}

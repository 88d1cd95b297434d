import * as v from "valibot";
import { text } from "../../shared/domain/config/common.ts";
import { isName, isScopeToken } from "../../shared/domain/principal/name.ts";

/** 9999-12-31T23:59:59Z. A later time is probably in milliseconds by mistake. */
const LATEST = 253_402_300_799;

/** Items of one list at most, as many as a credential may have. */
export const MAX_ITEMS = 256;

export const name = v.custom<string>(
  isName,
  "text of 1 to 256 characters without control characters and lone surrogates",
);
export const scope = v.custom<string>(isScopeToken, "a scope: printable ASCII without spaces, quotes and backslashes");

/** Seconds since the epoch. */
export const time = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(LATEST, "seconds since the epoch, before the year 10000"),
);

const list = <T extends v.GenericSchema<string>>(item: T) => v.pipe(v.array(item), v.maxLength(MAX_ITEMS));

/** What all records have: who changed them, when and why. */
const bookkeeping = {
  /** Counts the changes of the record, from 1. A change names the version that it replaces. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER)),
  /** Random text of the last change, by which a repeated write recognises its own. */
  changeId: name,
  createdAt: time,
  changedAt: time,
  changedBy: name,
  changeReason: v.optional(name),
};

/** What locks a subject or a tenant out. */
const lockout = {
  /** Present: locked out, whatever the clocks say. */
  disabledSince: v.optional(time),
  /** Credentials that were issued before this instant are refused, and those that do not say when they were issued. */
  revokedBefore: v.optional(time),
};

const subjectRecord = v.strictObject({
  kind: v.literal("subject"),
  issuer: text,
  subject: text,
  /** Roles and scopes of the caller. */
  roles: v.optional(list(name), []),
  scopes: v.optional(list(scope), []),
  /** The tenant of a caller whose credential states none. */
  tenant: v.optional(name),
  ...lockout,
  ...bookkeeping,
});

/** One token is revoked. */
const tokenRecord = v.strictObject({
  kind: v.literal("token"),
  issuer: text,
  /** `jti` of a JWT, ID of an assertion. */
  tokenId: text,
  /** When the token has ended at the latest: the record is deleted some time after it. Absent: it stays. */
  expiresAt: v.optional(time),
  ...bookkeeping,
});

const tenantRecord = v.strictObject({
  kind: v.literal("tenant"),
  tenant: name,
  ...lockout,
  ...bookkeeping,
});

export const entitlementRecord = v.variant("kind", [subjectRecord, tokenRecord, tenantRecord]);

export type SubjectRecord = v.InferOutput<typeof subjectRecord>;
export type TokenRecord = v.InferOutput<typeof tokenRecord>;
export type TenantRecord = v.InferOutput<typeof tenantRecord>;
export type EntitlementRecord = SubjectRecord | TokenRecord | TenantRecord;

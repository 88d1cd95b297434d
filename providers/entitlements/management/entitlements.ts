import * as v from "valibot";
import { text } from "../../../shared/domain/config/common.ts";
import { TENANT_ID } from "../../../shared/domain/config/preset-types.ts";
import { isIdentifier } from "../../../shared/domain/principal/name.ts";
import { MAX_CLOCK_TOLERANCE } from "../../../shared/domain/time/clock-tolerance.ts";
import { holdsKey } from "../../api-key/management/key-in-text.ts";
import { MAX_ITEMS, name, type SubjectRecord, scope, type TenantRecord, type TokenRecord, time } from "../record.ts";
import type { RecordRef } from "../record-key.ts";
import { type Change, type Changed, changeRecord, type VersionOptions } from "./change.ts";
import { ChangeRefused, type EntitlementTable } from "./entitlement-table.ts";

export type SubjectRef = Extract<RecordRef, { readonly kind: "subject" }>;
export type TenantRef = Extract<RecordRef, { readonly kind: "tenant" }>;
export type TokenRef = Extract<RecordRef, { readonly kind: "token" }>;

/** Characters of all roles and scopes of a record: more would not fit into an answer to API Gateway. */
const MAX_LENGTH = 8192;

/** A key or a token would come to everybody who reads the record, and with events to many more. */
const NO_CREDENTIAL = "a name, without a token or an API key in it";
const holdsCredential = (given: string) => holdsKey(given) || /eyJ[\w-]{8,}\.[\w-]{8,}\./.test(given);

const identifier = v.pipe(
  v.custom<string>(
    isIdentifier,
    "text of 1 to 256 characters without control characters, and without white space at its edges",
  ),
  v.check((given) => !holdsCredential(given), NO_CREDENTIAL),
);

/** What an operator may name. */
export const refFields = {
  issuer: v.pipe(
    text,
    v.check((given) => !given.includes(TENANT_ID), `an issuer as tokens name it, with an id in place of ${TENANT_ID}`),
  ),
  /** As principals have it: `sub`, or the claim or attribute that the configuration maps. */
  subject: identifier,
  tenant: name,
  /** `jti` of a JWT, ID of an assertion; never the token itself. */
  tokenId: v.pipe(
    text,
    v.check((given) => !holdsCredential(given), NO_CREDENTIAL),
  ),
  /** Seconds since the epoch. */
  time,
} as const;

/** New values of a subject. A field that is absent keeps its value; null removes the tenant. */
export const subjectUpdate = v.strictObject({
  roles: v.optional(v.pipe(v.array(name), v.maxLength(MAX_ITEMS, `up to ${MAX_ITEMS} roles`))),
  scopes: v.optional(v.pipe(v.array(scope), v.maxLength(MAX_ITEMS, `up to ${MAX_ITEMS} scopes`))),
  tenant: v.nullish(name),
});
export type SubjectUpdate = v.InferInput<typeof subjectUpdate>;

/**
 * Sets the roles, scopes or tenant of a subject.
 *
 * @throws {v.ValiError} if the values are not valid
 * @throws {ChangeRefused} for an API key, whose own record has these, or for more than fits into an answer
 * @throws {VersionConflict}
 */
export async function setEntitlements(
  table: EntitlementTable,
  ref: SubjectRef,
  update: SubjectUpdate,
  change: Change,
  options: VersionOptions = {},
): Promise<Changed<SubjectRecord>> {
  const { tenant, ...lists } = v.parse(subjectUpdate, update);
  if (isOfKeys(ref.issuer)) {
    throw new ChangeRefused(
      "An API key has its own roles, scopes and tenant: change them with `sallyport keys update`.",
    );
  }
  return changeRecord(table, checkedRef(ref), options, change, (before) => {
    const { roles = before?.roles ?? [], scopes = before?.scopes ?? [] } = lists;
    if ([...roles, ...scopes].join(" ").length > MAX_LENGTH) {
      throw new ChangeRefused(`All roles and scopes of a subject have up to ${MAX_LENGTH} characters.`);
    }
    const distinct = { roles: [...new Set(roles)], scopes: [...new Set(scopes)] };
    return { ...distinct, ...(tenant !== undefined && { tenant: tenant ?? undefined }) };
  });
}

/** Locks a subject or a tenant out. Without an expected version it is repeated if somebody else changes the record. */
export const disable = async <Ref extends SubjectRef | TenantRef>(
  table: EntitlementTable,
  ref: Ref,
  change: Change,
  options: VersionOptions = {},
) =>
  changeRecord<SubjectRef | TenantRef>(table, checkedRef(ref), { isRepeated: true, ...options }, change, (before) =>
    before?.disabledSince === undefined ? { ...emptyOf(ref, before), disabledSince: change.time } : {},
  );

/** Ends a lockout. What was revoked stays revoked. @throws {VersionConflict} if there is no record */
export const enable = async (
  table: EntitlementTable,
  ref: SubjectRef | TenantRef,
  change: Change,
  options: VersionOptions = {},
) =>
  changeRecord<SubjectRef | TenantRef>(table, checkedRef(ref), options, change, (before) =>
    before ? { disabledSince: undefined } : undefined,
  );

/**
 * Refuses all that was issued to a subject, or for a tenant, before an instant. An earlier instant than the one on record
 * changes nothing. Without an expected version it is repeated if somebody else changes the record.
 *
 * @param before seconds since the epoch. By default the second after the change: what is issued in the very second of it
 *   may have been issued before it
 * @throws {ChangeRefused} for an instant in the future
 */
export async function revokeTokens(
  table: EntitlementTable,
  ref: SubjectRef | TenantRef,
  change: Change,
  { before = change.time + 1, ...options }: VersionOptions & { readonly before?: number | undefined } = {},
): Promise<Changed<SubjectRecord | TenantRecord>> {
  if (before > change.time + MAX_CLOCK_TOLERANCE) {
    throw new ChangeRefused("The instant is in the future: a lockout (`disable`) refuses what will be issued too.");
  }
  return changeRecord<SubjectRef | TenantRef>(
    table,
    checkedRef(ref),
    { isRepeated: true, ...options },
    change,
    (known) =>
      (known?.revokedBefore ?? -1) >= before ? {} : { ...emptyOf(ref, known), revokedBefore: v.parse(time, before) },
  );
}

/**
 * Revokes one token. It may be repeated.
 *
 * @param expiresAt when the token has ended at the latest, in seconds since the epoch: the record is deleted a day and
 *   more later. Absent: the record stays, which is safe for a token of an unknown end
 * @throws {ChangeRefused} for a token that has ended: a wrong instant would let it in again
 */
export async function revokeToken(
  table: EntitlementTable,
  ref: TokenRef,
  change: Change,
  { expiresAt, ...options }: VersionOptions & { readonly expiresAt?: number | undefined } = {},
): Promise<Changed<TokenRecord>> {
  if (expiresAt !== undefined && expiresAt <= change.time) {
    throw new ChangeRefused("The token has ended already, and is refused for it: its record would soon be deleted.");
  }
  return changeRecord(table, checkedRef(ref), { isRepeated: true, ...options }, change, (known) => {
    const end = expiresAt === undefined ? undefined : v.parse(time, expiresAt);
    if (!known) return { expiresAt: end };
    // The later end counts, and none is later than any.
    const isLater = known.expiresAt !== undefined && (end === undefined || end > known.expiresAt);
    return isLater ? { expiresAt: end } : {};
  });
}

/** A new record of a subject has empty lists. */
const emptyOf = (ref: SubjectRef | TenantRef, before: unknown) =>
  ref.kind === "subject" && before === undefined ? { roles: [], scopes: [] } : {};

/** The same reference. @throws {v.ValiError} if nobody can have such a name */
export function checkedRef<Ref extends RecordRef>(ref: Ref): Ref {
  if (ref.kind === "tenant") v.parse(refFields.tenant, ref.tenant);
  else v.parse(refFields.issuer, ref.issuer);
  if (ref.kind === "token") v.parse(refFields.tokenId, ref.tokenId);
  // The subject of an API key that was issued earlier may have white space at its edges.
  if (ref.kind === "subject") v.parse(isOfKeys(ref.issuer) ? name : refFields.subject, ref.subject);
  return ref;
}

/** Whether an issuer is that of API keys, whose own records have their roles, scopes and tenant. */
export const isOfKeys = (issuer: string) => issuer.startsWith("api-keys:");

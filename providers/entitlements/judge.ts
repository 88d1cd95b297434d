import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { Rejection } from "../../shared/domain/reasons/reasons.ts";
import type { SubjectRecord, TenantRecord } from "./record.ts";
import type { Stored } from "./store.ts";

/** What the table has about one principal. */
export interface Records {
  readonly subject: Stored;
  readonly token: Stored;
  /** Of the tenant that the credential states, or else the subject's record. */
  readonly tenant: Stored;
}

/** How a principal is judged. */
export interface Terms {
  readonly rights: "add" | "replace";
  /** Seconds by which the clock of the issuer may be ahead. */
  readonly clockTolerance: number;
  /** Whether the request has other principals too. */
  readonly isAccompanied: boolean;
}

/**
 * Why the records refuse a principal; undefined if they do not. Damaged records refuse nobody here: they are trouble,
 * which a refusal outweighs.
 */
export function refusalOf(principal: Principal, records: Records, terms: Terms): Rejection | undefined {
  const subject = soundOf(records.subject, "subject");
  const tenant = soundOf(records.tenant, "tenant");
  if (subject?.disabledSince !== undefined) return "subject_disabled";
  if (tenant?.disabledSince !== undefined) return "tenant_disabled";
  if (soundOf(records.token, "token")) return "token_revoked";
  if ([subject, tenant].some((record) => wasRevoked(principal, record, terms))) return "token_revoked";
  if (subject && contradictsTenant(principal, subject)) return "entitlement_tenant_mismatch";
  // What a damaged record gives is not known: it is not the same as nothing.
  const isKnown = records.subject !== "damaged";
  return isKnown && lacksRights(principal, subject, terms) ? "subject_not_entitled" : undefined;
}

/** The rights of a principal by its record. An API key has its own record, and another one gives it nothing. */
export function rightsOf(principal: Principal, subject: SubjectRecord | undefined, { rights }: Terms): Principal {
  if (principal.provider === "api-key") return principal;
  const { roles = [], scopes = [], tenant } = subject ?? {};
  const known = rights === "add" ? principal : { roles: [], scopes: [] };
  return {
    ...principal,
    ...(principal.tenant === undefined && tenant !== undefined && { tenant }),
    roles: [...new Set([...known.roles, ...roles])],
    scopes: [...new Set([...known.scopes, ...scopes])],
  };
}

/** A record of a kind. A damaged one is none. */
export const soundOf = <Kind extends "subject" | "token" | "tenant">(stored: Stored, kind: Kind) =>
  stored !== "damaged" && stored?.kind === kind ? (stored as Extract<Stored, { readonly kind: Kind }>) : undefined;

/**
 * Whether a credential was issued before the instant from which on credentials count. An issuer whose clock is ahead
 * writes later times than it should. A credential that does not say when it was issued may be an old one.
 */
function wasRevoked(
  { issuedAt }: Principal,
  record: Pick<SubjectRecord | TenantRecord, "revokedBefore"> | undefined,
  { clockTolerance }: Terms,
): boolean {
  if (record?.revokedBefore === undefined) return false;
  return issuedAt === undefined || issuedAt < record.revokedBefore + clockTolerance;
}

/** A key without a tenant has more than one of a tenant, so that no tenant is a contradiction there. */
function contradictsTenant({ tenant, provider }: Principal, { tenant: recorded }: SubjectRecord): boolean {
  if (recorded === undefined || recorded === tenant) return false;
  return tenant !== undefined || provider === "api-key";
}

/**
 * With `replace`, whoever has no record is refused. So is a principal beside others that stated roles or scopes and has
 * none by its record: an empty list states nothing, and would no longer limit the others.
 */
function lacksRights(
  { provider, roles, scopes }: Principal,
  subject: SubjectRecord | undefined,
  { rights, isAccompanied }: Terms,
): boolean {
  if (rights === "add" || provider === "api-key") return false;
  if (!subject || (subject.roles.length === 0 && subject.scopes.length === 0)) return true;
  const isEmptied = (own: readonly string[], recorded: readonly string[]) => own.length > 0 && recorded.length === 0;
  return isAccompanied && (isEmptied(roles, subject.roles) || isEmptied(scopes, subject.scopes));
}

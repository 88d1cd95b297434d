import { soundOf } from "../../../providers/entitlements/judge.ts";
import type { SubjectRecord, TenantRecord } from "../../../providers/entitlements/record.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { shownTime } from "../shown-time.ts";
import { shownValue } from "../shown-value.ts";
import type { WatchedEntitlements } from "../watched-entitlements.ts";
import type { Expectation } from "./expectation.ts";

/** What was expected of the table of entitlements about a principal that it refuses, and what was found. */
export function entitlementExpectations(
  reason: string,
  principal: Principal,
  { storedFor }: Pick<WatchedEntitlements, "storedFor">,
): readonly Expectation[] {
  const { issuer, subject: name, tokenId, tenant: stated, issuedAt } = principal;
  const subject = soundOf(storedFor({ kind: "subject", issuer, subject: name }), "subject");
  const tenantName = stated ?? subject?.tenant;
  const tenant =
    tenantName === undefined ? undefined : soundOf(storedFor({ kind: "tenant", tenant: tenantName }), "tenant");
  const token = tokenId === undefined ? undefined : soundOf(storedFor({ kind: "token", issuer, tokenId }), "token");
  const [ofSubject, ofTenant] = [`subject ${shownValue(name)}`, `tenant ${shownValue(tenantName)}`];
  if (reason === "subject_disabled") return lockout(ofSubject, subject);
  if (reason === "tenant_disabled") return lockout(ofTenant, tenant);
  if (reason === "token_revoked") {
    if (token)
      return [{ of: `token ${shownValue(tokenId)}`, expected: "not revoked", found: changeText("revoked", token) }];
    return [...revocation(ofSubject, subject, issuedAt), ...revocation(ofTenant, tenant, issuedAt)];
  }
  if (reason === "entitlement_tenant_mismatch") {
    return [{ of: "tenant", expected: `${shownValue(subject?.tenant)}, as on record`, found: shownValue(stated) }];
  }
  if (reason !== "subject_not_entitled") return [];
  const hint = "the issuer and the subject on record must be exactly those of the credential";
  const found = subject ? "none of one of them" : "no record";
  return [{ of: ofSubject, expected: "roles and scopes on record", found, hint }];
}

type Lockable = SubjectRecord | TenantRecord;

function lockout(of: string, record: Lockable | undefined): Expectation[] {
  if (record?.disabledSince === undefined) return [];
  const found = `disabled since ${shownTime(record.disabledSince)}; ${changeText("last change", record)}`;
  return [{ of, expected: "not disabled", found, hint: "`sallyport entitlements enable` ends it" }];
}

function revocation(of: string, record: Lockable | undefined, issuedAt: number | undefined): Expectation[] {
  if (record?.revokedBefore === undefined) return [];
  const hint = "the issuer's clock tolerance is added to the instant; the caller needs a new credential";
  const expected = `issued at ${shownTime(record.revokedBefore)} or later`;
  const found = issuedAt === undefined ? "no time of issue" : `issued at ${shownTime(issuedAt)}`;
  return [{ of, expected, found, hint }];
}

const changeText = (
  what: string,
  { changedAt, changedBy, changeReason }: { changedAt: number; changedBy: string; changeReason?: string | undefined },
) =>
  `${what} ${shownTime(changedAt)} by ${shownValue(changedBy)}${changeReason === undefined ? "" : `: ${shownValue(changeReason)}`}`;

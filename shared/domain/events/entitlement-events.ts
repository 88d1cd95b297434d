import * as v from "valibot";
import { common, instant } from "./common.ts";

/*
 * Events about changes in the table of entitlements. They are made from the stream of the table, as those about keys.
 */

/** What every record has in an event. */
const entitlementRecord = v.object({
  /** Counts the changes of the record, from 1. A record that was removed and made anew counts from 1 again. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** When the record was made. Of two events about one subject, the one with the later record is the later one. */
  createdAt: instant,
});

const entitlementLockout = v.object({
  /** Since when it is locked out. Absent: it is not. */
  disabledSince: v.optional(instant),
  /** What was issued before this instant is refused. Absent: nothing is. */
  revokedBefore: v.optional(instant),
});

/** A subject of an issuer, after the change; of a removed record what it is without. */
export const eventSubject = v.object({
  /** Issuer of the subject's credentials. */
  issuer: v.string(),
  /** Identifier of the caller. */
  subject: v.string(),
  ...entitlementRecord.entries,
  /** Roles of the record. Absent in an event that does not fit otherwise. */
  roles: v.optional(v.array(v.string())),
  /** Scopes of the record. */
  scopes: v.optional(v.array(v.string())),
  /** Tenant of the record. */
  tenant: v.optional(v.string()),
  ...entitlementLockout.entries,
});

/** A tenant, after the change. */
export const eventTenant = v.object({
  /** Its name. */
  tenant: v.string(),
  ...entitlementRecord.entries,
  ...entitlementLockout.entries,
});

/** A token of an issuer. */
export const eventToken = v.object({
  /** Issuer of the token. */
  issuer: v.string(),
  /** `jti` of a JWT, ID of an assertion. */
  tokenId: v.string(),
  ...entitlementRecord.entries,
  /** When the token has ended at the latest. Absent: nothing is known of its end. */
  expiresAt: v.optional(instant),
});

const entitlementChange = v.object({
  /** Who made the change. Absent: nobody is recorded. */
  by: v.optional(v.string()),
  /** Why, in the words of who made the change. */
  why: v.optional(v.string()),
});

/** What was revoked: one of the three. */
const revokedCredentials = v.object({
  /** All that was issued to this subject before `before`. */
  subject: v.optional(eventSubject),
  /** All that was issued for this tenant before `before`. */
  tenant: v.optional(eventTenant),
  /** One token. */
  token: v.optional(eventToken),
  /** The instant, for a subject or a tenant. */
  before: v.optional(instant),
});

/** Roles, scopes or the tenant of a subject were changed. */
export const entitlementsChanged = v.object({
  ...common.entries,
  /** The subject. */
  subject: eventSubject,
  /** Names of the fields that have another value now: `roles`, `scopes`, `tenant`. */
  changed: v.pipe(v.array(v.string()), v.minLength(1)),
  ...entitlementChange.entries,
});

const ofSubject = v.object({
  ...common.entries,
  /** The subject. */
  subject: eventSubject,
  ...entitlementChange.entries,
});
/** A subject was locked out. */
export const subjectDisabled = ofSubject;
/** The lockout of a subject ended. */
export const subjectEnabled = ofSubject;

const ofTenant = v.object({
  ...common.entries,
  /** The tenant. */
  tenant: eventTenant,
  ...entitlementChange.entries,
});
/** A tenant was locked out. */
export const tenantDisabled = ofTenant;
/** The lockout of a tenant ended. */
export const tenantEnabled = ofTenant;

const ofTokens = v.object({
  ...common.entries,
  ...revokedCredentials.entries,
  ...entitlementChange.entries,
});
/** Tokens were revoked: one, or all of a subject or a tenant that were issued before an instant. */
export const tokensRevoked = ofTokens;
/** A revocation was taken back, by hand or with its record. Without `before`, none is left. */
export const tokensReinstated = ofTokens;

import type * as v from "valibot";
import {
  entitlementsChanged,
  subjectDisabled,
  subjectEnabled,
  tenantDisabled,
  tenantEnabled,
  tokensReinstated,
  tokensRevoked,
} from "./entitlement-events.ts";
import { keyDeleted, keyDisabled, keyEnabled, keyIssued, keyRevoked, keyRotated, keyUpdated } from "./key-events.ts";
import {
  assertionReplayed,
  codeReplayed,
  loginFailed,
  loginSucceeded,
  signingKeyRotated,
  verifiersDisagree,
} from "./login-events.ts";
import { certificateExpiring, keyExpired, keyExpiringSoon, keyUnused, pepperUnused } from "./watch-events.ts";

/** `source` of every event on the bus. */
export const EVENT_SOURCE = "sallyport";

/** The schema of each event's `detail`, by its `detail-type`. `schema/events/` has the same as JSON Schema. */
export const EVENTS = {
  KeyIssued: keyIssued,
  KeyUpdated: keyUpdated,
  KeyRotated: keyRotated,
  KeyDisabled: keyDisabled,
  KeyEnabled: keyEnabled,
  KeyRevoked: keyRevoked,
  KeyDeleted: keyDeleted,
  EntitlementsChanged: entitlementsChanged,
  SubjectDisabled: subjectDisabled,
  SubjectEnabled: subjectEnabled,
  TenantDisabled: tenantDisabled,
  TenantEnabled: tenantEnabled,
  TokensRevoked: tokensRevoked,
  TokensReinstated: tokensReinstated,
  KeyExpiringSoon: keyExpiringSoon,
  KeyExpired: keyExpired,
  KeyUnused: keyUnused,
  CertificateExpiring: certificateExpiring,
  PepperUnused: pepperUnused,
  LoginSucceeded: loginSucceeded,
  LoginFailed: loginFailed,
  AssertionReplayed: assertionReplayed,
  CodeReplayed: codeReplayed,
  VerifiersDisagree: verifiersDisagree,
  SigningKeyRotated: signingKeyRotated,
} as const;

export type EventName = keyof typeof EVENTS;

/** The `detail` of an event. */
export type EventDetail<Name extends EventName = EventName> = v.InferOutput<(typeof EVENTS)[Name]>;

/**
 * An event: what it is called, and what it says.
 *
 * @example const { detail } = event as SallyportEvent<"KeyRevoked">;
 */
export type SallyportEvent<Name extends EventName = EventName> = {
  [Each in Name]: { readonly name: Each; readonly detail: EventDetail<Each> };
}[Name];

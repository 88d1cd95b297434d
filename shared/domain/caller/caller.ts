import type { AttributeValue, Principal, PrincipalKind } from "../principal/principal.ts";

/** The principals of one request, merged into one. */
export interface Caller {
  readonly subject: string;
  readonly kind: PrincipalKind;
  readonly issuer: string;
  /** Subject of the client that acts, alone or for the user. */
  readonly client?: string;
  readonly tenant?: string;
  /** Tenant of the client that acts for a person. */
  readonly clientTenant?: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** CIDRs from which every one of the credentials may be used. Absent: no credential says. Empty: nowhere. */
  readonly addresses?: readonly string[];
  /** Seconds since the epoch: when the first of the credentials ends. Absent: none has an end of its own. */
  readonly expiresAt?: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly usageIdentifierKey?: string;
  /** What was proved, credential by credential. */
  readonly principals: readonly Principal[];
}

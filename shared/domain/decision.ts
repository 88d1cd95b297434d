import type { Caller } from "./caller/caller.ts";
import type { PolicyDocument } from "./policy/document.ts";
import type { FieldPermission } from "./policy/fields.ts";
import type { Grant } from "./policy/grant.ts";
import type { Denial, Rejection, Trouble } from "./reasons/reasons.ts";

/** The result of the authorizer, before it is converted to the response of an API kind. */
export type Decision = Allowed | Denied | Unauthenticated | Troubled;
export type Outcome = Decision["outcome"];

export interface Allowed {
  readonly outcome: "allow";
  readonly caller: Caller;
  readonly grants: readonly Grant[];
  /** Set for REST, HTTP and WebSocket APIs. */
  readonly policy?: PolicyDocument;
  /** Set for AppSync APIs. */
  readonly fields?: FieldPermission;
}

/**
 * The caller is known but may not use this route. The policy may allow other routes, because it is cached for all of
 * them.
 */
export interface Denied {
  readonly outcome: "deny";
  readonly reason: Denial;
  /** Absent if the credentials do not belong to one caller. */
  readonly caller?: Caller;
  readonly grants: readonly Grant[];
  /** Set for REST, HTTP and WebSocket APIs. AppSync gets only the denial. */
  readonly policy?: PolicyDocument;
}

/** No credential, or one that was rejected. */
export interface Unauthenticated {
  readonly outcome: "unauthenticated";
  readonly reason: Rejection;
  /** The nonce that the client's next DPoP proof needs, if that is all that was missing (RFC 9449 section 9). */
  readonly dpopNonce?: string;
}

/** Something failed before a decision was made. Nothing is cached. */
export interface Troubled {
  readonly outcome: "unavailable";
  readonly reason: Trouble;
  readonly cause?: unknown;
}

import type { Caller } from "./caller/caller.ts";
import type { PolicyDocument } from "./policy/document.ts";
import type { FieldPermission } from "./policy/fields.ts";
import type { Grant } from "./policy/grant.ts";
import type { Denial, Rejection, Trouble } from "./reasons/reasons.ts";

/** What the authorizer concluded, before it is put in the form an API kind expects. */
export type Decision = Allowed | Denied | Unauthenticated | Troubled;
export type Outcome = Decision["outcome"];

export interface Allowed {
  readonly outcome: "allow";
  readonly caller: Caller;
  readonly grants: readonly Grant[];
  /** For a route of an API. */
  readonly policy?: PolicyDocument;
  /** For a GraphQL API. */
  readonly fields?: FieldPermission;
}

/** A known caller without the right. The policy may still allow other routes: it is cached for all of them. */
export interface Denied {
  readonly outcome: "deny";
  readonly reason: Denial;
  /** Absent if the credentials do not make one caller. */
  readonly caller?: Caller;
  readonly grants: readonly Grant[];
  /** For a route of an API. A GraphQL API is told no more than no. */
  readonly policy?: PolicyDocument;
}

export interface Unauthenticated {
  readonly outcome: "unauthenticated";
  readonly reason: Rejection;
}

export interface Troubled {
  readonly outcome: "unavailable";
  readonly reason: Trouble;
  readonly cause?: unknown;
}

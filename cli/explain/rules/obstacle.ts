/** Why a rule does not apply. */
export interface Obstacle {
  /** The rule's option that stands in the way. */
  readonly option:
    | ("credentials" | "issuers" | "kind" | "senderConstrained" | "tenants" | "roles" | "scopes" | "paths")
    | ("attributes" | "authentication" | "stages");
  /** The credential that it is about, if the request has several: `jwt "alice"`. */
  readonly principal?: string;
  /** For people. */
  readonly text: string;
}

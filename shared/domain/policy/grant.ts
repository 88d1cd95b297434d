import type { Interval } from "../time/interval.ts";

/** A route rule of the configuration that applies to this caller. */
export interface Grant {
  /** Name of the rule. */
  readonly rule: string;
  readonly effect: "allow" | "deny";
  /** Methods and paths, wildcards and the caller's own values in place. */
  readonly routes: readonly RoutePattern[];
  /** Fields of a GraphQL API, as `Type.field`, wildcards in place. Absent: none. */
  readonly fields?: readonly string[];
  /** CIDRs that the rule is limited to. Absent: none. */
  readonly addresses?: readonly string[];
  /** VPC endpoints that the rule is limited to. Absent: none. */
  readonly vpcEndpoints?: readonly string[];
  /** When the rule is open, within the period that was asked about. Absent: always. */
  readonly intervals?: readonly Interval[];
}

export interface RoutePattern {
  /** `*` for every method. */
  readonly method: string;
  readonly path: string;
  /** The rule is for any method. */
  readonly any?: true;
  /** The path may hold percent-encoding and its like, also where a denial overlaps it. */
  readonly encoded?: true;
}

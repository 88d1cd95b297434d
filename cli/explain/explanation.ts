import type { ApiKind } from "../../functions/authorizer/api-kinds/kind.ts";
import type { Entitled } from "../../providers/entitlements/entitled.ts";
import type { CallerContext } from "../../shared/domain/caller/context.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { Reason } from "../../shared/domain/reasons/reasons.ts";
import type { Expectation } from "./rejections/expectation.ts";
import type { ExplainedRoute } from "./routes.ts";
import type { ExplainedRule } from "./rules/explain-rules.ts";

/** The steps from an event to a decision. It contains no credential, and no value of a usage plan's key. */
export interface Explanation {
  readonly api: ApiKind["name"];
  /** Seconds since the epoch: the time of the request. */
  readonly time: number;
  /** What is asked for. Absent for AppSync. */
  readonly route?: { readonly method: string; readonly path: string };
  /** The caller's address. Absent if the event does not say it. */
  readonly address?: string;
  /** A description of the cache key. */
  readonly cachedBy: string;
  readonly credentials: readonly ExplainedCredential[];
  readonly outcome: string;
  readonly reason?: Reason;
  /** What the reason means. */
  readonly meaning?: string;
  /** What was expected of the request as a whole, if that decided. */
  readonly expectations: readonly Expectation[];
  /** What a backend is told of the caller. */
  readonly caller?: CallerContext;
  /** Whether the caller has a key for usage plans. Its value is a secret. */
  readonly hasUsageIdentifierKey?: boolean;
  /** What each accepted credential proves. */
  readonly principals: readonly ExplainedPrincipal[];
  /** Every rule of the configuration, in its order. Empty if there is no caller. */
  readonly rules: readonly ExplainedRule[];
  /** The rules that apply. */
  readonly grants: readonly {
    readonly rule: string;
    readonly effect: string;
    readonly routes: readonly string[];
    readonly fields: readonly string[];
  }[];
  readonly policy?: unknown;
  readonly deniedFields?: readonly string[];
  readonly routes: readonly ExplainedRoute[];
}

export interface ExplainedCredential {
  /** `claims` if claims or attributes stand in its place. */
  readonly scheme: string;
  readonly in: string;
  readonly name: string;
  /** Characters. Absent for claims. */
  readonly length?: number;
  readonly provider?: string;
  readonly verdict: string;
  /** Why it was rejected, or why nobody could decide. */
  readonly reason?: Reason;
  readonly meaning?: string;
  /** What was expected, and what was found. Values of the credential are not verified, and secrets are masked. */
  readonly expectations: readonly Expectation[];
  /** Classes and codes of the errors behind trouble. */
  readonly cause?: string;
  readonly warnings?: readonly string[];
  /** What was filled in beside the claims or attributes. */
  readonly filledIn?: Readonly<Record<string, string>>;
  /** What is not checked beside the claims or attributes, by name. */
  readonly assumed?: Readonly<Record<string, string>>;
}

/** A principal without its usage identifier key, which is a secret. */
export type ExplainedPrincipal = Omit<Principal, "usageIdentifierKey"> & {
  readonly hasUsageIdentifierKey: boolean;
  /** What the table of entitlements added. Absent: it was not asked. */
  readonly entitled?: ExplainedEntitlements;
};

export type ExplainedEntitlements = Omit<Entitled, "readAt">;

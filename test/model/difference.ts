import type { ModelRoute } from "./generate-uses.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Use } from "./types.ts";

/** The subject of the comparison: answers requests with policies. */
export interface SubjectUnderTest {
  decide(
    config: ModelConfig,
    principals: readonly ModelPrincipal[],
    request: ModelDecision & ModelRoute,
  ): Promise<ModelAnswer>;
}

export interface ModelAnswer {
  /** An IAM policy document, if there is one. */
  readonly policy: unknown;
  /** `allow`, `deny`, `unavailable` … */
  readonly outcome: string;
  /** Size in bytes of the policy without an early end; absent if the policy cannot end early. */
  readonly whole?: () => number;
  /** A subject for tests of the comparison. Explicit denials and the size limit are not checked. */
  readonly lenient?: true;
}

/** A compared decision, with all data needed to repeat it. */
export interface Situation {
  readonly config: ModelConfig;
  readonly principals: readonly ModelPrincipal[];
  readonly decision: ModelDecision;
  readonly asked: ModelRoute;
  /** Absent if the decision itself differs. */
  readonly use?: Use;
}

/** What differs: what was expected and what was found. */
export interface Judged extends Situation {
  readonly what: "use" | "silence" | "outcome" | "size" | "unavailable" | "merged" | "failure";
  readonly expected: string;
  readonly found: string;
}

export interface Difference extends Judged {
  readonly seed: number;
  readonly index: number;
}

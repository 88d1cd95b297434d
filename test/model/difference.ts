import type { ModelRoute } from "./generate-uses.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Use } from "./types.ts";

/** What is compared with the model: something that answers requests with policies. */
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
  /** Bytes of the policy if it did not end early. Absent: it had no reason to. */
  readonly whole?: () => number;
  /** A subject for tests of the comparison: neither explicit denials nor the limit of size are asked of it. */
  readonly lenient?: true;
}

/** A decision that was compared, with everything that is needed to repeat it. */
export interface Situation {
  readonly config: ModelConfig;
  readonly principals: readonly ModelPrincipal[];
  readonly decision: ModelDecision;
  readonly asked: ModelRoute;
  /** Absent where the decision itself differs. */
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

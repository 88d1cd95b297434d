import { allows } from "./allows.ts";
import { type Counts, count, noCounts } from "./coverage.ts";
import type { Difference, Judged, SubjectUnderTest } from "./difference.ts";
import { type Case, type DecisionCase, generate } from "./generate.ts";
import { findingsOf, judge, judgeOutcome } from "./judge.ts";
import { minimise } from "./minimise.ts";
import { isUnionOfEach } from "./several-credentials.ts";

export interface Comparison {
  readonly counts: Counts;
  readonly differences: readonly Difference[];
}

export interface Options {
  /** Stops after this number of differences. Each is minimised. */
  readonly most?: number;
  readonly onProgress?: (counts: Counts) => void;
}

/**
 * Compares the policies of a subject with the model, for at least one generated case.
 *
 * @param tuples number of tuples (configuration, caller, decision, instant, route, address) to compare
 */
export async function compare(
  seed: number,
  tuples: number,
  subject: SubjectUnderTest,
  { most = 5, onProgress = () => {} }: Options = {},
): Promise<Comparison> {
  const counts = noCounts();
  const differences: Difference[] = [];
  for (let index = 0; counts.tuples < tuples && differences.length < most; index += 1) {
    const generated = generate(seed, index);
    for (const decisionCase of generated.decisions) {
      const found = await compareSafely(generated, decisionCase, subject, counts);
      if (found && differences.length < most) differences.push(await minimise({ ...found, seed, index }, subject));
    }
    onProgress(counts);
  }
  return { counts, differences };
}

/** A configuration that the subject refuses, and a policy that IAM refuses, count as differences. */
async function compareSafely(generated: Case, decisionCase: DecisionCase, subject: SubjectUnderTest, counts: Counts) {
  try {
    return await compareDecision(generated, decisionCase, subject, counts);
  } catch (error) {
    const { uses: _, ...situation } = { config: generated.config, ...decisionCase };
    return { ...situation, what: "failure" as const, expected: "an answer", found: String(error) };
  }
}

/** Compares all uses of one decision. Returns the first difference. */
async function compareDecision(
  generated: Case,
  decisionCase: DecisionCase,
  subject: SubjectUnderTest,
  counts: Counts,
): Promise<Judged | undefined> {
  const { config } = generated;
  const { principals, decision, asked } = decisionCase;
  const answer = await subject.decide(config, principals, { ...decision, ...asked });
  const judged = { config, principals, decision, asked };
  const findings = findingsOf(answer);
  const wrong = await judgeOutcome(judged, findings, subject, counts);
  if (wrong) return wrong;
  if (findings.outcome === "unavailable") return undefined;
  for (const use of decisionCase.uses) {
    const expected = allows(config, principals, decision, use);
    const found = judge({ ...judged, use }, expected, findings, counts);
    if (found) return found;
    count(counts, generated, decisionCase, use.time, expected);
  }
  return isUnionOfEach(judged, decisionCase.uses, subject, counts);
}

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
  /** Stop after so many differences; each is made as small as it gets. */
  readonly most?: number;
  readonly onProgress?: (counts: Counts) => void;
}

/**
 * Compares the policies of a subject with the model: as many generated uses as asked for, and at least one case.
 *
 * @param tuples how many (configuration, caller, decision, instant, route, address) to compare
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

/** A configuration that the subject does not take, and a policy that IAM would not, are differences like others. */
async function compareSafely(generated: Case, decisionCase: DecisionCase, subject: SubjectUnderTest, counts: Counts) {
  try {
    return await compareDecision(generated, decisionCase, subject, counts);
  } catch (error) {
    const { uses: _, ...situation } = { config: generated.config, ...decisionCase };
    return { ...situation, what: "failure" as const, expected: "an answer", found: String(error) };
  }
}

/** All uses of one decision. Returns the first difference. */
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

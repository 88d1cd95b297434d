import type { ParsedStatement } from "../../iam/parse.ts";
import { allows } from "./allows.ts";
import { readPolicy } from "./ask-policy.ts";
import type { Counts } from "./coverage.ts";
import type { Judged, ModelAnswer, Situation, SubjectUnderTest } from "./difference.ts";
import { ageEnds, endOf } from "./life.ts";
import type { Use } from "./types.ts";
import { boundaries, isOpenAt } from "./windows.ts";

/** A parsed policy that can be evaluated. */
export interface Findings extends Omit<ModelAnswer, "policy"> {
  readonly effect: (use: Use) => string;
  readonly bytes: number;
  /** The latest end of the allowing statements; undefined if one of them has no end or there is none. */
  readonly end: number | undefined;
}

const LIMIT = 8192;
/** Bytes of a result outside the policy: the caller's facts and the reason. */
const BESIDE = 2048;

export function findingsOf({ policy, ...answer }: ModelAnswer): Findings {
  if (policy === undefined) return { ...answer, effect: () => "no policy", bytes: 0, end: undefined };
  const { statements, effect } = readPolicy(policy);
  return { ...answer, effect, bytes: Buffer.byteLength(JSON.stringify(policy)), end: ownEnd(statements) };
}

function ownEnd(statements: readonly ParsedStatement[]): number | undefined {
  const ends = statements
    .filter(({ effect }) => effect === "Allow")
    .map(({ conditions }) =>
      conditions
        .filter(({ operator, key }) => operator === "DateLessThan" && key === "aws:CurrentTime")
        .flatMap(({ values }) => values.map((value) => Date.parse(value) / 1000)),
    );
  if (ends.length === 0 || ends.some((end) => end.length === 0)) return undefined;
  return Math.max(...ends.map((end) => Math.min(...end)));
}

/** Compares the policy's effect on a use with the model's. */
export function judge(
  situation: Situation & { use: Use },
  expected: boolean,
  { effect, whole, end, lenient }: Findings,
  counts?: Counts,
): Judged | undefined {
  const found = effect(situation.use);
  if ((found === "allow") !== expected) {
    if (expected && endedEarly(situation, end, whole)) {
      if (counts) counts.endedEarly += 1;
      return undefined;
    }
    return { ...situation, what: "use", expected: expected ? "allow" : "deny", found };
  }
  // "What it does not allow it denies explicitly."
  if (found === "implicit-deny" && !lenient && (situation.config.policy?.explicitDeny ?? true)) {
    return { ...situation, what: "silence", expected: "explicit-deny", found };
  }
  return undefined;
}

/**
 * The documented exception: windows that do not fit end the policy early, at an instant at which one opens or closes.
 */
function endedEarly(
  { config, principals, decision, use }: Situation & { use: Use },
  end: number | undefined,
  whole: ModelAnswer["whole"],
): boolean {
  if (whole === undefined || whole() <= LIMIT - BESIDE) return false;
  // A policy that ends before the first window opens allows nothing.
  if (end === undefined) return true;
  if (use.time < end || end >= endOf(config, principals, decision)) return false;
  const windows = config.routes.flatMap((rule) => rule.windows ?? []);
  return boundaries(windows, end - 1, end).includes(end) || ageEnds(config, principals).includes(end);
}

/** Compares the outcome, the size, and whether there is an answer. */
export async function judgeOutcome(
  situation: Situation,
  { outcome, bytes, lenient }: Findings,
  subject: SubjectUnderTest,
  counts: Counts,
): Promise<Judged | undefined> {
  const { config, principals, decision, asked } = situation;
  if (outcome === "unavailable") {
    if (await fitsForAnInstant(situation, subject)) {
      return { ...situation, what: "unavailable", expected: "a policy that ends early", found: "unavailable" };
    }
    counts.tooLarge += 1;
    return undefined;
  }
  if (bytes > LIMIT && !lenient)
    return { ...situation, what: "size", expected: `at most ${LIMIT} bytes`, found: `${bytes} bytes` };
  // Without an address it is not known whether limits to addresses hold at the decision.
  const limited =
    [...principals, ...config.routes].some(({ addresses }) => addresses !== undefined) ||
    config.routes.some(({ vpcEndpoints }) => vpcEndpoints !== undefined);
  if (decision.address === undefined && limited) return undefined;
  const address = decision.address ?? "192.0.2.1";
  const through = decision.vpcEndpoint === undefined ? {} : { vpcEndpoint: decision.vpcEndpoint };
  const expected = allows(config, principals, decision, { ...asked, ...through, time: decision.time, address });
  if ((outcome === "allow") === expected) return undefined;
  return { ...situation, what: "outcome", expected: expected ? "allow" : "not allow", found: outcome };
}

/**
 * Whether a policy for only the instant of the decision fits into a result. Each window is then either open or closed.
 */
async function fitsForAnInstant(
  { config, principals, decision, asked }: Situation,
  subject: SubjectUnderTest,
): Promise<boolean> {
  const routes = config.routes
    .filter(({ windows }) => isOpenAt(windows, decision.time))
    .map(({ windows: _, ...rule }) => rule);
  if (routes.length === 0) return true;
  const { outcome } = await subject.decide({ ...config, routes }, principals, { ...decision, ...asked });
  return outcome !== "unavailable";
}

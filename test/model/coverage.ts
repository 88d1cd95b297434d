import type { Case, DecisionCase } from "./generate.ts";
import { goesOn } from "./generate-instants.ts";
import { combinedProviders } from "./requirements.ts";
import { type Rights, rightsOf } from "./rights.ts";

/** Counts the compared tuples of each kind. Zero means that the comparison did not cover this kind. */
export interface Counts {
  tuples: number;
  allowed: number;
  denied: number;
  /** A rule that applies to the caller has windows. */
  windowed: number;
  /** Several principals make one caller. */
  merged: number;
  /** A rule that names several credentials applies. */
  combined: number;
  /** A denying rule denies other spellings of its paths. */
  spelled: number;
  /** The clocks of a window's time zone change while the policy is valid. */
  clockChanges: number;
  /** A rule that applies, or a credential, is limited to addresses. */
  limitedAddresses: number;
  /** A rule that applies asks how the caller signed in. */
  signedIn: number;
  /** A rule that applies is limited to VPC endpoints. */
  limitedEndpoints: number;
  /** A rule that applies asks for an attribute. */
  attributed: number;
  /** A rule that applies is for some stages only. */
  staged: number;
  /** A use after the decision that the cached policy allows. */
  cached: number;
  /** Uses of several credentials that were compared with each credential alone. */
  together: number;
  /** Uses that are denied because the policy ends early, at a boundary of a window. */
  endedEarly: number;
  /** Decisions without a policy, because even one instant does not fit. */
  tooLarge: number;
}

export function noCounts(): Counts {
  return {
    tuples: 0,
    allowed: 0,
    denied: 0,
    windowed: 0,
    merged: 0,
    combined: 0,
    spelled: 0,
    clockChanges: 0,
    limitedAddresses: 0,
    signedIn: 0,
    limitedEndpoints: 0,
    attributed: 0,
    staged: 0,
    cached: 0,
    together: 0,
    endedEarly: 0,
    tooLarge: 0,
  };
}

interface Traits {
  readonly rights: Rights;
  readonly clockChanges: boolean;
}

const traits = new WeakMap<DecisionCase, Traits>();

/** Counts one use. */
export function count(
  counts: Counts,
  generated: Case,
  decisionCase: DecisionCase,
  time: number,
  allowed: boolean,
): void {
  const { rights, clockChanges } = traitsOf(generated, decisionCase);
  const { principals, decision } = decisionCase;
  const rules = [...rights.grants, ...rights.denials].map(({ rule }) => rule);
  counts.tuples += 1;
  counts.allowed += Number(allowed);
  counts.denied += Number(!allowed);
  counts.windowed += Number(rules.some(({ windows }) => windows));
  counts.merged += Number(principals.length > 1 && rules.length > 0);
  counts.combined += Number(rights.grants.some(({ rule }) => combinedProviders(rule)));
  counts.spelled += Number(rights.denials.some(({ spellings }) => spellings > 0));
  counts.clockChanges += Number(clockChanges);
  counts.limitedAddresses += Number([...rules, ...principals].some(({ addresses }) => addresses));
  counts.signedIn += Number(rules.some(({ authentication }) => authentication));
  counts.limitedEndpoints += Number(rules.some(({ vpcEndpoints }) => vpcEndpoints));
  counts.attributed += Number(rules.some(({ attributes }) => attributes));
  counts.staged += Number(rules.some(({ stages }) => stages));
  counts.cached += Number(allowed && time > decision.time);
}

function traitsOf({ config }: Case, decisionCase: DecisionCase): Traits {
  let known = traits.get(decisionCase);
  if (!known) {
    const { principals, decision } = decisionCase;
    const rights = rightsOf(config, principals);
    const zones = [...rights.grants, ...rights.denials]
      .flatMap(({ rule }) => rule.windows ?? [])
      .flatMap((window) => ("from" in window ? (window.timeZone ?? "UTC") : []));
    const clockChanges = zones.some((zone) => !goesOn(zone, decision.time, decision.time + 3600));
    known = { rights, clockChanges };
    traits.set(decisionCase, known);
  }
  return known;
}

import { isWithin } from "./addresses.ts";
import { config, ENDPOINTS } from "./generate-config.ts";
import { type Anchor, anchor, decisionNear } from "./generate-instants.ts";
import { principals } from "./generate-principals.ts";
import { address, type ModelRoute, route, uses } from "./generate-uses.ts";
import { Random } from "./random.ts";
import { rightsOf } from "./rights.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Use } from "./types.ts";

/** A configuration with callers, decisions about them, and uses of each. */
export interface Case {
  readonly anchor: Anchor;
  readonly config: ModelConfig;
  readonly decisions: readonly DecisionCase[];
}

export interface DecisionCase {
  readonly principals: readonly ModelPrincipal[];
  readonly decision: ModelDecision;
  readonly asked: ModelRoute;
  readonly uses: readonly Use[];
}

const DECISIONS = 4;
const USES = 80;

/** The case of a seed and an index. The same arguments always give the same case. */
export function generate(seed: number, index: number): Case {
  const random = Random.of(seed, index);
  const near = anchor(random);
  const made = config(random, near);
  return { anchor: near, config: made, decisions: Array.from({ length: DECISIONS }, () => decide(random, made, near)) };
}

function decide(random: Random, made: ModelConfig, near: Anchor): DecisionCase {
  const time = decisionNear(near, random);
  const callers = caller(random, made, time);
  const ttl = random.chance(0.3) ? undefined : random.pick([0, 60, 300, 300, 3600]);
  const plain = {
    time,
    ...(random.chance(0.95) && { address: addressOf(random, callers) }),
    ...(ttl !== undefined && { ttl }),
  };
  const through = plain.address !== undefined && random.chance(0.5) ? { vpcEndpoint: random.pick(ENDPOINTS) } : {};
  const decision = { ...plain, ...through };
  const asked = route(random, made, callers);
  return { principals: callers, decision, asked, uses: uses(random, made, callers, decision, asked, USES) };
}

/** Tries a few addresses, because a case in which the caller's address is never allowed tests little. */
function addressOf(random: Random, callers: readonly ModelPrincipal[]): string {
  let found = address(random);
  const isOutside = () => callers.some(({ addresses }) => !isWithin(found, addresses));
  for (let tries = 0; tries < 3 && isOutside(); tries += 1) found = address(random);
  return found;
}

/** Tries a few callers, because a caller to whom no rule applies tests little. */
function caller(random: Random, made: ModelConfig, time: number): ModelPrincipal[] {
  let found = principals(random, time);
  for (let tries = 0; tries < 3 && rightsOf(made, found).grants.length === 0; tries += 1)
    found = principals(random, time);
  return found;
}

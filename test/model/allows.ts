import { isForAddress, isWithin } from "./addresses.ts";
import { matches } from "./glob.ts";
import { endOf } from "./life.ts";
import { climbs, granted } from "./paths.ts";
import { type Rights, rightsOf } from "./rights.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Rule, Use } from "./types.ts";
import { isOpenAt } from "./windows.ts";

/**
 * Whether a policy made at `decision` and served from the cache at `use` should allow, by docs/policy.md.
 *
 * It implements the documentation a second time, independently of the code that compiles policies: it evaluates each
 * rule at the instant of use and compiles no policy.
 */
export function allows(
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  decision: ModelDecision,
  use: Use,
): boolean {
  if (use.time >= endOf(config, principals, decision) || climbs(use.path)) return false;
  if (!isForAddress(config, principals, decision, use.address)) return false;
  const { grants, denials } = remembered(config, principals);
  const covered = `${use.method}${use.path}`;
  const isCovered = (patterns: readonly string[]) => patterns.some((pattern) => matches(pattern, covered));
  return (
    grants.some(
      ({ rule, signedIn, patterns }) => isRecent(rule, signedIn, use) && isInForce(rule, use) && isCovered(patterns),
    ) && !denials.some(({ rule, patterns }) => isInForce(rule, use) && isCovered(patterns))
  );
}

export function isInForce(
  { windows, addresses, vpcEndpoints }: Rule,
  { time, address, vpcEndpoint = "" }: Use,
): boolean {
  return (
    isWithin(address, addresses) && isOpenAt(windows, time) && (!vpcEndpoints || vpcEndpoints.includes(vpcEndpoint))
  );
}

/** Whether who meets the rule signed in recently enough at the time of use. */
function isRecent({ authentication }: Rule, signedIn: number | undefined, { time }: Use): boolean {
  const { maxAge } = authentication ?? {};
  return maxAge === undefined || (signedIn !== undefined && time - signedIn <= maxAge);
}

type Known = Pick<Rights, "denials"> & { grants: { rule: Rule; signedIn: number | undefined; patterns: string[] }[] };
const known = new WeakMap<ModelConfig, WeakMap<readonly ModelPrincipal[], Known>>();

/** Rights do not depend on time or address, so they are computed once for each caller. */
function remembered(config: ModelConfig, principals: readonly ModelPrincipal[]): Known {
  const callers = known.get(config) ?? new WeakMap<readonly ModelPrincipal[], Known>();
  known.set(config, callers);
  let rights = callers.get(principals);
  if (!rights) {
    const { grants, denials } = rightsOf(config, principals);
    rights = {
      grants: grants.map((grant) => ({ rule: grant.rule, signedIn: grant.signedIn, patterns: granted(grant) })),
      denials,
    };
    callers.set(principals, rights);
  }
  return rights;
}

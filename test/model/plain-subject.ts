import { allows } from "./allows.ts";
import { API } from "./ask-policy.ts";
import { isOneCaller } from "./caller.ts";
import type { SubjectUnderTest } from "./difference.ts";
import { endOf } from "./life.ts";
import { granted, type ModelGrant } from "./paths.ts";
import { rightsOf } from "./rights.ts";
import type { ModelConfig, ModelDecision, ModelPrincipal, Rule } from "./types.ts";
import { boundaries, isOpenAt } from "./windows.ts";

/** Deliberate faults of a plain subject. */
export interface Faults {
  /** It uses only the first open interval of each rule. */
  readonly firstIntervalOnly?: boolean;
  readonly noSpellings?: boolean;
  readonly noEnd?: boolean;
  readonly noAddresses?: boolean;
  readonly noEndpoints?: boolean;
  /** It does not end a rule when who signed in did so too long ago. */
  readonly noAge?: boolean;
  /** It ends at the first instant after the decision at which a window opens or closes. */
  readonly endsEarly?: boolean;
  /** It reports that a whole policy does not fit. */
  readonly long?: boolean;
}

/**
 * A minimal compiler of policies that follows the documentation, without size limits. With it the tests show that the
 * comparison finds no difference in a correct subject, and finds each deliberate fault.
 */
export function plainSubject(faults: Faults = {}): SubjectUnderTest {
  return {
    async decide(config, principals, { method, path, ...decision }) {
      const { grants, denials } = rightsOf(config, principals);
      const end = faults.noEnd ? decision.time + 86_400 : lastInstant(config, principals, decision, faults);
      const statements = [
        ...grants.flatMap((grant) =>
          inForce("Allow", grant.rule, granted(grant), decision.time, Math.min(end, ageEnd(grant, faults)), faults),
        ),
        ...denials.flatMap(({ rule, patterns, spellings }) => {
          const known = faults.noSpellings ? patterns.slice(0, patterns.length - spellings) : patterns;
          return inForce("Deny", rule, known, decision.time, end, faults);
        }),
        ...(faults.noAddresses ? [] : elsewhere(config, principals, decision.address)),
        ...(isOneCaller(config, principals) ? [] : [statement("Deny", ["*"], {})]),
      ];
      const address = decision.address ?? "192.0.2.1";
      const through = decision.vpcEndpoint === undefined ? {} : { vpcEndpoint: decision.vpcEndpoint };
      const allowed = allows(config, principals, decision, { method, path, ...through, time: decision.time, address });
      const climbing = faults.noSpellings ? ["NOBODY/x"] : ["*..*", "*%2e*", "*%2E*", "*%25*"];
      const Statement = [...statements, statement("Deny", climbing, {})];
      return {
        policy: { Version: "2012-10-17", Statement },
        outcome: allowed ? "allow" : "deny",
        ...(faults.long && { whole: () => Number.POSITIVE_INFINITY }),
        lenient: true,
      };
    },
  };
}

function lastInstant(
  config: ModelConfig,
  principals: readonly ModelPrincipal[],
  decision: ModelDecision,
  { endsEarly }: Faults,
): number {
  const end = endOf(config, principals, decision);
  const windows = config.routes.flatMap((rule) => rule.windows ?? []);
  const isOpen = rightsOf(config, principals).grants.some(({ rule }) => isOpenAt(rule.windows, decision.time));
  const [first = end] = endsEarly && isOpen ? boundaries(windows, decision.time, end) : [];
  return first;
}

type Conditions = Record<string, Record<string, string | readonly string[]>>;

function statement(Effect: "Allow" | "Deny", patterns: readonly string[], Condition: Conditions) {
  const Resource = patterns.map((pattern) => `${API}/prod/${pattern}`);
  return { Action: "execute-api:Invoke", Effect, Resource, Condition };
}

/** The instant from which who meets a rule signed in too long ago for it. */
function ageEnd({ rule, signedIn }: ModelGrant, { noAge }: Faults): number {
  const { maxAge } = rule.authentication ?? {};
  return maxAge === undefined || noAge ? Number.POSITIVE_INFINITY : Math.floor((signedIn ?? 0) + maxAge) + 1;
}

/** One statement for each interval in which a rule is open. */
function inForce(
  effect: "Allow" | "Deny",
  { windows, addresses, vpcEndpoints }: Rule,
  patterns: readonly string[],
  start: number,
  end: number,
  { firstIntervalOnly, noAddresses, noEndpoints }: Faults,
) {
  if (end <= start) return [];
  const limit: Conditions = {
    ...(addresses && !noAddresses && { IpAddress: { "aws:SourceIp": addresses } }),
    ...(vpcEndpoints && !noEndpoints && { StringEquals: { "aws:SourceVpce": vpcEndpoints } }),
  };
  const edges = [start, ...boundaries(windows ?? [], start, end), end];
  const intervals = edges
    .slice(0, -1)
    .flatMap((from, index) => (isOpenAt(windows, from) ? [[from, edges[index + 1] ?? end] as const] : []));
  return (firstIntervalOnly ? intervals.slice(0, 1) : intervals).map(([from, until]) =>
    statement(effect, patterns, {
      ...limit,
      DateGreaterThanEquals: { "aws:CurrentTime": instant(from) },
      DateLessThan: { "aws:CurrentTime": instant(until) },
    }),
  );
}

/** Denials for every address that a credential does not allow, and for all but the caller's own. */
function elsewhere(config: ModelConfig, principals: readonly ModelPrincipal[], own: string | undefined) {
  const lists = principals.flatMap(({ addresses }) => (addresses ? [addresses] : []));
  if ((config.policy?.bindAddress ?? true) && own !== undefined) lists.push([own]);
  return lists.map((list) =>
    statement("Deny", ["*"], list.length === 0 ? {} : { NotIpAddress: { "aws:SourceIp": list } }),
  );
}

function instant(time: number): string {
  return `${new Date(time * 1000).toISOString().slice(0, 19)}Z`;
}

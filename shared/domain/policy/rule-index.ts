import type { RouteRule } from "../config/routes.ts";
import type { Principal } from "../principal/principal.ts";

/** Rules up to this many are looked at one by one: an index would cost more. */
const MIN_RULES = 24;

interface RuleIndex {
  /** Rules that anybody may meet. */
  readonly always: readonly number[];
  /** Rules by one fact that a principal must have to meet them. */
  readonly byFact: ReadonlyMap<string, readonly number[]>;
}

const indexes = new WeakMap<readonly RouteRule[], RuleIndex>();

/**
 * The rules that principals may meet, in the order of the configuration: all but those that ask for a tenant, role,
 * scope, issuer or credential that no principal has. So a decision does not take longer for rules that do not concern
 * its caller.
 */
export function candidateRules(rules: readonly RouteRule[], principals: readonly Principal[]): readonly RouteRule[] {
  if (rules.length < MIN_RULES) return rules;
  let index = indexes.get(rules);
  if (!index) {
    index = indexOf(rules);
    indexes.set(rules, index);
  }
  const found = new Set(index.always);
  for (const fact of principals.flatMap(factsOf)) for (const rule of index.byFact.get(fact) ?? []) found.add(rule);
  return [...found].sort((left, right) => left - right).flatMap((position) => rules[position] ?? []);
}

function indexOf(rules: readonly RouteRule[]): RuleIndex {
  const always: number[] = [];
  const byFact = new Map<string, number[]>();
  for (const [position, rule] of rules.entries()) {
    const facts = oneOf(rule);
    if (!facts) always.push(position);
    for (const fact of facts ?? []) byFact.set(fact, [...(byFact.get(fact) ?? []), position]);
  }
  return { always, byFact };
}

/**
 * Facts of which a principal must have one to meet the rule; undefined if it asks for none of those that are indexed.
 */
function oneOf({ tenants, roles, scopes, issuers, credentials }: RouteRule): string[] | undefined {
  if (tenants) return tenants.map((name) => `tenant ${name}`);
  for (const [kind, requirement] of Object.entries({ role: roles, scope: scopes })) {
    if (requirement) return necessary(requirement).map((name) => `${kind} ${name}`);
  }
  if (issuers) return issuers.map((name) => `issuer ${name}`);
  return credentials && necessary(credentials).map((name) => `provider ${name}`);
}

/** Of all that are required, one tells enough. */
const necessary = (requirement: NonNullable<RouteRule["roles"]>): string[] =>
  "allOf" in requirement ? requirement.allOf.slice(0, 1) : requirement.anyOf;

function factsOf({ tenant, roles, scopes, issuer, provider }: Principal): string[] {
  return [
    ...(tenant === undefined ? [] : [`tenant ${tenant}`]),
    ...roles.map((name) => `role ${name}`),
    ...scopes.map((name) => `scope ${name}`),
    `issuer ${issuer}`,
    `provider ${provider}`,
  ];
}

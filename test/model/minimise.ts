import { allows } from "./allows.ts";
import { noCounts } from "./coverage.ts";
import type { Difference, Judged, Situation, SubjectUnderTest } from "./difference.ts";
import { findingsOf, judge, judgeOutcome } from "./judge.ts";
import { isUnionOfEach } from "./several-credentials.ts";
import type { ModelPrincipal, Rule } from "./types.ts";

/** Removes parts of a difference for as long as the difference remains. */
export async function minimise(difference: Difference, subject: SubjectUnderTest): Promise<Difference> {
  let smallest = difference;
  for (;;) {
    const smaller = await firstSmaller(smallest, subject);
    if (!smaller) return smallest;
    smallest = { ...smallest, ...smaller };
  }
}

async function firstSmaller(difference: Difference, subject: SubjectUnderTest): Promise<Judged | undefined> {
  for (const candidate of smallerOnes(difference)) {
    const found = await repeat(difference.what, candidate, subject);
    // The difference must stay the same one.
    if (found?.what === difference.what && found.expected === difference.expected) return found;
  }
  return undefined;
}

/** Compares a single situation again. If the subject refuses the configuration, that is the only difference. */
export async function repeat(
  what: Judged["what"],
  situation: Situation,
  subject: SubjectUnderTest,
): Promise<Judged | undefined> {
  const { config, principals, decision, asked, use } = situation;
  try {
    if (what === "merged") return await isUnionOfEach(situation, use ? [use] : [], subject, noCounts());
    const findings = findingsOf(await subject.decide(config, principals, { ...decision, ...asked }));
    if (!use) return await judgeOutcome(situation, findings, subject, noCounts());
    return judge({ ...situation, use }, allows(config, principals, decision, use), findings);
  } catch (error) {
    return what === "failure" ? { ...situation, what, expected: "an answer", found: String(error) } : undefined;
  }
}

/** All variants of a situation with one part removed. */
function* smallerOnes(situation: Situation): Generator<Situation> {
  const { config, principals } = situation;
  for (const routes of shorter(config.routes)) yield { ...situation, config: { ...config, routes } };
  for (const fewer of shorter(principals)) yield { ...situation, principals: fewer };
  for (const [index, rule] of config.routes.entries()) {
    for (const simpler of simplerRules(rule)) {
      yield { ...situation, config: { ...config, routes: config.routes.with(index, simpler) } };
    }
  }
  for (const [index, principal] of principals.entries()) {
    for (const simpler of simplerPrincipals(principal)) {
      yield { ...situation, principals: principals.with(index, simpler) };
    }
  }
  const { merge, policy, ...rest } = config;
  if (merge) yield { ...situation, config: { ...rest, ...(policy && { policy }) } };
  if (policy) yield { ...situation, config: { ...rest, ...(merge && { merge }) } };
}

function* simplerRules(rule: Rule): Generator<Rule> {
  const { credentials, scopes, roles, tenants, issuers, kind, senderConstrained, ...others } = rule;
  const { addresses, windows, encodedPaths, attributes, authentication, stages, vpcEndpoints, ...plain } = others;
  const optional = {
    ...{ credentials, scopes, roles, tenants, issuers, kind, senderConstrained },
    ...{ addresses, windows, encodedPaths, attributes, authentication, stages, vpcEndpoints },
  };
  for (const name of Object.keys(optional)) yield* without(rule, name);
  for (const paths of shorter(plain.paths)) yield { ...rule, paths };
  if (rule.methods !== "ANY") for (const methods of shorter(rule.methods)) yield { ...rule, methods };
  for (const fewer of shorter(windows ?? [])) yield { ...rule, windows: fewer };
  for (const fewer of shorter(addresses ?? [])) yield { ...rule, addresses: fewer };
}

function* simplerPrincipals(principal: ModelPrincipal): Generator<ModelPrincipal> {
  for (const name of ["tenant", "addresses", "expiresAt", "authentication"]) yield* without(principal, name);
  if (principal.scopes.length > 0) yield { ...principal, scopes: principal.scopes.slice(1) };
  if (principal.roles.length > 0) yield { ...principal, roles: principal.roles.slice(1) };
  if (Object.keys(principal.attributes).length > 0) yield { ...principal, attributes: {} };
}

/** All variants of an object without one of its optional members. */
function* without<T extends object>(thing: T, name: string): Generator<T> {
  if (!Object.hasOwn(thing, name)) return;
  yield Object.fromEntries(Object.entries(thing).filter(([member]) => member !== name)) as T;
}

/** All non-empty variants of a list without one item. */
function* shorter<T>(items: readonly T[]): Generator<T[]> {
  if (items.length > 1) for (const index of items.keys()) yield items.toSpliced(index, 1);
}

import type { Requirement, SenderConstraint } from "../config/common.ts";
import type { RouteRule } from "../config/routes.ts";
import type { MergeConfig } from "../config/schema.ts";
import { type Confirmation, type Principal, personsFirst } from "../principal/principal.ts";

/**
 * Which principals open a rule. A fact counts together with the principal that it comes from: what two principals
 * hold between them, none of them holds ("Which rules apply" in docs/policy.md).
 */

/**
 * Principals that together meet a rule, in the order in which placeholders ask them. One, but for a rule that names
 * several credentials.
 */
export type Party = readonly Principal[];

/**
 * Every party of a request that an allowing rule applies to. Several if several principals meet the rule, each alone.
 */
export function partiesFor(rule: RouteRule, principals: readonly Principal[], { scopes }: MergeConfig): Party[] {
  const union = scopes === "union" ? principals.flatMap((principal) => principal.scopes) : undefined;
  if (!principals.every((principal) => isWithin(rule, principal, union))) return [];
  const named = namedProviders(rule);
  if (named.length < 2) {
    return principals.filter((principal) => meetsAll(rule, [principal], union)).map((principal) => [principal]);
  }
  const party = personsFirst(principals.filter(({ provider }) => named.includes(provider)));
  return meetsAll(rule, party, union) ? [party] : [];
}

/**
 * Whether a denying rule applies to a request: each requirement is met by some principal, not all by the same one,
 * and what cannot be decided counts as met.
 */
export function isDenied(rule: RouteRule, principals: readonly Principal[], { scopes }: MergeConfig): boolean {
  const union = scopes === "union" ? principals.flatMap((principal) => principal.scopes) : undefined;
  return meetsAll(rule, principals, union, "unknown");
}

/** What a principal states must satisfy the rule, whoever opens it. What it does not state does not limit. */
function isWithin({ scopes, roles }: RouteRule, principal: Principal, union: readonly string[] | undefined): boolean {
  return (
    (union !== undefined || principal.scopes.length === 0 || satisfies(scopes, principal.scopes)) &&
    (principal.roles.length === 0 || satisfies(roles, principal.roles))
  );
}

/**
 * Whether each requirement of a rule is met by one of the principals. @param also a kind that counts as the one
 * required
 */
function meetsAll(
  rule: RouteRule,
  principals: readonly Principal[],
  union: readonly string[] | undefined,
  also?: Principal["kind"],
): boolean {
  const some = (meets: (principal: Principal) => boolean) => principals.some(meets);
  const { credentials, issuers, kind, senderConstrained, tenants, roles, scopes } = rule;
  const providers = principals.map(({ provider }) => provider);
  return (
    satisfies(credentials, providers) &&
    (!issuers || some(({ issuer }) => issuers.includes(issuer))) &&
    (!kind || some((principal) => principal.kind === kind || principal.kind === also)) &&
    (!senderConstrained || some(({ confirmation = [] }) => isConfirmed(confirmation, senderConstrained))) &&
    (!tenants || tenants.some((each) => some(({ tenant }) => tenant === each))) &&
    (!roles || some((principal) => satisfies(roles, principal.roles))) &&
    (!scopes || (union ? satisfies(scopes, union) : some((principal) => satisfies(scopes, principal.scopes))))
  );
}

const isConfirmed = (confirmation: readonly Confirmation[], constraint: SenderConstraint): boolean =>
  constraint === "any" ? confirmation.length > 0 : confirmation.includes(constraint);

/** The providers of a rule that names several credentials. */
function namedProviders({ credentials }: RouteRule): readonly string[] {
  return credentials && "allOf" in credentials ? [...new Set(credentials.allOf)] : [];
}

function satisfies(requirement: Requirement | undefined, held: readonly string[]): boolean {
  if (!requirement) return true;
  return "allOf" in requirement
    ? requirement.allOf.every((item) => held.includes(item))
    : requirement.anyOf.some((item) => held.includes(item));
}

import type { SenderConstraint } from "../config/common.ts";
import type { RouteRule } from "../config/routes.ts";
import type { MergeConfig } from "../config/schema.ts";
import { type Confirmation, type Principal, personsFirst } from "../principal/principal.ts";
import { matchesText } from "../text/text-pattern.ts";
import { isAuthenticated, isDeniedFor } from "./authentication.ts";
import { satisfies } from "./satisfies.ts";

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
    return principals.map((principal) => [principal]).filter((party) => opens(rule, party, union));
  }
  const party = personsFirst(principals.filter(({ provider }) => named.includes(provider)));
  return opens(rule, party, union) ? [party] : [];
}

function opens(rule: RouteRule, party: Party, union: readonly string[] | undefined): boolean {
  const { authentication } = rule;
  return (
    meetsAll(rule, party, union) &&
    (!authentication || party.some((principal) => isAuthenticated(principal, authentication)))
  );
}

/**
 * Whether a denying rule applies to a request: each requirement is met by some principal, not all by the same one,
 * and what cannot be decided counts as met.
 */
export function isDenied(rule: RouteRule, principals: readonly Principal[], { scopes }: MergeConfig): boolean {
  const union = scopes === "union" ? principals.flatMap((principal) => principal.scopes) : undefined;
  const { authentication } = rule;
  return meetsAll(rule, principals, union, "unknown") && (!authentication || isDeniedFor(principals, authentication));
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
  const { credentials, issuers, kind, senderConstrained, tenants, roles, scopes, attributes } = rule;
  const providers = principals.map(({ provider }) => provider);
  return (
    satisfies(credentials, providers) &&
    (!issuers || some(({ issuer }) => issuers.includes(issuer))) &&
    (!kind || some((principal) => principal.kind === kind || principal.kind === also)) &&
    (!senderConstrained || some(({ confirmation = [] }) => isConfirmed(confirmation, senderConstrained))) &&
    (!tenants || tenants.some((each) => some(({ tenant }) => tenant === each))) &&
    (!roles || some((principal) => satisfies(roles, principal.roles))) &&
    (!scopes || (union ? satisfies(scopes, union) : some((principal) => satisfies(scopes, principal.scopes)))) &&
    Object.entries(attributes ?? {}).every(([name, patterns]) =>
      some((principal) => hasAttribute(principal, name, patterns)),
    )
  );
}

const isConfirmed = (confirmation: readonly Confirmation[], constraint: SenderConstraint): boolean =>
  constraint === "any" ? confirmation.length > 0 : confirmation.includes(constraint);

/** Whether an attribute of a principal is what one of the patterns stands for. One that it does not have is not. */
function hasAttribute({ attributes }: Principal, name: string, patterns: readonly string[]): boolean {
  if (!Object.hasOwn(attributes, name)) return false;
  const value = String(attributes[name]);
  return patterns.some((pattern) => matchesText(pattern, value));
}

/** The providers of a rule that names several credentials. */
function namedProviders({ credentials }: RouteRule): readonly string[] {
  return credentials && "allOf" in credentials ? [...new Set(credentials.allOf)] : [];
}

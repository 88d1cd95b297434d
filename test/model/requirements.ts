import type { ModelConfig, ModelPrincipal, ModelRequirement, Rule } from "./types.ts";

/** Whether one list of scopes or roles meets a requirement. No requirement is met by every list. */
export function isMetBy(requirement: ModelRequirement | undefined, list: readonly string[]): boolean {
  if (!requirement) return true;
  if ("anyOf" in requirement) return requirement.anyOf.some((item) => list.includes(item));
  return requirement.allOf.every((item) => list.includes(item));
}

/** The providers of `credentials.allOf`, if it names two or more: such a rule combines credentials. */
export function combinedProviders(rule: Rule): readonly string[] | undefined {
  if (!rule.credentials || !("allOf" in rule.credentials)) return undefined;
  const providers = [...new Set(rule.credentials.allOf)];
  return providers.length >= 2 ? providers : undefined;
}

/**
 * Every requirement of a rule as a question about one principal. Allowing rules ask all of them of one principal;
 * denying rules and rules that combine credentials ask each of several.
 */
export function requirementsOf(
  rule: Rule,
  config: ModelConfig,
  all: readonly ModelPrincipal[],
): ((principal: ModelPrincipal) => boolean)[] {
  const union = config.merge?.scopes === "union" ? all.flatMap(({ scopes }) => scopes) : undefined;
  const denies = rule.effect === "deny";
  const { issuers, tenants, kind, credentials, senderConstrained } = rule;
  const questions: ((principal: ModelPrincipal) => boolean)[] = [
    ({ roles }) => isMetBy(rule.roles, roles),
    ({ scopes }) => isMetBy(rule.scopes, union ?? scopes),
  ];
  if (issuers) questions.push(({ issuer }) => issuers.includes(issuer));
  if (tenants) questions.push(({ tenant }) => tenant !== undefined && tenants.includes(tenant));
  // "What cannot be decided counts as met" for a denial; for an allowing rule an unknown kind is neither.
  if (kind) questions.push((principal) => principal.kind === kind || (denies && principal.kind === "unknown"));
  if (senderConstrained) {
    questions.push(({ confirmation = [] }) =>
      senderConstrained === "any" ? confirmation.length > 0 : confirmation.includes(senderConstrained),
    );
  }
  for (const [name, written] of Object.entries(rule.attributes ?? {})) {
    questions.push(({ attributes }) =>
      Object.hasOwn(attributes, name) ? [written].flat().some((each) => isLike(String(attributes[name]), each)) : false,
    );
  }
  questions.push(...(denies ? signInDenied(rule) : [(principal: ModelPrincipal) => isSignedIn(rule, principal)]));
  if (credentials && !combinedProviders(rule)) {
    questions.push(({ provider }) => isMetBy(credentials, [provider]));
  }
  return questions;
}

/** A `*` stands for any characters but the two that separate parts. Written as an expression, which the code is not. */
function isLike(value: string, pattern: string): boolean {
  const literal = (text: string) =>
    text.replace(/[^A-Za-z0-9]/g, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return new RegExp(`^${pattern.split("*").map(literal).join("[^/:]*")}$`, "su").test(value);
}

/** Whether one principal states all that an allowing rule asks of how its person signed in, but for how long ago. */
export function isSignedIn({ authentication }: Rule, principal: ModelPrincipal): boolean {
  if (!authentication) return true;
  const { contextClass, methods = [], time } = principal.authentication ?? {};
  if (authentication.contexts && !authentication.contexts.includes(contextClass ?? "")) return false;
  if (authentication.maxAge !== undefined && time === undefined) return false;
  return isMetBy(authentication.methods, methods);
}

/** For a denial, what a person's credential does not state counts as met. A client does not sign in. */
function signInDenied({ authentication }: Rule): ((principal: ModelPrincipal) => boolean)[] {
  const { contexts, methods } = authentication ?? {};
  return [
    ({ kind, authentication: own }) =>
      !contexts || (own?.contextClass === undefined ? kind !== "client" : contexts.includes(own.contextClass)),
    ({ kind, authentication: own }) =>
      !methods || ((own?.methods ?? []).length === 0 ? kind !== "client" : isMetBy(methods, own?.methods ?? [])),
  ];
}

/** Whether the stated scopes and roles of every principal meet the rule's requirements. */
export function notNarrowed(rule: Rule, config: ModelConfig, principals: readonly ModelPrincipal[]): boolean {
  const union = config.merge?.scopes === "union";
  return principals.every(
    ({ scopes, roles }) =>
      (union || scopes.length === 0 || isMetBy(rule.scopes, scopes)) &&
      (roles.length === 0 || isMetBy(rule.roles, roles)),
  );
}

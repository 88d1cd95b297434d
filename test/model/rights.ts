import { isOneCaller } from "./caller.ts";
import { anchored, type ModelGrant, spellings } from "./paths.ts";
import { allowedValues, deniedValues, fill } from "./placeholders.ts";
import { combinedProviders, isSignedIn, notNarrowed, requirementsOf } from "./requirements.ts";
import type { ModelConfig, ModelPrincipal, Rule } from "./types.ts";

/** The stage of all requests. */
const STAGE = "prod";

/** The routes that the rules allow and deny a caller, without time and address. */
export interface Rights {
  readonly grants: readonly ModelGrant[];
  readonly denials: readonly ModelDenial[];
}

export interface ModelDenial {
  readonly rule: Rule;
  /** Patterns of method and path as in an ARN: `GET/admin/*`. */
  readonly patterns: readonly string[];
  /** How many of these patterns deny other spellings and dot segments. */
  readonly spellings: number;
}

/** The rules that apply to the principals, with what each covers for them. */
export function rightsOf(config: ModelConfig, principals: readonly ModelPrincipal[]): Rights {
  if (!isOneCaller(config, principals)) return { grants: [], denials: [] };
  const routes = config.routes.filter(({ stages }) => !stages || stages.includes(STAGE));
  const grants = routes
    .filter(({ effect }) => effect !== "deny")
    .flatMap((rule) => allowedPaths(rule, config, principals))
    .filter(({ paths }) => paths.length > 0);
  const denials = routes
    .filter((rule) => rule.effect === "deny" && deniesCaller(rule, config, principals))
    .map((rule) => {
      const paths = rule.paths.flatMap((path) => fill(path, (name) => deniedValues(name, principals)));
      const more = spellings(rule.methods, paths, grants);
      return { rule, patterns: [...anchored(rule.methods, paths), ...more], spellings: more.length };
    });
  return { grants, denials };
}

/** A grant for each principal that meets the rule alone, or for those that meet it together. */
function allowedPaths(rule: Rule, config: ModelConfig, principals: readonly ModelPrincipal[]): ModelGrant[] {
  if (!notNarrowed(rule, config, principals)) return [];
  const requirements = requirementsOf(rule, config, principals);
  const providers = combinedProviders(rule);
  if (!providers) {
    const alone = principals.filter((principal) => requirements.every((isMetBy) => isMetBy(principal)));
    return alone.map((principal) => grant(rule, [principal]));
  }
  const named = principals.filter(({ provider }) => providers.includes(provider));
  const proved = providers.every((name) => named.some(({ provider }) => provider === name));
  if (!proved || !requirements.every((isMetBy) => named.some(isMetBy))) return [];
  return [
    grant(rule, [...named.filter(({ kind }) => kind !== "client"), ...named.filter(({ kind }) => kind === "client")]),
  ];
}

function grant(rule: Rule, ordered: readonly ModelPrincipal[]): ModelGrant {
  const times = ordered
    .filter((principal) => isSignedIn(rule, principal))
    .map(({ authentication }) => authentication?.time ?? Number.NEGATIVE_INFINITY);
  return { rule, paths: filled(rule, ordered), ...(times.length > 0 && { signedIn: Math.max(...times) }) };
}

function filled(rule: Rule, ordered: readonly ModelPrincipal[]): string[] {
  return rule.paths.flatMap((path) => fill(path, (name) => allowedValues(name, ordered)));
}

function deniesCaller(rule: Rule, config: ModelConfig, principals: readonly ModelPrincipal[]): boolean {
  const providers = combinedProviders(rule) ?? [];
  return (
    providers.every((name) => principals.some(({ provider }) => provider === name)) &&
    requirementsOf(rule, config, principals).every((isMetBy) => principals.some(isMetBy))
  );
}

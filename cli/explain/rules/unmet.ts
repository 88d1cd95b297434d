import type { RouteRule } from "../../../shared/domain/config/routes.ts";
import type { MergeConfig } from "../../../shared/domain/config/schema.ts";
import type { Principal } from "../../../shared/domain/principal/principal.ts";
import { quoted, quotedList } from "../shown-value.ts";
import { lacking } from "./lacking.ts";
import type { Obstacle } from "./obstacle.ts";
import { needed, satisfies } from "./requirement.ts";

/**
 * What of a rule the principals do not meet: nothing if it applies, but for its placeholders. It says in words what
 * shared/domain/policy/requirements.ts decides, and a test holds both together.
 */
export function unmetBy(rule: RouteRule, principals: readonly Principal[], { scopes }: MergeConfig): Obstacle[] {
  const union = scopes === "union" ? principals.flatMap((principal) => principal.scopes) : undefined;
  if (rule.effect === "deny") return lacking(rule, principals, union);
  const isForSeveral = namedProviders(rule).length > 1;
  const unmet = isForSeveral ? lacking(rule, partyFor(rule, principals), union) : unmetAlone(rule, principals, union);
  // What narrows the only principal is unmet as well.
  return principals.length === 1 ? unmet : [...unmet, ...narrowing(rule, principals, union)];
}

/** Providers of a rule that names several credentials. Their principals meet it together. */
const namedProviders = ({ credentials }: RouteRule): readonly string[] =>
  credentials && "allOf" in credentials ? [...new Set(credentials.allOf)] : [];

/** The principals that meet such a rule together. If one is missing, all say what they have. */
function partyFor(rule: RouteRule, principals: readonly Principal[]): readonly Principal[] {
  const named = namedProviders(rule);
  const isComplete = named.every((name) => principals.some(({ provider }) => provider === name));
  return isComplete ? principals.filter(({ provider }) => named.includes(provider)) : principals;
}

/** What each principal lacks, if none meets the rule alone. */
function unmetAlone(rule: RouteRule, principals: readonly Principal[], union: readonly string[] | undefined) {
  const unmet = principals.map((principal) => ({ principal, obstacles: lacking(rule, [principal], union) }));
  if (unmet.some(({ obstacles }) => obstacles.length === 0)) return [];
  return unmet.flatMap(({ principal, obstacles }) =>
    principals.length === 1
      ? obstacles
      : obstacles.map((obstacle) => ({ ...obstacle, principal: credentialName(principal) })),
  );
}

/** What a principal states, and the rule does not accept, whoever meets it. */
function narrowing(
  { scopes, roles }: RouteRule,
  principals: readonly Principal[],
  union: readonly string[] | undefined,
): Obstacle[] {
  return principals.flatMap((principal) => {
    const narrowed = (option: "scopes" | "roles", requirement: RouteRule["roles"]): Obstacle[] => {
      const stated = principal[option];
      if (!requirement || stated.length === 0 || satisfies(requirement, stated)) return [];
      const noun = option === "scopes" ? "scope" : "role";
      const text = `narrows: the rule needs ${needed(requirement, noun)}; it states only ${quotedList(stated)}`;
      return [{ option, principal: credentialName(principal), text }];
    };
    return [...(union ? [] : narrowed("scopes", scopes)), ...narrowed("roles", roles)];
  });
}

/** The name of one of several credentials. */
export const credentialName = ({ provider, subject }: Principal): string => `${provider} ${quoted(subject)}`;

import { overlaps } from "../resource/pattern.ts";
import type { RouteRule } from "./routes.ts";

/** A path of a denying rule and a path of an allowing rule that can match the same request. */
export interface RuleOverlap {
  readonly denying: RouteRule;
  readonly denied: string;
  readonly allowing: RouteRule;
  readonly allowed: string;
}

/**
 * Every pair of paths, one of a denying and one of an allowing rule, that have a method and a path in common for some
 * caller. A placeholder counts as `*`.
 *
 * @param ignoringCase whether paths are compared without case
 */
export function ruleOverlaps(rules: readonly RouteRule[], ignoringCase = false): RuleOverlap[] {
  const patternOf = (path: string) => {
    const pattern = path.replace(/\{[^}]*\}/g, "*");
    return ignoringCase ? pattern.toLowerCase() : pattern;
  };
  const denials = rules.filter(({ effect }) => effect === "deny");
  const grants = rules.filter(({ effect }) => effect === "allow");
  return denials.flatMap((denying) =>
    grants.flatMap((allowing) =>
      shareMethod(denying, allowing)
        ? (denying.paths ?? []).flatMap((denied) =>
            (allowing.paths ?? []).flatMap((allowed) =>
              overlaps(patternOf(denied), patternOf(allowed)) ? [{ denying, denied, allowing, allowed }] : [],
            ),
          )
        : [],
    ),
  );
}

/** Whether a path has neither wildcards nor placeholders. */
export const isPlain = (path: string) => !/[*{]/.test(path);

const shareMethod = ({ methods: one = [] }: RouteRule, { methods: other = [] }: RouteRule) =>
  one === "ANY" ? other.length > 0 : other === "ANY" ? one.length > 0 : one.some((method) => other.includes(method));

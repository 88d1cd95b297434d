import { overlaps } from "../resource/pattern.ts";
import type { RouteRule } from "./routes.ts";

/** A path of a denying rule and one of an allowing rule that may match one request. */
export interface RuleOverlap {
  readonly denying: RouteRule;
  readonly denied: string;
  readonly allowing: RouteRule;
  readonly allowed: string;
}

/**
 * Every pair of paths, of a denying and an allowing rule, that have a method and a path in common, whoever calls: placeholders may stand for
 * anything.
 *
 * @param ignoringCase whether letters of either case are one
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

/** Whether a path is one text, whoever calls. */
export const isPlain = (path: string) => !/[*{]/.test(path);

const shareMethod = ({ methods: one = [] }: RouteRule, { methods: other = [] }: RouteRule) =>
  one === "ANY" ? other.length > 0 : other === "ANY" ? one.length > 0 : one.some((method) => other.includes(method));

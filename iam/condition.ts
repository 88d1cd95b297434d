import { OPERATORS } from "./operators.ts";
import type { ParsedCondition } from "./parse.ts";
import { PolicyError } from "./policy-error.ts";

/** The condition keys that a request has, in lower case, each with its value or values. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/**
 * Condition keys that API Gateway evaluates, in lower case (API Gateway developer guide, "AWS condition keys that can
 * be used in API Gateway resource policies"). The keys of the last two lines belong to IAM authorization. A request
 * with a Lambda authorizer never has them.
 */
const KEYS = new Set(
  `aws:currenttime aws:epochtime aws:referer aws:securetransport aws:sourcearn aws:sourceip aws:useragent
  aws:sourcevpc aws:sourcevpce aws:vpcsourceip
  aws:tokenissuetime aws:multifactorauthpresent aws:multifactorauthage aws:principalaccount aws:principalarn
  aws:principalorgid aws:principalorgpaths aws:principaltype aws:userid aws:username`.split(/\s+/),
);

/**
 * Whether one condition holds (IAM user guide, "Conditions with multiple context keys or values"). A positive operator
 * holds if one of the values matches; a negated operator holds if none matches. If the request has no such key, a
 * positive operator fails and a negated one holds; with `IfExists` both hold.
 *
 * @throws {PolicyError} for an operator or key that this engine does not know
 */
export function holds({ operator, key, values }: ParsedCondition, context: RequestContext): boolean {
  const name = key.toLowerCase();
  if (!KEYS.has(name) && !name.startsWith("aws:principaltag/")) {
    throw new PolicyError(`The condition key ${key} is not known.`);
  }
  const actual = [context[name] ?? []].flat();
  if (operator === "Null") return isNull(values, actual.length === 0);
  const [, set, base = "", ifExists] = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  const known = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  if (!known) throw new PolicyError(`The condition operator ${operator} is not known.`);
  if (ifExists && actual.length === 0) return true;
  const { compare, negated } = known;
  const one = (value: string) => values.some((expected) => compare(value, expected)) !== negated;
  if (set === "ForAllValues") return actual.every(one);
  if (set === "ForAnyValue") return actual.some(one);
  return actual.length === 0 ? negated : actual.some(one);
}

function isNull(values: readonly string[], missing: boolean): boolean {
  return values.some((value) => {
    if (value !== "true" && value !== "false") throw new PolicyError(`Null takes true or false, not "${value}".`);
    return (value === "true") === missing;
  });
}

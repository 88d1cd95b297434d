import { OPERATORS } from "./operators.ts";
import type { ParsedCondition } from "./parse.ts";
import { PolicyError } from "./policy-error.ts";

/** Condition keys of a request, in lower case, each with its value or values. A key that the request has not is missing. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/**
 * Condition keys that API Gateway evaluates (API Gateway developer guide, "AWS condition keys that can be used in API Gateway resource policies"),
 * in lower case. The last line's are of IAM authorization: known, and never there for an authorizer's caller.
 */
const KEYS = new Set([
  ..."aws:currenttime aws:epochtime aws:referer aws:securetransport aws:sourcearn aws:sourceip aws:useragent".split(
    " ",
  ),
  ..."aws:sourcevpc aws:sourcevpce aws:vpcsourceip".split(" "),
  ..."aws:tokenissuetime aws:multifactorauthpresent aws:multifactorauthage aws:principalaccount aws:principalarn".split(
    " ",
  ),
  ..."aws:principalorgid aws:principalorgpaths aws:principaltype aws:userid aws:username".split(" "),
]);

/**
 * Whether one condition holds (IAM user guide, "Conditions with multiple context keys or values"): values are alternatives, those of a negated
 * operator are all excluded; a missing key fails a positive operator and passes a negated one, and passes either with `IfExists`.
 *
 * @throws {PolicyError} for an operator or key that it does not know
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
    if (value !== "true" && value !== "false") throw new PolicyError(`Null takes true or false, and not "${value}".`);
    return (value === "true") === missing;
  });
}

import { StackError } from "../../gateway/stack-error.ts";
import { isOperator, type Matcher, matchesValue } from "./pattern-operators.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches a pattern (EventBridge user guide, "Event patterns"). The fields of a pattern are of the
 * event's structure, with a list of allowed values for each; all fields must match, and of `$or` one of its patterns.
 *
 * @param pattern one that `checkPattern` has accepted
 */
export function matches(pattern: unknown, event: unknown): boolean {
  return Object.entries(Object(pattern) as Json).every(([name, expected]) => {
    if (isOr(name, expected)) return expected.some((each) => matches(each, event));
    const value = isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
    if (Array.isArray(expected)) return expected.some((each: Matcher) => matchesLeaf(each, value));
    // Of a list of objects, one must match the whole pattern.
    return Array.isArray(value) ? value.some((each) => matches(expected, each)) : matches(expected, value ?? {});
  });
}

function matchesLeaf(matcher: Matcher, value: unknown): boolean {
  if (Array.isArray(value) && value.length > 0) return value.some((each) => matchesLeaf(matcher, each));
  // Only what is no object is a field of its own.
  return matchesValue(matcher, isObject(value) || Array.isArray(value) ? undefined : value);
}

/**
 * Checks a pattern before the first event.
 *
 * @param where its place, for the message
 * @throws {StackError} for an operator that EventBridge does not have, or a wrong use of one
 */
export function checkPattern(pattern: unknown, where: string): void {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) {
    throw new StackError(`${where}: an event pattern is an object with at least one field.`);
  }
  for (const [name, expected] of Object.entries(pattern)) {
    const place = `${where}.${name}`;
    if (isOr(name, expected)) for (const [index, each] of expected.entries()) checkPattern(each, `${place}[${index}]`);
    else if (Array.isArray(expected)) checkLeaf(expected, place);
    else checkPattern(expected, place);
  }
}

function checkLeaf(expected: readonly unknown[], where: string): void {
  if (expected.length === 0) throw new StackError(`${where}: the list of values is empty.`);
  for (const each of expected) {
    const isScalar = each === null || ["string", "number", "boolean"].includes(typeof each);
    if (!isScalar && !isOperator(each)) throw new StackError(`${where}: ${JSON.stringify(each)} is not supported.`);
  }
}

/** `$or` is an operator if it lists objects, and else a field's name. */
const isOr = (name: string, expected: unknown): expected is readonly unknown[] =>
  name === "$or" && Array.isArray(expected) && expected.length > 1 && expected.every(isObject);

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { isInRanges } from "../../shared/address/address-range.ts";
import type { Condition } from "../../shared/policy/document.ts";

/** Condition keys, in lower case, with their one value each. */
export type RequestContext = Readonly<Record<string, string>>;

type Operator = (actual: string, expected: string) => boolean;

const date = (compare: (left: number, right: number) => boolean): Operator => {
  return (actual, expected) => compare(Date.parse(actual), Date.parse(expected));
};

/** Operators by name (IAM user guide, "Condition operators"). */
const POSITIVE: Readonly<Record<string, Operator>> = {
  DateEquals: date((left, right) => left === right),
  DateLessThan: date((left, right) => left < right),
  DateLessThanEquals: date((left, right) => left <= right),
  DateGreaterThan: date((left, right) => left > right),
  DateGreaterThanEquals: date((left, right) => left >= right),
  IpAddress: (actual, expected) => isInRanges(actual, [expected]),
  StringEquals: (actual, expected) => actual === expected,
};

/** Operators that hold where their opposite does not: for every value, and where the key is missing. */
const NEGATED: Readonly<Record<string, string>> = {
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  StringNotEquals: "StringEquals",
};

/** Whether every operator holds for every key: values of one key are alternatives (IAM user guide, "Conditions with multiple values"). */
export function holds(condition: Condition, context: RequestContext): boolean {
  return Object.entries(condition).every(([name, keys]) =>
    Object.entries(keys).every(([key, expected]) => keyHolds(name, context[key.toLowerCase()], [expected].flat())),
  );
}

function keyHolds(name: string, actual: string | undefined, expected: readonly string[]): boolean {
  const opposite = NEGATED[name];
  if (opposite) return !keyHolds(opposite, actual, expected);
  const operator = POSITIVE[name];
  if (!operator) throw new Error(`The condition operator ${name} is not supported.`);
  return actual !== undefined && expected.some((value) => operator(actual, value));
}

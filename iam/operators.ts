import { isInRanges } from "../shared/domain/address/address-range.ts";
import { matchesPattern } from "../shared/domain/resource/pattern.ts";
import { PolicyError } from "./policy-error.ts";

/** Compares one value of the request with one of the policy. */
export type Compare = (actual: string, expected: string) => boolean;

/** A condition operator, without `ForAllValues:`, `ForAnyValue:` and `IfExists`. */
export interface Operator {
  readonly compare: Compare;
  /** Whether the operator holds if no value matches or if the request does not have the key. */
  readonly negated: boolean;
}

const number = (compare: (left: number, right: number) => boolean): Compare => {
  return (actual, expected) => compare(numberOf(actual), numberOf(expected));
};

function numberOf(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw new PolicyError(`"${text}" is no number.`);
  return value;
}

const date = (compare: (left: number, right: number) => boolean): Compare => {
  return (actual, expected) => compare(instantOf(actual), instantOf(expected));
};

/** Converts a date (ISO 8601 profile of the W3C, or seconds since the epoch) to milliseconds since the epoch. */
function instantOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && !/^\d{4}$/.test(text)) return Number(text) * 1000;
  const value = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(value)) throw new PolicyError(`"${text}" is no date.`);
  return value;
}

function inRange(actual: string, expected: string): boolean {
  if (!/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(expected)) throw new PolicyError(`"${expected}" is no address or range.`);
  return isInRanges(actual, [expected]);
}

/** Compares the six parts of an ARN one by one. The sixth part may contain colons. */
function arnLike(actual: string, expected: string): boolean {
  const [left, right] = [actual, expected].map((arn) => {
    const parts = arn.split(":");
    return [...parts.slice(0, 5), parts.slice(5).join(":")];
  });
  return Boolean(left && right?.every((pattern, index) => matchesPattern(pattern, left[index] ?? "")));
}

const same: Compare = (actual, expected) => actual === expected;
const sameFolded: Compare = (actual, expected) => actual.toLowerCase() === expected.toLowerCase();
const like: Compare = (actual, expected) => matchesPattern(expected, actual);

const positive = (compare: Compare): Operator => ({ compare, negated: false });
const negative = (compare: Compare): Operator => ({ compare, negated: true });

/**
 * The operators of IAM (IAM user guide, "IAM JSON policy elements: Condition operators"). `Null` is handled in `holds`.
 */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: positive(same),
  StringNotEquals: negative(same),
  StringEqualsIgnoreCase: positive(sameFolded),
  StringNotEqualsIgnoreCase: negative(sameFolded),
  StringLike: positive(like),
  StringNotLike: negative(like),
  NumericEquals: positive(number((left, right) => left === right)),
  NumericNotEquals: negative(number((left, right) => left === right)),
  NumericLessThan: positive(number((left, right) => left < right)),
  NumericLessThanEquals: positive(number((left, right) => left <= right)),
  NumericGreaterThan: positive(number((left, right) => left > right)),
  NumericGreaterThanEquals: positive(number((left, right) => left >= right)),
  DateEquals: positive(date((left, right) => left === right)),
  DateNotEquals: negative(date((left, right) => left === right)),
  DateLessThan: positive(date((left, right) => left < right)),
  DateLessThanEquals: positive(date((left, right) => left <= right)),
  DateGreaterThan: positive(date((left, right) => left > right)),
  DateGreaterThanEquals: positive(date((left, right) => left >= right)),
  Bool: positive(sameFolded),
  BinaryEquals: positive(same),
  IpAddress: positive(inRange),
  NotIpAddress: negative(inRange),
  ArnEquals: positive(arnLike),
  ArnLike: positive(arnLike),
  ArnNotEquals: negative(arnLike),
  ArnNotLike: negative(arnLike),
};

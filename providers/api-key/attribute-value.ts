import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";

/*
 * Not by `@aws-sdk/util-dynamodb`, which is for tables whose items are as they should be. Its `unmarshall` takes the first of two types of one
 * value, makes a bigint or a rounded number of what JavaScript cannot hold, null of NULL, and a Set of NS and BS. Here each of these is a damaged
 * record. Checks around it would be longer than this file, and `marshall` alone is not worth a dependency.
 */

/** Values that a key record is made of. */
export type Plain =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly string[]
  | Readonly<Record<string, string | number | boolean>>;

/** A value as DynamoDB keeps it. */
export function attributeOf(value: Plain): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner)])) };
}

/**
 * A value read back. Every type that no record is made of is a mistake in the table: NULL, NS, BS and what DynamoDB may come to have.
 * None of them may stand for an attribute that is absent, as an absent limit is no limit.
 *
 * @throws {TroubleError} `key_record_invalid`
 */
export function plainValue(attribute: AttributeValue): unknown {
  const { S, N, BOOL, B, L, M, SS, ...others } = attribute;
  const [value, ...more] = [S, N === undefined ? undefined : exactNumber(N), BOOL, B, L, M, SS].filter(
    (each) => each !== undefined,
  );
  if (value === undefined || more.length > 0 || Object.values(others).some((each) => each !== undefined)) {
    throw new TroubleError("key_record_invalid");
  }
  if (L) return L.map(plainValue);
  if (M) return Object.fromEntries(Object.entries(M).map(([name, inner]) => [name, plainValue(inner)]));
  return value;
}

/** Whether DynamoDB gives a number back as it was: an integer that is exact in both, or a fraction within its range. */
export function isExactNumber(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= 1e-130 && Math.abs(value) < 2 ** 53;
}

/** DynamoDB's 38 decimal digits hold numbers that JavaScript's do not: those are no numbers of ours. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (!isExactNumber(value) || decimal(text) === undefined || decimal(text) !== decimal(String(value))) {
    throw new TroubleError("key_record_invalid");
  }
  return value;
}

/** A decimal number in the one form of sign, digits and exponent, so that texts can be compared. */
function decimal(text: string): string | undefined {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

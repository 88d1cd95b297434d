import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/*
 * This file replaces `@aws-sdk/util-dynamodb`, which accepts damaged items. Its `unmarshall` takes the first type of
 * a value with two types, returns a bigint or a rounded number if JavaScript cannot represent a number, null for NULL
 * and a Set for NS and BS. Here each of these is a damaged record. Checks around `unmarshall` would be longer than
 * this file.
 */

/** A value of an item is none that a record has. */
export class DamagedAttribute extends Error {
  override readonly name = "DamagedAttribute";
}

/** Types of the values in a record. */
export type Plain =
  | string
  | number
  | boolean
  | Uint8Array
  | readonly string[]
  | Readonly<Record<string, string | number | boolean>>;

/** Converts a value to a DynamoDB attribute. */
export function attributeOf(value: Plain): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value instanceof Uint8Array) return { B: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner)])) };
}

/**
 * Converts a DynamoDB attribute to a value. Types that a record does not have are refused: NULL, NS, BS and future
 * types. They must not count as absent, because an absent limit means no limit.
 *
 * @throws {DamagedAttribute}
 */
export function plainValue(attribute: AttributeValue): unknown {
  const { S, N, BOOL, B, L, M, SS, ...others } = attribute;
  const [value, ...more] = [S, N === undefined ? undefined : exactNumber(N), BOOL, B, L, M, SS].filter(
    (each) => each !== undefined,
  );
  if (value === undefined || more.length > 0 || Object.values(others).some((each) => each !== undefined)) {
    throw new DamagedAttribute();
  }
  if (L) return L.map(plainValue);
  if (M) return Object.fromEntries(Object.entries(M).map(([name, inner]) => [name, plainValue(inner)]));
  return value;
}

/** Whether DynamoDB returns the same number: a safe integer, or a fraction within its range. */
export function isExactNumber(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Math.abs(value) >= 1e-130 && Math.abs(value) < 2 ** 53;
}

/** Refuses numbers that JavaScript would round. DynamoDB numbers have up to 38 digits. */
function exactNumber(text: string): number {
  const value = Number(text);
  if (!isExactNumber(value) || decimal(text) !== decimal(String(value))) {
    throw new DamagedAttribute();
  }
  return value;
}

/** A decimal number in a canonical form of sign, digits and exponent, so that two texts can be compared. */
function decimal(text: string): string | undefined {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

import * as v from "valibot";
import { canonicalRange } from "../address/address-range.ts";
import { CONTEXT_KEY, RESERVED_CONTEXT_KEYS } from "../principal/context-keys.ts";

/** A short string that is not empty. */
export const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));

/** A name used in rules, logs and metrics. */
export const identifier = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "a letter, then up to 63 letters, digits, '_' or '-'"),
);

/** One value or several: always an array afterwards. */
export const oneOrMore = <T extends v.GenericSchema<string>>(item: T) =>
  v.pipe(
    v.union([item, v.pipe(v.array(item), v.minLength(1))], "a text, or a list of one or more"),
    v.transform((value): string[] => (Array.isArray(value) ? value : [value])),
  );

/**
 * Checks that no two items of a list have the same key.
 *
 * @example v.pipe(v.array(issuer), eachOnce(({ issuer }) => issuer, "each issuer once"))
 */
export const eachOnce = <Item>(keyOf: (item: Item) => string, message: string) =>
  v.check<Item[], string>((items) => new Set(items.map(keyOf)).size === items.length, message);

/** A set of which the caller needs one, or all. */
export const requirement = <T extends v.GenericSchema<string>>(item: T) =>
  v.union(
    [
      v.strictObject({ anyOf: v.pipe(v.array(item), v.minLength(1)) }),
      v.strictObject({ allOf: v.pipe(v.array(item), v.minLength(1)) }),
    ],
    "{ anyOf: […] } or { allOf: […] }",
  );

export type Requirement = { anyOf: string[] } | { allOf: string[] };

/** An IPv4 or IPv6 address or CIDR range; afterwards its canonical form, so that what the check accepts is what the policy holds. */
export const cidr = v.pipe(
  v.string(),
  v.check(
    (value) => canonicalRange(value) !== undefined,
    "an IPv4 or IPv6 address or CIDR range, such as 192.0.2.0/24 or 2001:db8::/32",
  ),
  v.transform((value): string => canonicalRange(value) ?? value),
);

/** An https URL; http is for loopback alone, where nobody stands in between. */
export const secureUrl = v.pipe(
  v.string(),
  v.check(isSecureUrl, "an https URL without credentials (http only on a loopback address)"),
);

export function isSecureUrl(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username || url.password) return false;
  return (
    url.protocol === "https:" ||
    (url.protocol === "http:" && /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(url.hostname))
  );
}

export const seconds = (min: number, max: number) =>
  v.pipe(v.number(), v.integer("a whole number of seconds"), v.minValue(min), v.maxValue(max));

/** A top-level claim or attribute by its name, or a path of names into nested objects. */
export const claimPath = v.union(
  [text, v.pipe(v.array(text), v.minLength(1), v.maxLength(8))],
  "a name, or a list of up to 8 names",
);
export type ClaimPath = v.InferOutput<typeof claimPath>;

/** Names under which mapped values reach a backend's context. API Gateway allows letters, digits and underscore. */
export const attributeName = v.pipe(
  v.string(),
  v.regex(CONTEXT_KEY, "a letter, then up to 63 letters, digits or '_'"),
  v.check(
    (name) => !RESERVED_CONTEXT_KEYS.includes(name),
    `a name other than the authorizer's own (${RESERVED_CONTEXT_KEYS.join(", ")})`,
  ),
);

/** How claims or attributes of one authority become a principal. */
export const fixedValues = v.strictObject({
  tenant: v.optional(text),
  scopes: v.optional(v.array(text)),
  roles: v.optional(v.array(text)),
});

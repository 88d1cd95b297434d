import * as v from "valibot";
import { canonicalRange } from "../address/address-range.ts";
import { CONTEXT_KEY, isHiddenName, RESERVED_CONTEXT_KEYS } from "../principal/context-keys.ts";

/** Text of 1 to 2048 characters. */
export const text = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(2048),
  v.check((value) => value.isWellFormed(), "text without lone surrogates"),
);

/** A name in rules, logs and metrics. */
export const identifier = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "a letter, then up to 63 letters, digits, '_' or '-'"),
);

/** One value or a list of values. The output is always a list. */
export const oneOrMore = <T extends v.GenericSchema<string>>(item: T) =>
  v.pipe(
    v.union([item, v.pipe(v.array(item), v.minLength(1))], "a text, or a list of one or more"),
    v.transform((value): string[] => (Array.isArray(value) ? value : [value])),
  );

/**
 * Checks that no two items of a list have the same value of a member. A mistake is at the later one, and names the
 * earlier one.
 *
 * @example v.pipe(v.array(issuer), eachOnce("issuer", "each issuer once"))
 */
export const eachOnce = <Name extends string, Item extends { readonly [Key in Name]: string }>(
  name: Name,
  message: string,
) =>
  v.rawCheck<Item[]>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const items = dataset.value;
    for (const [index, item] of items.entries()) {
      const first = items.findIndex((other) => other[name] === item[name]);
      if (first === index) continue;
      addIssue({
        message: `${message}, and [${first}] has this one`,
        path: [
          { type: "array", origin: "value", input: items, key: index, value: item },
          { type: "object", origin: "value", input: { ...item }, key: name, value: item[name] },
        ],
      });
    }
  });

/** Values of which the caller needs one, or all. */
export type Requirement = { anyOf: string[] } | { allOf: string[] };

/** An IPv4 or IPv6 address or CIDR range. The output is its canonical form, which is also the form in the policy. */
export const cidr = v.pipe(
  v.string(),
  v.check(
    (value) => canonicalRange(value) !== undefined,
    "an IPv4 or IPv6 address or CIDR range, such as 192.0.2.0/24 or 2001:db8::/32",
  ),
  v.transform((value): string => canonicalRange(value) ?? value),
);

/** An https URL. http is allowed on loopback only, where no network attacker can change the answer. */
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

/** A whole number of seconds within bounds. */
export const seconds = (min: number, max: number) =>
  v.pipe(v.number(), v.integer("a whole number of seconds"), v.minValue(min), v.maxValue(max));

/** How a credential must be bound to its sender: in any way, by mutual TLS, or by DPoP. */
export const senderConstraint = v.picklist(["any", "mtls", "dpop"]);
export type SenderConstraint = v.InferOutput<typeof senderConstraint>;

/** The name of a top-level claim, or a list of names that leads into nested objects. */
export const claimPath = v.union(
  [text, v.pipe(v.array(text), v.minLength(1), v.maxLength(8))],
  "a name, or a list of up to 8 names",
);
export type ClaimPath = v.InferOutput<typeof claimPath>;

/** Name of a value in the backend's context. API Gateway allows letters, digits and underscores. */
export const attributeName = v.pipe(
  v.string(),
  v.regex(CONTEXT_KEY, "a letter, then up to 63 letters, digits or '_'"),
  v.check((name) => !isHiddenName(name), "a name that not every object has"),
  v.check(
    (name) => !RESERVED_CONTEXT_KEYS.includes(name),
    `a name other than the authorizer's own (${RESERVED_CONTEXT_KEYS.join(", ")})`,
  ),
);

const fixed = v.strictObject({
  /** Tenant of every caller. A claim or attribute cannot change it. Default: none. */
  tenant: v.optional(text),
  /** Scopes that every caller has in addition to those of the credential. Default: none. */
  scopes: v.optional(v.array(text)),
  /** Roles that every caller has in addition to those of the credential. Default: none. */
  roles: v.optional(v.array(text)),
});

type Fixed = typeof fixed;
/** Has a name so that the published types refer to this file, where the comments are, and do not copy the type. */
export interface FixedValuesSchema extends Fixed {}

/** Values that every caller of one issuer or identity provider has. */
export const fixedValues: FixedValuesSchema = fixed;

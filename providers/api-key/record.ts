import * as v from "valibot";
import { attributeName, cidr } from "../../shared/domain/config/common.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { isHiddenName } from "../../shared/domain/principal/context-keys.ts";
import { isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import { isExactNumber } from "./attribute-value.ts";

export const STATUSES = ["active", "disabled", "revoked"] as const;

/** 9999-12-31T23:59:59Z. A later time is probably in milliseconds by mistake. */
const LATEST = 253_402_300_799;

export const name = v.custom<string>(
  isName,
  "text of 1 to 256 characters without control characters and lone surrogates",
);
export const scope = v.custom<string>(isScopeToken, "a scope: printable ASCII without spaces, quotes and backslashes");
const attributeValue = v.union([
  v.pipe(
    v.string(),
    v.check((text) => text.isWellFormed(), "text without lone surrogates"),
  ),
  v.pipe(v.number(), v.check(isExactNumber, "a number that is exact in the table, an integer below 2^53")),
  v.boolean(),
]);

/**
 * Values for the backend, by their names in its context. `v.record` alone would accept an array, with its indexes as
 * names, and pass over names that every object has.
 */
export const attributes = v.pipe(
  v.custom<Record<string, string | number | boolean>>(
    (value) => isObject(value) && !ArrayBuffer.isView(value) && !Object.keys(value).some(isHiddenName),
    "values by their names",
  ),
  v.record(attributeName, attributeValue),
);

const time = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(LATEST, "seconds since the epoch, before the year 10000"),
);
const list = <T extends v.GenericSchema<string>>(item: T) => v.pipe(v.array(item), v.maxLength(256));

/** The record of a key. It contains a hash of the key, not the key. The hash is useless without the pepper. */
export const keyRecord = v.strictObject({
  id: name,
  /** HMAC-SHA-256 of the whole key with the pepper. */
  hash: v.pipe(v.instance(Uint8Array), v.length(32)),
  /** ID of the pepper in `apiKeys.peppers` of the configuration. */
  pepper: name,
  environment: name,
  status: v.picklist(STATUSES),
  /** Display name of the key. */
  name,
  /** Identifier of the caller. Absent: the ID of the key. */
  subject: v.optional(name),
  tenant: v.optional(name),
  scopes: v.optional(list(scope), []),
  roles: v.optional(list(name), []),
  /** CIDR ranges from which the key may be used. Absent: any. */
  addresses: v.optional(v.pipe(list(cidr), v.minLength(1))),
  attributes: v.optional(attributes, {}),
  usageIdentifierKey: v.optional(name),
  /** Seconds since the epoch. */
  createdAt: time,
  /** Seconds since the epoch. Absent: the key does not expire. */
  expiresAt: v.optional(time),
});

export type KeyRecord = v.InferOutput<typeof keyRecord>;
export type KeyStatus = KeyRecord["status"];

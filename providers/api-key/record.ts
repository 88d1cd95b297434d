import * as v from "valibot";
import { attributeName, cidr } from "../../shared/domain/config/common.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import { isExactNumber } from "./attribute-value.ts";

export const STATUSES = ["active", "disabled", "revoked"] as const;

/** 9999-12-31T23:59:59Z: a later time is one in milliseconds, by mistake. */
const LATEST = 253_402_300_799;

export const name = v.custom<string>(isName, "text of 1 to 256 characters without control characters");
export const scope = v.custom<string>(isScopeToken, "a scope: printable ASCII without spaces, quotes and backslashes");
const attributeValue = v.union([
  v.string(),
  v.pipe(v.number(), v.check(isExactNumber, "a number that is exact in the table, an integer below 2^53")),
  v.boolean(),
]);

/** Values for the backend's context, by their names there. A list is none: v.record alone would take its indexes for names. */
export const attributes = v.pipe(
  v.custom<Record<string, string | number | boolean>>(
    (value) => isObject(value) && !ArrayBuffer.isView(value),
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

/** What is on record of a key. The key itself is not: only a hash, which is worth nothing without the pepper. */
export const keyRecord = v.strictObject({
  id: name,
  /** HMAC-SHA-256 of the whole key under the pepper. */
  hash: v.pipe(v.instance(Uint8Array), v.length(32)),
  /** Id of the pepper, in the configuration's `apiKeys.peppers`. */
  pepper: name,
  environment: name,
  status: v.picklist(STATUSES),
  /** What people call the key. */
  name,
  /** Whom the key proves; without it, the key's own id. */
  subject: v.optional(name),
  tenant: v.optional(name),
  scopes: v.optional(list(scope), []),
  roles: v.optional(list(name), []),
  /** CIDRs from which the key may be used. */
  addresses: v.optional(v.pipe(list(cidr), v.minLength(1))),
  attributes: v.optional(attributes, {}),
  usageIdentifierKey: v.optional(name),
  /** Seconds since the epoch. */
  createdAt: time,
  expiresAt: v.optional(time),
});

export type KeyRecord = v.InferOutput<typeof keyRecord>;
export type KeyStatus = KeyRecord["status"];

import * as v from "valibot";
import { attributeName, cidr } from "../../shared/domain/config/common.ts";
import { isObject } from "../../shared/domain/object/unknown-object.ts";
import { isHiddenName } from "../../shared/domain/principal/context-keys.ts";
import { isName, isScopeToken } from "../../shared/domain/principal/name.ts";
import { isExactNumber } from "../../shared/infrastructure/dynamodb/attribute-value.ts";

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

/** Up to 32 texts of up to 1,024 characters by their names. */
export const metadata = v.pipe(
  v.custom<Record<string, string>>(
    (value) => isObject(value) && !ArrayBuffer.isView(value) && Object.keys(value).length <= 32,
    "up to 32 texts by their names",
  ),
  v.record(
    attributeName,
    v.pipe(
      v.string(),
      v.check((text) => text.length <= 1024 && text.isWellFormed(), "text of up to 1,024 characters"),
    ),
  ),
);

export const time = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(LATEST, "seconds since the epoch, before the year 10000"),
);
const list = <T extends v.GenericSchema<string>>(item: T) => v.pipe(v.array(item), v.maxLength(256));

const hash = v.pipe(v.instance(Uint8Array), v.length(32));
export const version = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER));

const fields = v.strictObject({
  id: name,
  /** HMAC-SHA-256 of the whole key with the pepper. */
  hash,
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
  /** Who answers for the key: a team or a partner. It has no effect on a decision. */
  owner: v.optional(name),
  /** Texts for the operators, by their names. They are not in a backend's context. */
  metadata: v.optional(metadata),
  /** Counts the changes of the record, from 1. Absent: 1. A change names the version that it replaces. */
  version: v.optional(version),
  /** Random text of the last change, by which a repeated write recognises its own. */
  changeId: v.optional(name),
  createdBy: v.optional(name),
  changedAt: v.optional(time),
  changedBy: v.optional(name),
  changeReason: v.optional(name),
  /** When the current secret replaced another one. */
  rotatedAt: v.optional(time),
  revokedAt: v.optional(time),
  revokedBy: v.optional(name),
  revokeReason: v.optional(name),
  /** The secret before the last rotation, and its pepper. It is accepted before `previousUntil`. */
  previousHash: v.optional(hash),
  previousPepper: v.optional(name),
  /** Seconds since the epoch. */
  previousUntil: v.optional(time),
});

/** The record of a key. It contains hashes of its secrets, not the key. They are useless without the pepper. */
export const keyRecord = v.pipe(
  fields,
  v.check(({ previousHash, previousPepper, previousUntil }) => {
    const present = [previousHash, previousPepper, previousUntil].filter((value) => value !== undefined);
    return present.length === 0 || present.length === 3;
  }, "all of a previous secret, or none"),
);

export type KeyRecord = v.InferOutput<typeof keyRecord>;

/** The version of a record. Records of before there were versions have the first. */
export const versionOf = ({ version = 1 }: KeyRecord): number => version;
export type KeyStatus = KeyRecord["status"];

import * as v from "valibot";
import { cidr } from "../../shared/config/common.ts";

export const STATUSES = ["active", "disabled", "revoked"] as const;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const time = v.pipe(v.number(), v.integer(), v.minValue(0));
const names = v.pipe(v.array(name), v.maxLength(256));

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
  scopes: v.optional(names, []),
  roles: v.optional(names, []),
  /** CIDRs from which the key may be used. */
  addresses: v.optional(v.pipe(v.array(cidr), v.minLength(1), v.maxLength(256))),
  attributes: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  usageIdentifierKey: v.optional(name),
  /** Seconds since the epoch. */
  createdAt: time,
  expiresAt: v.optional(time),
});

export type KeyRecord = v.InferOutput<typeof keyRecord>;
export type KeyStatus = KeyRecord["status"];

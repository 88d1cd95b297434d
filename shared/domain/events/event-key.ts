import * as v from "valibot";
import { instant } from "./common.ts";

/**
 * A key in an event: what may leave the table. It has no hash and no pepper; no usage identifier, which is the value of
 * an API Gateway key; and no attributes, which are for backends.
 */
export const eventKey = v.object({
  /** Identifier of the key, the third part of it. */
  id: v.string(),
  /** Counts the changes of the key, from 1. The event with the higher version is the later one. */
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** `revoked` is final. */
  status: v.picklist(["active", "disabled", "revoked"]),
  /** Present and true if the record is damaged or too large for an event: optional members may be missing. */
  incomplete: v.optional(v.literal(true)),
  /** `live`, `test` or another environment of the configuration. */
  environment: v.optional(v.string()),
  /** Display name of the key. */
  name: v.optional(v.string()),
  /** Who answers for the key. */
  owner: v.optional(v.string()),
  /** Identifier of the caller. Absent: the ID of the key. */
  subject: v.optional(v.string()),
  /** Tenant of the caller. */
  tenant: v.optional(v.string()),
  /** Scopes of the caller. */
  scopes: v.optional(v.array(v.string())),
  /** Roles of the caller. */
  roles: v.optional(v.array(v.string())),
  /** Addresses and CIDR ranges from which the key may be used. Absent: any. */
  addresses: v.optional(v.array(v.string())),
  /** Texts of the operators, by their names. */
  metadata: v.optional(v.record(v.string(), v.string())),
  /** When the key was issued. */
  createdAt: v.optional(instant),
  /** Who issued it. */
  createdBy: v.optional(v.string()),
  /** When the key ends. Absent: it does not expire. */
  expiresAt: v.optional(instant),
  /** When the current secret replaced another one. */
  rotatedAt: v.optional(instant),
  /** When the previous secret is no longer accepted. */
  previousSecretUntil: v.optional(instant),
  /** When the key was revoked. */
  revokedAt: v.optional(instant),
});

export type EventKey = v.InferOutput<typeof eventKey>;

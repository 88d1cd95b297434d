import * as v from "valibot";
import { keyFields } from "../../../providers/api-key/management/key-fields.ts";
import { MAX_GRACE } from "../../../providers/api-key/management/rotate.ts";
import { name } from "../../../providers/api-key/record.ts";
import { parseInstant } from "../../../shared/domain/time/instant.ts";

/** 9999-12-31T23:59:59Z */
const LATEST = 253_402_300_799;

const isInTime = (text: string) => {
  const time = parseInstant(text);
  return time !== undefined && time >= 0 && time <= LATEST;
};

const ALLOWED_INSTANT = "an instant in whole seconds, such as 2027-01-31T08:00:00Z";

/** An instant of RFC 3339 in whole seconds. The output is in seconds since the epoch. */
export const instant = v.pipe(
  v.string(),
  v.maxLength(40, ALLOWED_INSTANT),
  v.check(isInTime, ALLOWED_INSTANT),
  v.transform((text): number => parseInstant(text) ?? 0),
);

/** The body of `POST /keys`. */
export const newKey = v.strictObject({
  name: keyFields.name,
  owner: v.optional(keyFields.owner),
  subject: v.optional(keyFields.subject),
  tenant: v.optional(keyFields.tenant),
  scopes: v.optional(keyFields.scopes),
  roles: v.optional(keyFields.roles),
  addresses: v.optional(keyFields.addresses),
  attributes: v.optional(keyFields.attributes),
  metadata: v.optional(keyFields.metadata),
  usageIdentifierKey: v.optional(keyFields.usageIdentifierKey),
  expiresAt: v.optional(instant),
  reason: v.optional(name),
});
export type NewKey = v.InferOutput<typeof newKey>;

/** The body of `PATCH /keys/{id}`: a JSON Merge Patch. Null removes. The reason is that of the change. */
export const keyPatch = v.strictObject({
  name: v.optional(keyFields.name),
  owner: v.nullish(keyFields.owner),
  subject: v.nullish(keyFields.subject),
  tenant: v.nullish(keyFields.tenant),
  scopes: v.nullish(keyFields.scopes),
  roles: v.nullish(keyFields.roles),
  addresses: v.nullish(keyFields.addresses),
  attributes: v.nullish(keyFields.attributes),
  metadata: v.nullish(keyFields.metadata),
  usageIdentifierKey: v.nullish(keyFields.usageIdentifierKey),
  expiresAt: v.nullish(instant),
  reason: v.optional(name),
});
export type KeyPatch = v.InferOutput<typeof keyPatch>;

/** The body of `POST /keys/{id}/disable`, `/enable` and `/revoke`. */
export const statusChange = v.strictObject({ reason: v.optional(name) });

/** The body of `POST /keys/{id}/rotate`. */
export const rotation = v.strictObject({
  reason: v.optional(name),
  grace: v.optional(
    v.pipe(
      v.number(),
      v.integer("a whole number of seconds"),
      v.minValue(0, `0 to ${MAX_GRACE} seconds`),
      v.maxValue(MAX_GRACE, `0 to ${MAX_GRACE} seconds`),
    ),
  ),
  endsEarlierGrace: v.optional(v.boolean()),
});

/** Keys of a page if nothing is said, and at most. */
export const PAGE = { default: 50, max: 100 } as const;

/** The query of `GET /keys`. */
export const listQuery = v.strictObject({
  // Records of earlier may have white space at the edges of both.
  owner: v.optional(name),
  tenant: v.optional(name),
  expiringBefore: v.optional(instant),
  status: v.optional(v.picklist(["active", "expired", "disabled", "revoked"])),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.check((text) => /^[1-9]\d{0,2}$/.test(text) && Number(text) <= PAGE.max, `1 to ${PAGE.max}`),
      v.transform(Number),
    ),
  ),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(2048, "the cursor of a page"))),
});
export type ListQuery = v.InferOutput<typeof listQuery>;

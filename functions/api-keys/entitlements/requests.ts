import * as v from "valibot";
import { keyFields } from "../../../providers/api-key/management/key-fields.ts";
import { refFields } from "../../../providers/entitlements/management/entitlements.ts";
import { name } from "../../../providers/entitlements/record.ts";
import { instant, listQuery } from "../schema/requests.ts";

const reason = v.optional(name);

/** The queries that name a record. */
export const subjectQuery = v.strictObject({ issuer: refFields.issuer, subject: refFields.subject });
export const tokenQuery = v.strictObject({ issuer: refFields.issuer, tokenId: refFields.tokenId });
export const tenantQuery = v.strictObject({ tenant: refFields.tenant });

/** The subject of an API key that was issued earlier may have white space at its edges. */
export const keySubjectQuery = v.strictObject({ issuer: refFields.issuer, subject: name });

/** What `DELETE` takes beside the names. */
export const damaged = v.optional(v.literal("true"));

/** The query of `GET /entitlements`. */
export const recordsQuery = v.strictObject({
  issuer: v.optional(refFields.issuer),
  kind: v.optional(v.picklist(["subject", "token"])),
  tenant: v.optional(refFields.tenant),
  limit: listQuery.entries.limit,
  cursor: listQuery.entries.cursor,
});

/** The body of `PATCH /entitlements/subject`: a JSON Merge Patch. Null removes. The reason is that of the change. */
export const subjectPatch = v.strictObject({
  roles: v.nullish(keyFields.roles),
  scopes: v.nullish(keyFields.scopes),
  tenant: v.nullish(refFields.tenant),
  reason,
});

/** The body of `POST /entitlements/subject/revoke` and `/entitlements/tenant/revoke`. */
export const revocation = v.strictObject({ before: v.optional(instant), reason });

/** The body of `POST /entitlements/token/revoke`. */
export const tokenRevocation = v.strictObject({ expiresAt: v.optional(instant), reason });

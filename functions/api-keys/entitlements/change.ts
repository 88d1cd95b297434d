import type { Change, Changed } from "../../../providers/entitlements/management/change.ts";
import {
  disable,
  enable,
  isOfKeys,
  revokeToken,
  revokeTokens,
  setEntitlements,
} from "../../../providers/entitlements/management/entitlements.ts";
import { type RecordRef, recordKey } from "../../../providers/entitlements/record-key.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import { MAX_CLOCK_TOLERANCE } from "../../../shared/domain/time/clock-tolerance.ts";
import type { Answer } from "../http/answer.ts";
import { invalid } from "../http/problem.ts";
import { MERGE_PATCH, readObject, readOptional } from "../http/read-body.ts";
import { isOfAttempt, once } from "../idempotency/once.ts";
import { checked } from "../schema/checked.ts";
import { statusChange } from "../schema/requests.ts";
import { newOrMatched, whatMatches } from "./precondition.ts";
import { recordAnswer } from "./read.ts";
import { revocation, subjectPatch, tokenRevocation } from "./requests.ts";
import { type EntitlementCall, recordOf, refOf } from "./target.ts";

type Lockable = "subject" | "tenant";

/** `PATCH /entitlements/subject`: a JSON Merge Patch (RFC 7396). What it gives needs the version, or that there is none. */
export async function patchSubject({ request, records, administrator, time }: EntitlementCall): Promise<Answer> {
  const ref = refOf(request, "subject");
  if (isOfKeys(ref.issuer)) {
    const allowed = "another issuer: an API key has its roles, scopes and tenant in its own record (PATCH /keys/{id})";
    throw invalid({ in: "query", field: "issuer", found: "the issuer of API keys", allowed });
  }
  const versions = newOrMatched(request);
  const { reason, roles, scopes, tenant } = checked(subjectPatch, readObject(request, MERGE_PATCH));
  const update = withoutUndefined({
    roles: roles === null ? [] : roles,
    scopes: scopes === null ? [] : scopes,
    tenant,
  });
  return changeAnswer(await setEntitlements(records, ref, update, { by: administrator.by, time, reason }, versions));
}

/** `POST /entitlements/subject/disable` and `/tenant/disable`. Without `If-Match` nobody's change stands in its way. */
export const disableRecord = (kind: Lockable) => (call: EntitlementCall) => {
  const ref = refOf(call.request, kind);
  const versions = whatMatches(call.request, false);
  const { reason } = readOptional(call.request, statusChange);
  return changedOnce(call, ref, reason, (change) => disable(call.records, ref, change, versions));
};

/** `POST /entitlements/subject/enable` and `/tenant/enable`. It lets somebody in again, so that it needs the version. */
export const enableRecord = (kind: Lockable) => (call: EntitlementCall) => {
  const ref = refOf(call.request, kind);
  const versions = whatMatches(call.request, true);
  const { reason } = readOptional(call.request, statusChange);
  return changedOnce(call, ref, reason, (change) => enable(call.records, ref, change, versions));
};

/** `POST /entitlements/subject/revoke` and `/tenant/revoke`: what was issued before an instant. */
export const revokeIssued = (kind: Lockable) => (call: EntitlementCall) => {
  const ref = refOf(call.request, kind);
  const versions = whatMatches(call.request, false);
  const { reason, before } = readOptional(call.request, revocation);
  if (before !== undefined && before > call.time + MAX_CLOCK_TOLERANCE) {
    const allowed = "an instant that is over: `disable` refuses what will be issued too";
    throw invalid({ in: "body", field: "/before", found: "an instant in the future", allowed });
  }
  return changedOnce(call, ref, reason, (change) => revokeTokens(call.records, ref, change, { ...versions, before }));
};

/** `POST /entitlements/token/revoke` */
export const revokeOne = (call: EntitlementCall) => {
  const ref = refOf(call.request, "token");
  const versions = whatMatches(call.request, false);
  const { reason, expiresAt } = readOptional(call.request, tokenRevocation);
  return changedOnce(call, ref, reason, (change) => revokeToken(call.records, ref, change, { ...versions, expiresAt }));
};

/** Makes a change, and with an `Idempotency-Key` once. */
function changedOnce(
  call: EntitlementCall,
  ref: RecordRef,
  reason: string | undefined,
  make: (change: Change) => Promise<Changed>,
): Promise<Answer> {
  const { request, records, administrator, time } = call;
  const keyId = recordKey(ref);
  // Two spellings of a query that name the same record are the same request.
  return once(
    { ...call, request: { ...request, id: keyId } },
    {
      keyId,
      async perform({ changeId }) {
        const changed = await make({ by: administrator.by, time, reason, id: changeId });
        return { answer: changeAnswer(changed), version: changed.record.version };
      },
      async madeVersion(_, begun) {
        const record = await records.get(ref);
        return record && isOfAttempt(record.changeId, begun) ? record.version : undefined;
      },
      repeated: async () => {
        const answer = recordAnswer(await recordOf(call, ref));
        return { ...answer, log: { ...answer.log, repeated: true } };
      },
    },
  );
}

/** 201: there was no record before. */
const changeAnswer = ({ record, before, isChanged }: Changed): Answer =>
  recordAnswer(record, isChanged && before === undefined ? 201 : 200);

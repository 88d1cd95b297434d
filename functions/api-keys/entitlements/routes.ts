import type { Answer } from "../http/answer.ts";
import { ProblemError } from "../http/problem.ts";
import type { Call } from "../operations/call.ts";
import type { AdminScope } from "../rights/administrator.ts";
import { disableRecord, enableRecord, patchSubject, revokeIssued, revokeOne } from "./change.ts";
import { listRecords } from "./list.ts";
import { readRecord } from "./read.ts";
import { removeRecord } from "./remove.ts";
import type { EntitlementCall } from "./target.ts";

/** The routes about entitlements. All of them are for operators. */
export const ENTITLEMENT_OPERATIONS = {
  "GET /entitlements": reading(listRecords),
  "GET /entitlements/subject": reading(readRecord("subject")),
  "PATCH /entitlements/subject": writing(patchSubject),
  "DELETE /entitlements/subject": writing(removeRecord("subject")),
  "POST /entitlements/subject/disable": writing(disableRecord("subject")),
  "POST /entitlements/subject/enable": writing(enableRecord("subject")),
  "POST /entitlements/subject/revoke": writing(revokeIssued("subject")),
  "GET /entitlements/tenant": reading(readRecord("tenant")),
  "DELETE /entitlements/tenant": writing(removeRecord("tenant")),
  "POST /entitlements/tenant/disable": writing(disableRecord("tenant")),
  "POST /entitlements/tenant/enable": writing(enableRecord("tenant")),
  "POST /entitlements/tenant/revoke": writing(revokeIssued("tenant")),
  "GET /entitlements/token": reading(readRecord("token")),
  "DELETE /entitlements/token": writing(removeRecord("token")),
  "POST /entitlements/token/revoke": writing(revokeOne),
} as const;

type Run = (call: EntitlementCall) => Promise<Answer>;

function reading(run: Run) {
  return ofOperators("entitlements:read", run);
}

function writing(run: Run) {
  return ofOperators("entitlements:write", run);
}

/**
 * A request that operators alone make. A record speaks of a subject that nobody has shown to be of any tenant, and gives
 * whatever it says: no tenant's administrator, and no key of a tenant, may write or read one.
 */
function ofOperators(scope: AdminScope, run: Run) {
  return {
    anyOf: [scope],
    run: async (call: Call): Promise<Answer> => {
      if (call.administrator.limits) {
        throw new ProblemError("not-permitted", "Entitlements are for operators: callers without a tenant.");
      }
      if (!call.entitlements) {
        const detail = "The configuration has no `entitlements`: no decision would read what this request writes.";
        throw new ProblemError("entitlements-off", detail);
      }
      return run({ ...call, records: call.entitlements });
    },
  };
}

import type { Answer } from "../http/answer.ts";
import { ProblemError } from "../http/problem.ts";
import type { Call } from "../operations/call.ts";
import type { AdminScope } from "../rights/administrator.ts";
import type { EntitlementCall } from "./target.ts";

type Run = (call: EntitlementCall) => Promise<Answer>;

// Loaded with the first request: a deployment may have no entitlements.
const reads = () => import("./read.ts");
const changes = () => import("./change.ts");
const removals = () => import("./remove.ts");

/** The routes about entitlements. All of them are for operators. */
export const ENTITLEMENT_OPERATIONS = {
  "GET /entitlements": reading(async () => (await import("./list.ts")).listRecords),
  "GET /entitlements/subject": reading(async () => (await reads()).readRecord("subject")),
  "PATCH /entitlements/subject": writing(async () => (await changes()).patchSubject),
  "DELETE /entitlements/subject": writing(async () => (await removals()).removeRecord("subject")),
  "POST /entitlements/subject/disable": writing(async () => (await changes()).disableRecord("subject")),
  "POST /entitlements/subject/enable": writing(async () => (await changes()).enableRecord("subject")),
  "POST /entitlements/subject/revoke": writing(async () => (await changes()).revokeIssued("subject")),
  "GET /entitlements/tenant": reading(async () => (await reads()).readRecord("tenant")),
  "DELETE /entitlements/tenant": writing(async () => (await removals()).removeRecord("tenant")),
  "POST /entitlements/tenant/disable": writing(async () => (await changes()).disableRecord("tenant")),
  "POST /entitlements/tenant/enable": writing(async () => (await changes()).enableRecord("tenant")),
  "POST /entitlements/tenant/revoke": writing(async () => (await changes()).revokeIssued("tenant")),
  "GET /entitlements/token": reading(async () => (await reads()).readRecord("token")),
  "DELETE /entitlements/token": writing(async () => (await removals()).removeRecord("token")),
  "POST /entitlements/token/revoke": writing(async () => (await changes()).revokeOne),
} as const;

function reading(load: () => Promise<Run>) {
  return ofOperators("entitlements:read", load);
}

function writing(load: () => Promise<Run>) {
  return ofOperators("entitlements:write", load);
}

/**
 * A request that operators alone make. A record speaks of a subject that nobody has shown to be of any tenant, and gives
 * whatever it says: no tenant's administrator, and no key of a tenant, may write or read one.
 */
function ofOperators(scope: AdminScope, load: () => Promise<Run>) {
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
      const run = await load();
      return run({ ...call, records: call.entitlements });
    },
  };
}

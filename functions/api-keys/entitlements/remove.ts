import { removeRecord as remove } from "../../../providers/entitlements/management/change.ts";
import { type RecordKind, type RecordRef, recordKey } from "../../../providers/entitlements/record-key.ts";
import type { Answer } from "../http/answer.ts";
import { ProblemError } from "../http/problem.ts";
import { whatMatches } from "./precondition.ts";
import { isDamage, noRecord } from "./refusals.ts";
import { type EntitlementCall, removalOf } from "./target.ts";

/** `DELETE /entitlements/subject`, `/tenant` and `/token`. What the record gave and what it locked out counts no more. */
export const removeRecord =
  (kind: RecordKind) =>
  async (call: EntitlementCall): Promise<Answer> => {
    const { request, records, administrator, time } = call;
    const { ref, isDamaged } = removalOf(request, kind);
    if (isDamaged) await removeDamaged(call, ref);
    else await remove(records, ref, { by: administrator.by, time }, whatMatches(request, true));
    return { status: 204, log: { recordKey: recordKey(ref) } };
  };

/** Deletes a record that cannot be read, and so has no version. A sound one is left alone. */
async function removeDamaged({ records, request }: EntitlementCall, ref: RecordRef): Promise<void> {
  try {
    if (await records.get(ref)) {
      throw new ProblemError("record-state", "The record is not damaged. Remove it without `damaged`, with If-Match.");
    }
    throw noRecord();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  if (request.header("if-match") !== undefined) {
    const detail = "The record is damaged, and its version is not certain. Without If-Match it is deleted as it is.";
    throw new ProblemError("version-conflict", detail);
  }
  if (!(await records.removeDamaged(ref))) throw noRecord();
}

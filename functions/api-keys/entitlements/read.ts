import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { type RecordKind, recordKey } from "../../../providers/entitlements/record-key.ts";
import type { Answer } from "../http/answer.ts";
import { recordTag, shownRecord } from "./shown-record.ts";
import { type EntitlementCall, recordOf, refOf } from "./target.ts";

/** `GET /entitlements/subject`, `/tenant` and `/token` */
export const readRecord = (kind: RecordKind) => async (call: EntitlementCall) =>
  recordAnswer(await recordOf(call, refOf(call.request, kind)));

/** The answer with a record and its version. */
export const recordAnswer = (record: EntitlementRecord, status = 200): Answer => ({
  status,
  headers: { ETag: recordTag(record) },
  body: shownRecord(record),
  log: { recordKey: recordKey(record), version: record.version },
});

import type { KeyRecord } from "../../../providers/api-key/record.ts";
import type { Answer } from "../http/answer.ts";
import { tagOf } from "../http/entity-tag.ts";
import { keyOf } from "../schema/key.ts";
import type { Call } from "./call.ts";
import { targetOf } from "./target.ts";

/** `GET /keys/{id}` */
export async function readKey(call: Call): Promise<Answer> {
  return shownKey(await targetOf(call), call);
}

/** The answer with a key and its version. */
export function shownKey(record: KeyRecord, { administrator, time }: Call): Answer {
  return {
    status: 200,
    headers: { ETag: tagOf(record) },
    body: keyOf(record, administrator, time),
    log: { keyId: record.id, version: record.version ?? 1 },
  };
}

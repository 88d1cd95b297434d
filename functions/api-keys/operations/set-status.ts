import type { Change, VersionOptions } from "../../../providers/api-key/management/change.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import {
  deleteKey,
  disableKey as disable,
  enableKey as enable,
  type Revoked,
  revokeKey as revoke,
} from "../../../providers/api-key/management/status.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import { isKeyId } from "../../../shared/domain/principal/key-id.ts";
import type { Answer } from "../http/answer.ts";
import { preconditionOf } from "../http/entity-tag.ts";
import { ProblemError } from "../http/problem.ts";
import { readOptional } from "../http/read-body.ts";
import { isOfAttempt, once } from "../idempotency/once.ts";
import { charge } from "../rights/charge.ts";
import { demandNoMore, demandOwnSuspension } from "../rights/excess.ts";
import { statusChange } from "../schema/requests.ts";
import type { Call } from "./call.ts";
import { madeVersionIn } from "./made-version.ts";
import { shownKey } from "./read.ts";
import { isDamage, notFound, targetOf } from "./target.ts";

type Operation = (table: KeyTable, id: string, change: Change, options: VersionOptions) => Promise<Revoked>;

/** `POST /keys/{id}/disable`. Without `If-Match` nobody's change stands in its way. */
export const disableKey = (call: Call): Promise<Answer> => changeStatus(call, disable);

/** `POST /keys/{id}/enable`. It gives the key's rights back, so that it needs the version and the same rights. */
export const enableKey = (call: Call): Promise<Answer> =>
  changeStatus(call, enable, true, async (target) => {
    demandNoMore(target, call.administrator);
    demandOwnSuspension(target, call.administrator);
    return charge(call);
  });

/** `POST /keys/{id}/revoke`. An operator may revoke a key whose record is damaged too. */
export async function revokeKey(call: Call): Promise<Answer> {
  try {
    return await changeStatus(call, revoke);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== "key-damaged") throw error;
    const { request, config, table, administrator, time } = call;
    const { id } = request;
    if (!isKeyId(id)) throw notFound();
    if (request.header("if-match") !== undefined) {
      const detail = "The record is damaged, and its version is not certain. Without If-Match it is revoked as it is.";
      throw new ProblemError("version-conflict", detail);
    }
    const { reason } = readOptional(request, statusChange);
    const { environment } = config;
    await revoke(table, id, { by: administrator.by, reason, time }, { environment }).catch((failure: unknown) => {
      throw isDamage(failure) ? notFound() : failure;
    });
    return { status: 200, body: { id, status: "damaged" }, log: { keyId: id } };
  }
}

async function changeStatus(
  call: Call,
  operation: Operation,
  isVersionRequired = false,
  demandRight: (target: KeyRecord) => Promise<void> = async () => {},
): Promise<Answer> {
  const { table, administrator, time, request } = call;
  const demandVersion = preconditionOf(request, isVersionRequired);
  const { reason } = readOptional(request, statusChange);
  const target = await targetOf(call);
  // A tenant's administrator changes what it was allowed to see, and no version of it that came later.
  const isPinned = administrator.limits !== undefined || request.header("if-match") !== undefined;
  const versions: VersionOptions = isPinned ? { expected: versionOf(target), isRepeated: false } : {};
  return once(call, {
    keyId: target.id,
    async perform({ changeId }) {
      demandVersion(target);
      await demandRight(target);
      const done = await operation(table, target.id, { by: administrator.by, reason, time, id: changeId }, versions);
      const record = "record" in done ? done.record : target;
      return { answer: shownKey(record, call), version: versionOf(record) };
    },
    madeVersion: madeVersionIn(call, ({ changeId }, begun) => isOfAttempt(changeId, begun)),
    // The key as it is now. It has no secret in it.
    repeated: async () => {
      const answer = shownKey(await targetOf(call), call);
      return { ...answer, log: { ...answer.log, repeated: true } };
    },
  });
}

/** `DELETE /keys/{id}`, of a revoked key. */
export async function removeKey(call: Call): Promise<Answer> {
  const demandVersion = preconditionOf(call.request, true);
  const target = await targetOf(call);
  demandVersion(target);
  const change = { by: call.administrator.by, time: call.time };
  await deleteKey(call.table, target.id, change, { expected: versionOf(target) });
  return { status: 204, log: { keyId: target.id } };
}

import { rotateKey as rotate } from "../../../providers/api-key/management/rotate.ts";
import { versionOf } from "../../../providers/api-key/record.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Answer } from "../http/answer.ts";
import { preconditionOf, tagOf } from "../http/entity-tag.ts";
import { readOptional } from "../http/read-body.ts";
import { isOfAttempt, once } from "../idempotency/once.ts";
import { charge } from "../rights/charge.ts";
import { demandNoMore, demandOwnSuspension } from "../rights/excess.ts";
import { keyOf } from "../schema/key.ts";
import { rotation } from "../schema/requests.ts";
import type { Call } from "./call.ts";
import { madeVersionIn } from "./made-version.ts";
import { repeatedSecret } from "./repeated-secret.ts";
import { targetOf } from "./target.ts";

/** `POST /keys/{id}/rotate` */
export async function rotateKey(call: Call): Promise<Answer> {
  const { config, table, administrator, time } = call;
  const demandVersion = preconditionOf(call.request, true);
  const { reason, ...options } = readOptional(call.request, rotation);
  const target = await targetOf(call);
  return once(call, {
    keyId: target.id,
    async perform({ keyId, changeId }) {
      demandVersion(target);
      // Whoever rotates a key gets all that it has.
      demandNoMore(target, administrator);
      demandOwnSuspension(target, administrator);
      await charge(call);
      const change = { by: administrator.by, reason, time, id: changeId };
      const versions = { ...withoutUndefined(options), expected: versionOf(target) };
      const { key, record } = await rotate(table, keyId, config, change, versions);
      const answer: Answer = {
        status: 201,
        headers: { ETag: tagOf(record) },
        body: { ...keyOf(record, administrator, time), secret: key },
        log: { keyId, version: versionOf(record) },
      };
      return { answer, version: versionOf(record) };
    },
    madeVersion: madeVersionIn(call, ({ changeId }, begun) => isOfAttempt(changeId, begun)),
    repeated: repeatedSecret,
  });
}

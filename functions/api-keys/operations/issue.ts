import * as v from "valibot";
import { generateKeyId } from "../../../providers/api-key/format.ts";
import { issueApiKey } from "../../../providers/api-key/management/issue.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Answer } from "../http/answer.ts";
import { tagOf } from "../http/entity-tag.ts";
import { invalid } from "../http/problem.ts";
import { readRequired } from "../http/read-body.ts";
import { once } from "../idempotency/once.ts";
import type { Administrator } from "../rights/administrator.ts";
import { charge } from "../rights/charge.ts";
import { demandNoMore, demandOwnFields } from "../rights/excess.ts";
import { checked } from "../schema/checked.ts";
import { keyOf } from "../schema/key.ts";
import { type NewKey, newKey } from "../schema/requests.ts";
import type { Call } from "./call.ts";
import { madeVersionIn } from "./made-version.ts";
import { repeatedSecret } from "./repeated-secret.ts";

/** `POST /keys` */
export async function issueKey(call: Call): Promise<Answer> {
  const { config, table, administrator, time } = call;
  const { expiresAt, reason, ...options } = wholeKey(readRequired(call.request, newKey), administrator);
  if (expiresAt !== undefined && expiresAt <= time) throw inThePast();
  return once(call, {
    keyId: generateKeyId(),
    async perform({ keyId }) {
      await charge(call);
      const { key, record } = await issueApiKey(
        { ...options, ...(expiresAt !== undefined && { expiresIn: expiresAt - time }) },
        config,
        table,
        { by: administrator.by, time, reason },
        keyId,
      );
      const answer: Answer = {
        status: 201,
        headers: { ETag: tagOf(record), Location: `keys/${record.id}` },
        body: { ...keyOf(record, administrator, time), secret: key },
        log: { keyId: record.id, version: 1 },
      };
      return { answer, version: 1 };
    },
    // The id was chosen for this request: whatever has it was issued by it.
    madeVersion: madeVersionIn(call, () => true),
    repeated: repeatedSecret,
  });
}

export const inThePast = () =>
  invalid({ in: "body", field: "/expiresAt", found: "an instant in the past", allowed: "an instant in the future" });

/**
 * The key that is asked for. What the administrator of a tenant does not say, the key has from it: tenant, owner,
 * addresses and end.
 */
function wholeKey(given: NewKey, administrator: Administrator): NewKey {
  const { limits } = administrator;
  if (!limits) return given;
  demandOwnFields(given, administrator);
  const whole: NewKey = {
    ...withoutUndefined({
      tenant: limits.tenant,
      owner: limits.owner,
      addresses: limits.addresses ? [...limits.addresses] : undefined,
      expiresAt: limits.end,
    }),
    ...withoutUndefined(given),
    name: given.name,
  };
  const { scopes = [], roles = [], attributes = {}, addresses, ...rest } = whole;
  // An empty list stands for any address.
  const limited = addresses && addresses.length > 0 ? addresses : undefined;
  demandNoMore({ ...rest, id: "", scopes, roles, attributes, addresses: limited }, administrator);
  // A token's tenant may have white space at its edges, which a new key may not.
  checked(v.pick(newKey, ["owner", "tenant"]), withoutUndefined({ owner: whole.owner, tenant: whole.tenant }));
  return whole;
}

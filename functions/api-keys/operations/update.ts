import { updateKey as update } from "../../../providers/api-key/management/update.ts";
import { type KeyRecord, versionOf } from "../../../providers/api-key/record.ts";
import { isObject, type UnknownObject } from "../../../shared/domain/object/unknown-object.ts";
import { withoutUndefined } from "../../../shared/domain/object/without-undefined.ts";
import type { Answer } from "../http/answer.ts";
import { preconditionOf } from "../http/entity-tag.ts";
import { MERGE_PATCH, readObject } from "../http/read-body.ts";
import { charge } from "../rights/charge.ts";
import { demandNoMore, demandOwnFields, demandOwnSuspension, type Rights } from "../rights/excess.ts";
import { checked } from "../schema/checked.ts";
import { type KeyPatch, keyPatch } from "../schema/requests.ts";
import type { Call } from "./call.ts";
import { inThePast } from "./issue.ts";
import { shownKey } from "./read.ts";
import { targetOf } from "./target.ts";

/** `PATCH /keys/{id}`: a JSON Merge Patch (RFC 7396). */
export async function updateKey(call: Call): Promise<Answer> {
  const { table, administrator, time } = call;
  const demandVersion = preconditionOf(call.request, true);
  const body = readObject(call.request, MERGE_PATCH);
  // What is wrong by itself is told without a look at the key.
  checked(keyPatch, merged(body, {}));
  const target = await targetOf(call);
  const patch = checked(keyPatch, merged(body, target));
  const { expiresAt, scopes, roles, attributes, reason, ...others } = patch;
  if (typeof expiresAt === "number" && expiresAt <= time) throw inThePast();
  demandVersion(target);
  demandOwnFields(patch, administrator, target.owner);
  demandNoMore(patched(target, patch), administrator);
  demandOwnSuspension(target, administrator);
  await charge(call);
  const changes = withoutUndefined({
    ...others,
    scopes: scopes === null ? [] : scopes,
    roles: roles === null ? [] : roles,
    attributes: attributes === null ? {} : attributes,
    expiresIn: typeof expiresAt === "number" ? expiresAt - time : expiresAt,
  });
  const change = { by: administrator.by, time, reason };
  const { record } = await update(table, target.id, changes, change, { expected: versionOf(target) });
  return shownKey(record, call);
}

/** The members that are objects themselves are merged with the key's, name by name. */
function merged(body: UnknownObject, { attributes = {}, metadata = {} }: Partial<KeyRecord>): UnknownObject {
  return {
    ...body,
    ...(isObject(body.attributes) && { attributes: mergedObject(attributes, body.attributes) }),
    ...(isObject(body.metadata) && { metadata: mergedObject(metadata, body.metadata) }),
  };
}

function mergedObject(before: UnknownObject, patch: UnknownObject): UnknownObject {
  const after = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  return Object.fromEntries(after);
}

/** What the key would have after the patch. */
function patched(target: KeyRecord, patch: KeyPatch): Rights {
  const { subject, tenant, scopes, roles, attributes, addresses, expiresAt } = patch;
  const after = <Value>(before: Value, value: Value | null | undefined) => (value === undefined ? before : value);
  const limited = after(target.addresses, addresses);
  return {
    id: target.id,
    subject: after(target.subject, subject) ?? undefined,
    tenant: after(target.tenant, tenant) ?? undefined,
    scopes: after(target.scopes, scopes) ?? [],
    roles: after(target.roles, roles) ?? [],
    attributes: after(target.attributes, attributes) ?? {},
    addresses: limited && limited.length > 0 ? limited : undefined,
    expiresAt: after(target.expiresAt, expiresAt) ?? undefined,
  };
}

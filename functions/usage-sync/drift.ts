import { isDamaged, type KeyTable } from "../../providers/api-key/management/key-table.ts";
import { type KeyRecord, versionOf } from "../../providers/api-key/record.ts";
import type { GatewayKey, GatewayKeys } from "./gateway-keys.ts";
import { type Planned, plannedOf, type Subject, subjectId, subjectIn } from "./subject.ts";

/** A difference between the configuration, API Gateway and the records of keys. */
export type Drift =
  /** The configuration names a usage plan that is not there. It cannot be mended. */
  | { readonly kind: "unknown_plan"; readonly subject: Subject; readonly plan: string }
  /** A subject has no API Gateway key. */
  | { readonly kind: "missing_key"; readonly subject: Subject; readonly plan: string }
  /** A key is in other plans than that of the configuration, or in none. */
  | {
      readonly kind: "wrong_plan";
      readonly subject: Subject;
      readonly gatewayKey: string;
      readonly plan: string;
      readonly found: readonly string[];
    }
  /** The record of a key has no API Gateway key, or that of somebody else. `subject` is absent if it should have none. */
  | {
      readonly kind: "wrong_record";
      readonly keyId: string;
      readonly version: number;
      readonly subject?: Subject;
    }
  /** An API Gateway key of ours that no entry of the configuration needs any more. */
  | { readonly kind: "left_over_key"; readonly gatewayKey: string; readonly subject?: Subject };

/** What was found, and the API Gateway keys that are used. */
export interface Survey {
  readonly drift: readonly Drift[];
  /** The key of each subject that has one, by `subjectId`. */
  readonly keys: ReadonlyMap<string, GatewayKey>;
}

/** Compares what the configuration says with API Gateway and with the records. Changes nothing. */
export async function findDrift(
  planned: readonly Planned[],
  gateway: GatewayKeys,
  table: Pick<KeyTable, "page">,
): Promise<Survey> {
  const listed = await gateway.list();
  const wanted = new Map(planned.map((each) => [subjectId(each.subject), each]));
  const keys = new Map<string, GatewayKey>();
  const leftOver: GatewayKey[] = [];
  // Of two keys of one subject, the older one is used: both may have been made at the same time.
  for (const key of listed) {
    if (wanted.has(key.subjectId) && !keys.has(key.subjectId)) keys.set(key.subjectId, key);
    else leftOver.push(key);
  }
  const plansOf = await memberships(gateway);

  const drift: Drift[] = planned.flatMap(({ subject, plan }): Drift[] => {
    if (!plansOf.plans.includes(plan)) return [{ kind: "unknown_plan", subject, plan }];
    const key = keys.get(subjectId(subject));
    if (!key) return [{ kind: "missing_key", subject, plan }];
    const found = plansOf.of(key.id);
    if (found.length === 1 && found[0] === plan) return [];
    return [{ kind: "wrong_plan", subject, gatewayKey: key.id, plan, found }];
  });

  const managed = new Set(listed.map(({ value }) => value));
  const lost = leftOver.flatMap(({ description, subjectId: id }) => subjectIn(description, id) ?? []);
  const seen = new Set<string>();
  for (const subject of [...planned.map((each) => each.subject), ...lost]) {
    for await (const record of liveKeys(table, subject)) {
      if (seen.has(record.id)) continue;
      seen.add(record.id);
      const own = plannedOf(record, planned);
      // Without its plan a key would open nothing, and the records wait.
      if (own && !plansOf.plans.includes(own.plan)) continue;
      if (isRight(record, own && keys.get(subjectId(own.subject)), own, managed)) continue;
      const whose = own && { subject: own.subject };
      drift.push({ kind: "wrong_record", keyId: record.id, version: versionOf(record), ...whose });
    }
  }
  // Last: nobody uses them when the records have been mended.
  for (const key of leftOver) {
    const subject = subjectIn(key.description, key.subjectId);
    drift.push({ kind: "left_over_key", gatewayKey: key.id, ...(subject && { subject }) });
  }
  return { drift, keys };
}

/**
 * Whether a record has the API Gateway key that it should have. One that somebody gave it by hand is left alone.
 *
 * @param managed values of all API Gateway keys of ours
 */
export function isRight(
  { usageIdentifierKey: value }: KeyRecord,
  key: GatewayKey | undefined,
  own: Planned | undefined,
  managed: ReadonlySet<string>,
): boolean {
  if (value !== undefined && !managed.has(value)) return true;
  return own ? value !== undefined && value === key?.value : value === undefined;
}

async function memberships(gateway: GatewayKeys) {
  const plans = await gateway.plans();
  const found = new Map<string, string[]>();
  for (const plan of plans) {
    for (const key of await gateway.keysIn(plan)) found.set(key, [...(found.get(key) ?? []), plan]);
  }
  return { plans, of: (keyId: string) => found.get(keyId) ?? [] };
}

async function* liveKeys(table: Pick<KeyTable, "page">, { kind, name }: Subject): AsyncGenerator<KeyRecord> {
  const query = kind === "owner" ? { owner: name } : { tenant: name };
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
    const page = await table.page(query, cursor === undefined ? {} : { cursor });
    for (const key of page.keys) if (!isDamaged(key) && key.status !== "revoked") yield key;
    cursor = page.cursor;
  }
}

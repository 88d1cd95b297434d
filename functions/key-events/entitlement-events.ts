import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { DynamoDBRecord } from "aws-lambda";
import { type Item, recordOf } from "../../providers/entitlements/item.ts";
import { eventSubjectOf, eventTenantOf, eventTokenOf } from "../../providers/entitlements/management/event-record.ts";
import type { EntitlementRecord, SubjectRecord, TenantRecord } from "../../providers/entitlements/record.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { EventName, SallyportEvent } from "../../shared/domain/events/events.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import type { Consequences } from "./consequences.ts";

/**
 * What follows from a change in the table of entitlements. A record that is not there counts as one that says nothing,
 * so that to make a record, to change it and to remove it tell the same. It never throws.
 *
 * @param key the partition key
 */
export function entitlementEventsOf(
  key: string,
  { dynamodb, userIdentity }: DynamoDBRecord,
): Omit<Consequences, "keyId"> {
  const unreadable = { events: [], needsFlush: true, isUnreadable: true, isRemembered: true } as const;
  let before: EntitlementRecord | undefined;
  let isBeforeDamaged = false;
  try {
    before = dynamodb?.OldImage && recordOf(key, dynamodb.OldImage as Item);
  } catch {
    isBeforeDamaged = true;
  }
  try {
    const after = dynamodb?.NewImage && recordOf(key, dynamodb.NewImage as Item);
    // Nothing is known of either: neither what was, nor what is.
    if (!before && !after) return isBeforeDamaged && !after ? { ...unreadable, isUnreadable: false } : unreadable;
    const isTimeToLive = userIdentity?.principalId === "dynamodb.amazonaws.com";
    const change = { key, sequence: dynamodb?.SequenceNumber ?? "", time: dynamodb?.ApproximateCreationDateTime ?? 0 };
    const events = isTimeToLive ? [] : told(before, after, change);
    return {
      events,
      needsFlush: isBeforeDamaged || isNarrower(before, after),
      isUnreadable: false,
      isRemembered: true,
    };
  } catch {
    return unreadable;
  }
}

interface Change {
  readonly key: string;
  readonly sequence: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

function told(
  before: EntitlementRecord | undefined,
  after: EntitlementRecord | undefined,
  change: Change,
): SallyportEvent[] {
  const [kind] = [before, after].flatMap((record) => record?.kind ?? []);
  if (kind === "subject") return ofSubject(before as SubjectRecord, after as SubjectRecord, change);
  if (kind === "tenant") return ofTenant(before as TenantRecord, after as TenantRecord, change);
  const current = after ?? before;
  if (current?.kind !== "token") return [];
  const detail = (name: EventName) => ({ ...common(name, before, after, change), token: eventTokenOf(current) });
  if (!before) return [{ name: "TokensRevoked", detail: detail("TokensRevoked") }];
  return after ? [] : [{ name: "TokensReinstated", detail: detail("TokensReinstated") }];
}

const RIGHTS = ["roles", "scopes", "tenant"] as const;

function ofSubject(before: SubjectRecord | undefined, after: SubjectRecord | undefined, change: Change) {
  const known = after ?? before;
  if (!known) return [];
  const current = after ?? without(known);
  const subject = eventSubjectOf(current);
  const detail = (name: EventName) => common(name, before, after, change);
  const events: SallyportEvent[] = [];
  const was = before?.disabledSince !== undefined;
  if (current.disabledSince !== undefined && !was) {
    events.push({ name: "SubjectDisabled", detail: { ...detail("SubjectDisabled"), subject } });
  }
  if (current.disabledSince === undefined && was) {
    events.push({ name: "SubjectEnabled", detail: { ...detail("SubjectEnabled"), subject } });
  }
  events.push(...revocation(before, current, detail, { subject }));
  const changed = changedRights(before, current);
  if (changed.length > 0) {
    events.push({ name: "EntitlementsChanged", detail: { ...detail("EntitlementsChanged"), subject, changed } });
  }
  return events;
}

function ofTenant(before: TenantRecord | undefined, after: TenantRecord | undefined, change: Change) {
  const known = after ?? before;
  if (!known) return [];
  const current = after ?? without(known);
  const tenant = eventTenantOf(current);
  const detail = (name: EventName) => common(name, before, after, change);
  const events: SallyportEvent[] = [];
  const was = before?.disabledSince !== undefined;
  if (current.disabledSince !== undefined && !was) {
    events.push({ name: "TenantDisabled", detail: { ...detail("TenantDisabled"), tenant } });
  }
  if (current.disabledSince === undefined && was) {
    events.push({ name: "TenantEnabled", detail: { ...detail("TenantEnabled"), tenant } });
  }
  return [...events, ...revocation(before, current, detail, { tenant })];
}

type Lockable = SubjectRecord | TenantRecord;

function revocation(
  before: Lockable | undefined,
  after: Lockable,
  detail: (name: EventName) => ReturnType<typeof common>,
  of: { readonly subject: ReturnType<typeof eventSubjectOf> } | { readonly tenant: ReturnType<typeof eventTenantOf> },
): SallyportEvent[] {
  const [old = 0, young = 0] = [before?.revokedBefore, after.revokedBefore];
  if (old === young) return [];
  const name = young > old ? "TokensRevoked" : "TokensReinstated";
  const instant = after.revokedBefore === undefined ? {} : { before: instantOf(after.revokedBefore) };
  return [{ name, detail: { ...detail(name), ...of, ...instant } }];
}

/** A record that says nothing any more. */
function without<Kind extends Lockable>(record: Kind): Kind {
  const { disabledSince: _, revokedBefore: __, ...rest } = record;
  const empty = rest.kind === "subject" ? { ...rest, roles: [], scopes: [], tenant: undefined } : rest;
  return withoutUndefined(empty) as unknown as Kind;
}

const changedRights = (before: SubjectRecord | undefined, after: SubjectRecord) =>
  RIGHTS.filter((name) => !isDeepStrictEqual(ordered(before?.[name]), ordered(after[name])));

/** The order of a list says nothing, and an empty one is as good as none. */
const ordered = (value: string | readonly string[] = []) =>
  typeof value === "string" ? value : [...new Set(value)].sort();

/**
 * Whether a cached policy of before a change may allow what a decision after it would not. Any change of rights counts,
 * not only a loss: a rule may deny by a role, and backends read them from the cached context. What ends a lockout needs no
 * flush, since who was refused is asked about again.
 */
function isNarrower(before: EntitlementRecord | undefined, after: EntitlementRecord | undefined): boolean {
  const known = after ?? before;
  if (!known) return true;
  if (known.kind === "token") return !before;
  const current = (after ?? without(known as Lockable)) as Lockable;
  const old = before as Lockable | undefined;
  return (
    (current.disabledSince !== undefined && old?.disabledSince === undefined) ||
    (current.revokedBefore ?? 0) > (old?.revokedBefore ?? 0) ||
    (current.kind === "subject" && changedRights(old as SubjectRecord | undefined, current).length > 0)
  );
}

/**
 * What all events have. The id names the record, its version, and, by a digest, the change that made it; a change without
 * a mark of its own, by hand or a removal, has the place in the stream.
 */
function common(
  name: EventName,
  before: EntitlementRecord | undefined,
  after: EntitlementRecord | undefined,
  { key, sequence, time }: Change,
) {
  const isMarked = after !== undefined && after.changeId !== before?.changeId;
  const mark = isMarked ? `${after.version}:${name}:${digestOf(after.changeId)}` : `${sequence}:${name}`;
  const who = isMarked ? { by: after.changedBy, why: after.changeReason } : {};
  return withoutUndefined({ id: `${key}:${mark}`, schemaVersion: 1 as const, time: instantOf(time), ...who });
}

const digestOf = (changeId: string) => createHash("sha256").update(changeId).digest("hex").slice(0, 12);

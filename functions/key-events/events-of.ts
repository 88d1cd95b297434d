import { createHash } from "node:crypto";
import type { DynamoDBRecord } from "aws-lambda";
import { partitionKey } from "../../providers/api-key/item.ts";
import { eventKeyOf } from "../../providers/api-key/management/event-key.ts";
import { redacted, withoutKeys } from "../../providers/api-key/management/key-in-text.ts";
import type { Tombstone } from "../../providers/api-key/management/tombstone.ts";
import type { KeyRecord } from "../../providers/api-key/record.ts";
import { kindOfKey } from "../../providers/entitlements/record-key.ts";
import { instantOf } from "../../shared/domain/events/common.ts";
import type { EventKey } from "../../shared/domain/events/event-key.ts";
import type { EventName, SallyportEvent } from "../../shared/domain/events/events.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { changedFields } from "./changed-fields.ts";
import type { Consequences } from "./consequences.ts";
import { entitlementEventsOf } from "./entitlement-events.ts";
import { type Image, imageOf, type StreamItem, statusOf, versionOf } from "./image.ts";
import { deletionNeedsFlush, needsFlush } from "./needs-flush.ts";

/** Who deleted a record: the table's time to live. */
export const TIME_TO_LIVE = "time to live";

const NOTHING = { events: [], needsFlush: false, isUnreadable: false } as const;
/** What cannot be understood may have been a revocation. */
const UNREADABLE = { events: [], needsFlush: true, isUnreadable: true } as const;

const PREFIX = partitionKey("").pk.S;

/** The events that follow from a record of the stream, and whether the caches are to be flushed. It never throws. */
export function eventsOf(record: DynamoDBRecord): Consequences {
  const { eventName, dynamodb, userIdentity } = record;
  const pk = dynamodb?.Keys?.pk?.S;
  if (pk === undefined) return { ...UNREADABLE, isRemembered: true };
  if (kindOfKey(pk)) return { keyId: pk, ...entitlementEventsOf(pk, record) };
  if (!pk.startsWith(PREFIX)) return NOTHING;
  const keyId = pk.slice(PREFIX.length);
  const read = (item: StreamItem | undefined) => item && imageOf(keyId, item);
  const change: Change = {
    keyId,
    sequence: dynamodb?.SequenceNumber ?? "",
    time: Math.floor(dynamodb?.ApproximateCreationDateTime ?? 0),
    isTimeToLive: userIdentity?.principalId === "dynamodb.amazonaws.com",
  };
  const [before, after] = [read(dynamodb?.OldImage), read(dynamodb?.NewImage)];
  return { keyId, ...consequences(eventName, before, after, change) };
}

interface Change {
  readonly keyId: string;
  readonly sequence: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly isTimeToLive: boolean;
}

type Told = Omit<Consequences, "keyId">;

function consequences(
  name: DynamoDBRecord["eventName"],
  before: Image | undefined,
  after: Image | undefined,
  change: Change,
): Told {
  if (name === "INSERT" && after) return after.tombstone ? NOTHING : issued(after, undefined, change);
  if (name === "MODIFY" && before && after) {
    // What stays of a deleted key is no key: it comes into being with the deletion, and ends if the key is restored.
    if (before.tombstone) return after.tombstone ? NOTHING : issued(after, before.tombstone, change);
    return after.tombstone ? deleted(before, after.tombstone, change) : modified(before, after, change);
  }
  if (name === "REMOVE" && before) return before.tombstone ? NOTHING : deleted(before, undefined, change);
  return UNREADABLE;
}

/** @param tombstone what stayed of the key, if it is restored */
function issued({ record }: Image, tombstone: Tombstone | undefined, change: Change): Told {
  if (!record) return UNREADABLE;
  const { createdBy, changedBy, changeReason: why } = record;
  const mark = record.changeId === tombstone?.changeId ? undefined : record.changeId;
  const by = tombstone ? changedBy : createdBy;
  const detail = detailOf("KeyIssued", eventKeyOf(record), change, mark, { by, why });
  return { ...NOTHING, events: [{ name: "KeyIssued", detail }] };
}

/** @param tombstone what stays of the key. Absent: time to live, or somebody by hand, removed the record */
function deleted(before: Image, tombstone: Tombstone | undefined, change: Change): Told {
  const { record } = before;
  const key = keyOf(before, change);
  if (!key) return UNREADABLE;
  const { version = key.version, changeId, deletedBy, deleteReason: why } = tombstone ?? {};
  const by = change.isTimeToLive ? TIME_TO_LIVE : deletedBy;
  const detail = detailOf("KeyDeleted", { ...key, version }, change, changeId, { by, why });
  const flush = record ? deletionNeedsFlush(record, change.time) : key.status === "active";
  return { ...NOTHING, events: [{ name: "KeyDeleted", detail }], needsFlush: flush };
}

function modified(before: Image, after: Image, change: Change): Told {
  const { status, secret, fields } = changedFields(before, after);
  const key = keyOf(after, change);
  const isRevoked = status && key?.status === "revoked";
  // Whatever else is wrong with a record: a revocation is told, and reaches the caches.
  if (!key || (!after.record && !isRevoked)) return UNREADABLE;
  const isRaised = versionOf(after) > versionOf(before);
  const who = isRaised && after.record ? changerOf(after.record) : {};
  const isMarked = isRaised && after.record?.changeId !== before.record?.changeId;
  const detail = (name: EventName) => detailOf(name, key, change, isMarked ? after.record?.changeId : undefined, who);
  const events: SallyportEvent[] = [];
  if (status) {
    const name = STATUS_EVENTS[key.status];
    events.push({ name, detail: withoutUndefined({ ...detail(name), previousStatus: statusOf(before) }) });
  }
  if (after.record && secret) events.push({ name: "KeyRotated", detail: detail("KeyRotated") });
  if (after.record && fields.length > 0) {
    events.push({ name: "KeyUpdated", detail: { ...detail("KeyUpdated"), changed: [...fields] } });
  }
  const isNarrower = !before.record || !after.record || needsFlush(before.record, after.record, change.time);
  return { ...NOTHING, events, needsFlush: isNarrower };
}

const STATUS_EVENTS = { active: "KeyEnabled", disabled: "KeyDisabled", revoked: "KeyRevoked" } as const;

const changerOf = ({ changedBy: by, changeReason: why }: KeyRecord) => ({ by, why });

/** What an event says of the key; of a damaged record what is certain, and nothing if not even the status is. */
function keyOf(image: Image, { keyId: id }: Change): EventKey | undefined {
  if (image.record) return eventKeyOf(image.record);
  const status = statusOf(image);
  return status && { id, version: versionOf(image), status, incomplete: true };
}

/**
 * What all events have. The id names the version that the change made and, by a digest, the change itself: a key that is
 * imported again may have the same version twice. A change without a mark of its own, by hand, has the place in the stream.
 *
 * @param changeId the mark
 */
function detailOf(
  name: EventName,
  key: EventKey,
  { sequence, time }: Change,
  changeId: string | undefined,
  { by, why }: { readonly by?: string | undefined; readonly why?: string | undefined },
) {
  const id =
    changeId === undefined ? `${key.id}:${sequence}:${name}` : `${key.id}:${key.version}:${name}:${digestOf(changeId)}`;
  const texts = { by: by && withoutKeys(by), why: why && redacted(why) };
  return withoutUndefined({ id, schemaVersion: 1, time: instantOf(time), key, ...texts });
}

const digestOf = (changeId: string) => createHash("sha256").update(changeId).digest("hex").slice(0, 12);

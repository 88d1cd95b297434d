import { EVENT_SOURCE, type SallyportEvent } from "../../domain/events/events.ts";

/** An event as PutEvents takes it. */
export interface BusEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

/** Entries of one request at most, and their bytes together (EventBridge user guide, "PutEvents event entry size"). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;

/**
 * The entry of an event. One that is too large says of its key only what is certain: long lists and texts of a record
 * must not stand in the way of the event.
 */
export function entryOf(event: SallyportEvent): BusEntry {
  const entry = { Source: EVENT_SOURCE, DetailType: event.name, Detail: JSON.stringify(event.detail) };
  if (sizeOf(entry) <= MAX_BYTES || !("key" in event.detail)) return entry;
  const { id, version, status } = event.detail.key;
  return { ...entry, Detail: JSON.stringify({ ...event.detail, key: { id, version, status, incomplete: true } }) };
}

/** Splits entries into as few requests as their order allows. */
export function groupsOf(entries: readonly BusEntry[]): BusEntry[][] {
  const groups: BusEntry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const last = groups.at(-1);
    if (last && last.length < MAX_ENTRIES && bytes + size <= MAX_BYTES) {
      last.push(entry);
      bytes += size;
    } else {
      groups.push([entry]);
      bytes = size;
    }
  }
  return groups;
}

/** What EventBridge counts of an entry without time and resources. */
function sizeOf({ Source, DetailType, Detail }: BusEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}

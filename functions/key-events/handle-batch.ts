import type { DynamoDBRecord } from "aws-lambda";
import type { EventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import type { Consequences } from "./consequences.ts";
import { type Delivery, deliver } from "./deliver.ts";
import { eventsOf } from "./events-of.ts";
import type { FlushQueue } from "./flush-queue.ts";

/** Where the consequences of a change go, and the time. */
export interface Outlets {
  readonly bus: EventBus;
  /** Absent: nothing is cached. */
  readonly queue: FlushQueue | undefined;
  /** Seconds for which authorizers may decide by entitlements that they have read. */
  readonly remembered: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** The item of the record is damaged. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
}

/** What became of a batch. */
export interface BatchResult {
  /** The records that must come again. */
  readonly failed: ReadonlyMap<DynamoDBRecord, Error>;
  /** Names of the events that the bus has taken. */
  readonly put: readonly string[];
  readonly isFlushRequested: boolean;
}

/**
 * Makes events of a batch of changes, and asks for flushes. Both at once: an outage of the bus holds up no flush. It
 * never rejects.
 */
export async function handleBatch(records: readonly DynamoDBRecord[], outlets: Outlets): Promise<BatchResult> {
  const failed = new Map<DynamoDBRecord, Error>();
  const told = records.map((record) => ({ record, ...eventsOf(record) }));
  for (const { record, isUnreadable } of told) if (isUnreadable) failed.set(record, new UnreadableRecord());
  const sources = new Map<Delivery, DynamoDBRecord>();
  for (const { record, keyId = "", events } of told) {
    for (const event of events) sources.set({ keyId, event }, record);
  }
  const narrowing = told.filter(({ needsFlush }) => needsFlush);
  const [isFlushRequested, undelivered] = await Promise.all([
    requestFlush(narrowing, outlets).catch((error: Error) => {
      for (const { record } of narrowing) failed.set(record, error);
      return false;
    }),
    deliver([...sources.keys()], outlets.bus, outlets.pause),
  ]);
  for (const [delivery, error] of undelivered) {
    const record = sources.get(delivery);
    if (record) failed.set(record, error);
  }
  const put = [...sources.keys()].filter((delivery) => !undelivered.has(delivery)).map(({ event }) => event.name);
  return { failed, put, isFlushRequested };
}

async function requestFlush(
  narrowing: readonly Pick<Consequences, "isRemembered">[],
  { queue, now, remembered }: Outlets,
): Promise<boolean> {
  if (narrowing.length === 0 || !queue) return false;
  await queue.request(now(), narrowing.some(({ isRemembered }) => isRemembered) ? remembered : 0);
  return true;
}

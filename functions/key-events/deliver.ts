import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import type { EventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";

/** Attempts of one event. What fails in all of them comes again with the batch. */
const MAX_ATTEMPTS = 3;

/** Milliseconds before the second attempt; before the third, twice as many. */
const PAUSE = 200;

/** An event to put on the bus. */
export interface Delivery {
  readonly keyId: string;
  readonly event: SallyportEvent;
}

/**
 * Puts events on the bus. The events of one key go one after the other: as long as the bus does not take one, the later
 * ones of that key stay behind, and other keys go on.
 *
 * @param pause resolves after a number of milliseconds
 * @returns what the bus did not take, with the reason
 */
export async function deliver(
  deliveries: readonly Delivery[],
  bus: EventBus,
  pause: (milliseconds: number) => Promise<void>,
): Promise<ReadonlyMap<Delivery, Error>> {
  const failed = new Map<Delivery, Error>();
  let lanes = [...Map.groupBy(deliveries, ({ keyId }) => keyId).values()].map((lane) => ({ lane, attempts: 0 }));
  for (let pauses = 0; lanes.length > 0; ) {
    const errors = await bus.put(lanes.flatMap(({ lane: [first] }) => first?.event ?? []));
    lanes = lanes.flatMap(({ lane, attempts }, index) => {
      const error = errors[index];
      if (!error) return lane.length > 1 ? { lane: lane.slice(1), attempts: 0 } : [];
      if (attempts + 1 < MAX_ATTEMPTS) return { lane, attempts: attempts + 1 };
      for (const delivery of lane) failed.set(delivery, error);
      return [];
    });
    if (lanes.some(({ attempts }) => attempts > 0)) await pause(PAUSE * 2 ** Math.min(pauses++, MAX_ATTEMPTS));
  }
  return failed;
}

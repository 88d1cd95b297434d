import type { SallyportEvent } from "../../../shared/domain/events/events.ts";
import type { EventBus } from "../../../shared/infrastructure/event-bus/event-bus.ts";

/** A bus that remembers what it has taken. */
export interface FakeBus extends EventBus {
  readonly taken: SallyportEvent[];
  /** Number of events of each request. */
  readonly requests: number[];
}

/** @param refuses whether the bus refuses an event, told with the number of the attempt from 1 */
export function fakeBus(refuses: (event: SallyportEvent, attempt: number) => boolean = () => false): FakeBus {
  const attempts = new Map<string, number>();
  const taken: SallyportEvent[] = [];
  const requests: number[] = [];
  return {
    ...{ taken, requests },
    async put(events) {
      requests.push(events.length);
      return events.map((event) => {
        const attempt = (attempts.get(event.detail.id) ?? 0) + 1;
        attempts.set(event.detail.id, attempt);
        if (refuses(event, attempt)) return new Error("refused");
        taken.push(event);
        return undefined;
      });
    },
  };
}

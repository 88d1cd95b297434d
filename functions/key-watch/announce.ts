import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import type { EventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { concurrently } from "./concurrently.ts";
import type { WatchTable } from "./watch-table.ts";

/** Events that are put on the bus before they are noted. If the function crashes between, they are sent again. */
const AT_ONCE = 50;

/**
 * Puts events on the bus that were not sent yet, and then notes them. An event is sent once, and a second time if a
 * crash comes between the two; it has the same id then.
 *
 * @returns how many were sent
 * @throws if the bus did not take some of them. The others are noted.
 */
export async function announce(
  events: readonly SallyportEvent[],
  bus: EventBus,
  table: WatchTable,
  now: number,
): Promise<number> {
  let sent = 0;
  for (let start = 0; start < events.length; start += AT_ONCE) {
    const several = events.slice(start, start + AT_ONCE);
    const known = await concurrently(several, ({ detail }) => table.wasSent(detail.id));
    const fresh = several.filter((_, index) => !known[index]);
    if (fresh.length === 0) continue;
    const errors = await bus.put(fresh);
    const taken = fresh.filter((_, index) => errors[index] === undefined);
    await concurrently(taken, ({ detail }) => table.noteSent(detail.id, now));
    sent += taken.length;
    for (const error of errors) if (error) throw error;
  }
  return sent;
}

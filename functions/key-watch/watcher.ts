import type { KeyTable } from "../../providers/api-key/management/key-table.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { SallyportEvent } from "../../shared/domain/events/events.ts";
import type { WatchState } from "./watch-state.ts";
import type { WatchTable } from "./watch-table.ts";

/** What a part of the schedule works with. */
export interface Watcher {
  readonly config: Config;
  readonly keys: KeyTable;
  readonly table: WatchTable;
  /** How far the schedule had come before this run. */
  readonly state: WatchState;
  /** Seconds since the epoch. */
  readonly now: number;
  readonly fetch: typeof globalThis.fetch;
  /** How many keys one run looks at that are in the window of a notice. */
  readonly keysOfARun: number;
  /** Whether the function has to stop soon. */
  isLate(): boolean;
  /** Sends events that were not sent yet. @throws if the bus does not take one */
  announce(events: readonly SallyportEvent[]): Promise<number>;
}

/** A part of the schedule. @returns what becomes of the state when the part is done, as far as it came */
export type Part = (watcher: Watcher) => Promise<Partial<WatchState>>;

export const DAY = 86_400;

/** The UTC days of a span, as spans of their own. Seconds since the epoch, both inclusive. */
export function* daysOf(from: number, until: number): Generator<{ readonly from: number; readonly until: number }> {
  for (let start = from; start <= until; start = (Math.floor(start / DAY) + 1) * DAY) {
    yield { from: start, until: Math.min(until, (Math.floor(start / DAY) + 1) * DAY - 1) };
  }
}

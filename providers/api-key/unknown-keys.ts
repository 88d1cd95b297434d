import { BoundedMap } from "../../shared/domain/bounded-map.ts";
import { elapsedSince, type Instant } from "../../shared/infrastructure/remote/elapsed.ts";

/** How many ids are remembered, the latest ones. */
const MAX_ENTRIES = 1024;

/** Milliseconds for which one is remembered: a key that is issued meanwhile is unknown for as long at most. */
const MAX_AGE = 1000;

/**
 * Ids of keys that the table did not have a moment ago, so that a caller who repeats one causes one read a second. An
 * id is public; nothing else of a key is remembered, and nothing about keys that exist.
 */
export class UnknownKeys {
  readonly #readings = new BoundedMap<string, Instant>(MAX_ENTRIES);

  /** @param readAt when the table was asked, and not when it answered: the key may have been issued in between */
  add(id: string, readAt: Instant): void {
    this.#readings.set(id, readAt);
  }

  has(id: string): boolean {
    const readAt = this.#readings.get(id);
    return readAt !== undefined && elapsedSince(readAt) < MAX_AGE;
  }
}

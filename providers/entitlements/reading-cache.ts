import { elapsedSince, type Instant } from "../../shared/infrastructure/remote/elapsed.ts";
import type { Stored } from "./store.ts";

/** Readings that are remembered at most, and characters of all of them together. */
const MAX_COUNT = 1000;
const MAX_LENGTH = 2_000_000;

/** Characters that a reading of a key without a record counts for. */
const EMPTY = 100;

/** What the table had for a key, and when it was asked. */
export interface Reading {
  readonly stored: Stored;
  readonly readAt: Instant;
}

interface Entry extends Reading {
  readonly length: number;
}

/**
 * What this instance has read, by the whole keys of the records, for some time by setting. The oldest make room for new
 * ones. A damaged record is read again.
 */
export class ReadingCache {
  readonly #maxAge: number;
  readonly #entries = new Map<string, Entry>();
  #length = 0;

  /** @param maxAge milliseconds; 0: nothing is remembered */
  constructor(maxAge: number) {
    this.#maxAge = maxAge;
  }

  find(key: string): Reading | undefined {
    const entry = this.#entries.get(key);
    return entry && elapsedSince(entry.readAt) < this.#maxAge ? entry : undefined;
  }

  add(key: string, { stored, readAt }: Reading): void {
    this.#forget(key);
    if (this.#maxAge === 0 || stored === "damaged") return;
    const length = EMPTY + (stored ? JSON.stringify(stored).length : 0);
    this.#entries.set(key, { stored, readAt, length });
    this.#length += length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_COUNT && this.#length <= MAX_LENGTH) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#length -= this.#entries.get(key)?.length ?? 0;
    this.#entries.delete(key);
  }
}

import type { Clock } from "./clock.ts";

/** A clock that stands still until it is put forward: a test of delays and retries waits for nothing. */
export class ManualClock implements Clock {
  #now: number;
  #actions: { readonly at: number; readonly action: () => void }[] = [];

  /** @param start milliseconds since the epoch */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, action: () => void): () => void {
    const entry = { at: this.#now + milliseconds, action };
    this.#actions.push(entry);
    return () => {
      this.#actions = this.#actions.filter((each) => each !== entry);
    };
  }

  /** How many actions wait. */
  get waiting(): number {
    return this.#actions.length;
  }

  /** Puts the clock forward, and runs what is due on the way in its order. */
  advance(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      const due = next;
      this.#actions = this.#actions.filter((each) => each !== due);
      this.#now = Math.max(this.#now, due.at);
      due.action();
    }
    this.#now = until;
  }

  #next(until: number) {
    return this.#actions.filter(({ at }) => at <= until).sort((left, right) => left.at - right.at)[0];
  }
}

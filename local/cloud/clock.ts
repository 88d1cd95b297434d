/** Time, as the parts of the local cloud see it. Tests and faults bring one of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls back once.
   *
   * @returns a function that cancels it
   */
  after(milliseconds: number, action: () => void): () => void;
}

/** The system's time. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** A clock that forgets every action when it is closed, so that nothing stays behind of what used it. */
export class ClosableClock implements Clock {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(milliseconds: number, action: () => void): () => void {
    if (this.#isClosed) return () => {};
    const cancel = this.#clock.after(milliseconds, () => {
      this.#waiting.delete(cancel);
      action();
    });
    this.#waiting.add(cancel);
    return () => {
      this.#waiting.delete(cancel);
      cancel();
    };
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Cancels all that waits. Later actions are not called at all. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#waiting) cancel();
    this.#waiting.clear();
  }
}

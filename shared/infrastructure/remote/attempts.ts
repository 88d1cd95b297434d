import { elapsedSince, type Instant, instantNow } from "./elapsed.ts";

/** Milliseconds from the start of a failed attempt to the next one. They double with each further failure. */
const FIRST_PAUSE = 500;
const MAX_PAUSE = 2000;

/** Milliseconds by which an attempt may outlive its timeout before the process must have been frozen. */
const MARGIN = 1000;

/** What an attempt does, and what it leaves behind. */
export interface AttemptOptions<T> {
  readonly run: (signal: AbortSignal) => Promise<T>;
  /** Called with the result, unless a later attempt has replaced this one. */
  readonly keep: (value: T) => void;
  /** Timeout of a whole attempt in milliseconds. */
  readonly timeout: number;
}

/**
 * Attempts to fetch something, one at a time. After a failure there is a pause, which stays within seconds: a server
 * that returns is noticed soon, and one that is down is asked once in two seconds.
 *
 * Lambda freezes the process, with its timers and sockets, when an invocation has been answered. An attempt that was
 * in flight then says nothing about the server. It is not counted as a failure, and a later one replaces it.
 */
export class Attempts<T> {
  readonly #options: AttemptOptions<T>;
  #pending: { readonly result: Promise<T>; readonly startedAt: Instant } | undefined;
  #startedAt: Instant = instantNow();
  #failures = 0;
  #wasFrozen = false;
  #error: unknown;

  constructor(options: AttemptOptions<T>) {
    this.#options = options;
  }

  /** Whether an attempt is in flight. */
  get isRunning(): boolean {
    return this.#pending !== undefined && !this.#isOverdue(this.#pending.startedAt);
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Whether the process was frozen during the last attempt. */
  get wasFrozen(): boolean {
    return this.#wasFrozen;
  }

  /** Why the last failed attempt failed. */
  get error(): unknown {
    return this.#error;
  }

  /** The attempt in flight, or a new one. Undefined during the pause after a failure. */
  join(): Promise<T> | undefined {
    if (this.#pending && this.isRunning) return this.#pending.result;
    if (this.#pending) this.#wasFrozen = true;
    const pause = this.#failures > 0 ? Math.min(FIRST_PAUSE * 2 ** (this.#failures - 1), MAX_PAUSE) : 0;
    if (elapsedSince(this.#startedAt) < pause) return undefined;
    const startedAt = instantNow();
    const result = this.#attempt(startedAt);
    // It may end after its request was answered.
    result.catch(() => {});
    this.#startedAt = startedAt;
    this.#pending = { result, startedAt };
    return result;
  }

  #isOverdue(startedAt: Instant): boolean {
    return elapsedSince(startedAt) > this.#options.timeout + MARGIN;
  }

  async #attempt(startedAt: Instant): Promise<T> {
    const { run, keep, timeout } = this.#options;
    const isReplaced = () => this.#startedAt !== startedAt;
    try {
      const value = await (async () => run(AbortSignal.timeout(timeout)))();
      if (isReplaced()) return value;
      this.#failures = 0;
      this.#wasFrozen = false;
      keep(value);
      return value;
    } catch (error) {
      if (isReplaced()) throw error;
      this.#wasFrozen = this.#isOverdue(startedAt);
      if (!this.#wasFrozen) this.#failures++;
      this.#error = error;
      throw error;
    } finally {
      if (!isReplaced()) this.#pending = undefined;
    }
  }
}

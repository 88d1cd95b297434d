import { elapsedSince, type Instant, instantNow } from "../../shared/infrastructure/remote/elapsed.ts";

/** Milliseconds from a failure to the next attempt. They double with each further failure. */
const FIRST_PAUSE = 500;
const MAX_PAUSE = 2000;

/**
 * What questions a failing server still gets: one at a time, after a pause that stays within seconds. While it answers,
 * any number. `Attempts` does the same for a value that all requests share; here each token has its own question.
 */
export class Lane {
  readonly #patience: number;
  #failures = 0;
  #failedAt: Instant = instantNow();
  #error: unknown;
  #trialSince: Instant | undefined;

  /** @param patience milliseconds after which a question without an end was frozen together with its process */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Why the last question failed. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether a question may be asked now. `succeed`, `fail` or `abandon` has to follow. */
  admit(): boolean {
    if (this.#failures === 0) return true;
    const isTrying = this.#trialSince !== undefined && elapsedSince(this.#trialSince) <= this.#patience;
    const pause = Math.min(FIRST_PAUSE * 2 ** (this.#failures - 1), MAX_PAUSE);
    if (isTrying || elapsedSince(this.#failedAt) < pause) return false;
    this.#trialSince = instantNow();
    return true;
  }

  /** The server answered. */
  succeed(): void {
    this.#failures = 0;
    this.#trialSince = undefined;
  }

  /** The server did not answer, or not to us. */
  fail(error: unknown): void {
    this.#failures++;
    this.#failedAt = instantNow();
    this.#error = error;
    this.#trialSince = undefined;
  }

  /** The question says nothing of the server: the process was frozen. */
  abandon(): void {
    this.#trialSince = undefined;
  }
}

import { TroubleError } from "../../domain/reasons/errors.ts";
import type { Trouble } from "../../domain/reasons/reasons.ts";

/** Limits of a value that is kept in the process, in milliseconds. */
export interface RemoteTimes {
  /** Age from which it is fetched again before it is used. */
  readonly maxAge: number;
  /** Age up to which it is used while its server fails: how long something withdrawn can live on in an outage. */
  readonly staleLimit: number;
  /** Pause between two fetches because of something that the value lacks. */
  readonly newerPause: number;
  /** First and longest pause after a failed fetch; it doubles in between. */
  readonly retryPause: number;
  readonly longestRetryPause: number;
}

/**
 * Something fetched from a server and kept in the process, and fetched again when it is old or does not suffice. All requests share one
 * fetch; a server that fails is left alone for a while, during which an older value serves; no flood of requests becomes a flood of fetches.
 */
export class RemoteValue<T> {
  readonly #fetch: () => Promise<T>;
  readonly #times: RemoteTimes;
  readonly #trouble: Trouble;
  #value: T | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #soughtAt = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #pending: Promise<T> | undefined;

  /** @param trouble reason to give when there is no value */
  constructor(fetch: () => Promise<T>, times: RemoteTimes, trouble: Trouble) {
    this.#fetch = fetch;
    this.#times = times;
    this.#trouble = trouble;
  }

  /** The value as it is known, fetched first if it is missing or old. @throws {TroubleError} */
  async current(): Promise<T> {
    const age = Date.now() - this.#fetchedAt;
    if (this.#value && age < this.#times.maxAge) return this.#value;
    try {
      return await this.#refresh();
    } catch (error) {
      if (this.#value && age < this.#times.staleLimit) return this.#value;
      throw error;
    }
  }

  /**
   * The value fetched anew for something that `known` lacks; `known` itself if that was tried a moment ago.
   *
   * @throws {TroubleError} while it cannot be told whether a newer one has it
   */
  async newer(known: T): Promise<T> {
    if (this.#value && this.#value !== known) return this.#value;
    if (this.#pending) return this.#pending;
    if (Date.now() - this.#soughtAt >= this.#times.newerPause) {
      this.#soughtAt = Date.now();
      return this.#refresh();
    }
    if (this.#failures > 0) throw new TroubleError(this.#trouble);
    return known;
  }

  #refresh(): Promise<T> {
    if (this.#pending) return this.#pending;
    if (Date.now() < this.#retryAt) return Promise.reject(new TroubleError(this.#trouble));
    this.#pending = this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load(): Promise<T> {
    try {
      const value = await this.#fetch();
      this.#value = value;
      this.#fetchedAt = Date.now();
      this.#failures = 0;
      return value;
    } catch (error) {
      const pause = this.#times.retryPause * 2 ** this.#failures++;
      this.#retryAt = Date.now() + Math.min(pause, this.#times.longestRetryPause);
      throw new TroubleError(this.#trouble, error);
    }
  }
}

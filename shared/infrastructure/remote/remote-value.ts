import { TroubleError } from "../../domain/reasons/errors.ts";
import type { Trouble } from "../../domain/reasons/reasons.ts";

/** Limits of a value that is kept in the process, in milliseconds. */
export interface RemoteTimes {
  /** Age from which it is fetched again before it is used. */
  readonly maxAge: number;
  /** Age up to which it is used while its server fails (RFC 5861 section 4): how long something withdrawn can live on in an outage. */
  readonly staleIfError: number;
  /** Cooldown: shortest time between two fetches because of something that the value lacks. */
  readonly cooldown: number;
  /** Delays after a failed fetch: the first one, which doubles with each further failure, and the longest. */
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
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
  #lastAttemptAt = Number.NEGATIVE_INFINITY;
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
      if (this.#value && age < this.#times.staleIfError) return this.#value;
      throw error;
    }
  }

  /**
   * The value fetched anew for something that `known` lacks; `known` itself during the cooldown.
   *
   * @throws {TroubleError} while it cannot be told whether a newer one has it
   */
  async newer(known: T): Promise<T> {
    if (this.#value && this.#value !== known) return this.#value;
    if (this.#pending) return this.#pending;
    if (Date.now() - this.#lastAttemptAt >= this.#times.cooldown) {
      this.#lastAttemptAt = Date.now();
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
      const delay = this.#times.retryDelay * 2 ** this.#failures++;
      this.#retryAt = Date.now() + Math.min(delay, this.#times.maxRetryDelay);
      throw new TroubleError(this.#trouble, error);
    }
  }
}

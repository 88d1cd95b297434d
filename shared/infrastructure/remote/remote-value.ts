import { TroubleError } from "../../domain/reasons/errors.ts";
import type { Trouble } from "../../domain/reasons/reasons.ts";

/** Times of a cached value in milliseconds. */
export interface RemoteTimes {
  /** Age at which the value is fetched again before it is used. */
  readonly maxAge: number;
  /**
   * Maximum age at which the value is used while the server fails (RFC 5861 section 4). A withdrawn key is trusted
   * this long.
   */
  readonly staleIfError: number;
  /** Minimum time between two fetches for something that the value lacks, such as an unknown key ID. */
  readonly cooldown: number;
  /** Delay after the first failed fetch. It doubles with each further failure, up to `maxRetryDelay`. */
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
}

/**
 * A value that is fetched from a server and cached in the process. It is fetched again when it is old or lacks
 * something. Concurrent requests share one fetch. After a failure there is no fetch for a while, and the old value is
 * used. A flood of requests does not cause a flood of fetches.
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

  /** @param trouble reason of the error when there is no value */
  constructor(fetch: () => Promise<T>, times: RemoteTimes, trouble: Trouble) {
    this.#fetch = fetch;
    this.#times = times;
    this.#trouble = trouble;
  }

  /**
   * The cached value. It is fetched first if it is missing or old.
   *
   * @throws {TroubleError}
   */
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
   * A newer value than `known`, which lacks something. During the cooldown it is `known` itself.
   *
   * @throws {TroubleError} if the last fetch failed, because a newer value may have what is missing
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

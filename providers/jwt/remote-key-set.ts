import { TroubleError } from "../../shared/reasons/errors.ts";
import { discoverJwksUri } from "./discovery.ts";
import { fetchJson } from "./fetch-json.ts";
import { type KeySet, readKeySet } from "./key-set.ts";

/** Limits of a remote key set, in milliseconds. */
export const KEY_SET_TIMES = {
  /** Age from which a set is fetched again before it is used. */
  maxAge: 600_000,
  /** Age up to which a set is used while its server fails: how long a withdrawn key can live on in an outage. */
  staleLimit: 3_600_000,
  /** Pause between two fetches for tokens with an unknown `kid`. */
  unknownKeyPause: 30_000,
  /** First and longest pause after a failed fetch; it doubles in between. */
  retryPause: 10_000,
  longestRetryPause: 60_000,
  /** Age from which the discovery document is read again. */
  discoveryAge: 86_400_000,
} as const;

export type KeySetLocation = { readonly issuer: string } | { readonly jwksUri: string };

/**
 * The key set of one issuer, kept in the process and fetched again when it is old or a token names a key that is not in it. All requests share one
 * fetch; a server that fails is left alone for a while, during which an older set serves; no flood of invented `kid`s becomes a
 * flood of fetches.
 */
export class RemoteKeySet {
  readonly #location: KeySetLocation;
  readonly #algorithms: readonly string[];
  readonly #fetch: typeof globalThis.fetch;
  #set: KeySet | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #soughtAt = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #pending: Promise<KeySet> | undefined;
  #discovered: { uri: string; at: number } | undefined;

  constructor(location: KeySetLocation, algorithms: readonly string[], fetch: typeof globalThis.fetch) {
    this.#location = location;
    this.#algorithms = algorithms;
    this.#fetch = fetch;
  }

  /**
   * The set as it is known, fetched first if it is missing or old.
   *
   * @throws {TroubleError} `key_set_unavailable`
   */
  async current(): Promise<KeySet> {
    const age = Date.now() - this.#fetchedAt;
    if (this.#set && age < KEY_SET_TIMES.maxAge) return this.#set;
    try {
      return await this.#refresh();
    } catch (error) {
      if (this.#set && age < KEY_SET_TIMES.staleLimit) return this.#set;
      throw error;
    }
  }

  /**
   * The set fetched anew for a key that `known` lacks; `known` itself if that was tried a moment ago.
   *
   * @throws {TroubleError} `key_set_unavailable` while it cannot be told whether the key exists
   */
  async newer(known: KeySet): Promise<KeySet> {
    if (this.#set && this.#set !== known) return this.#set;
    if (this.#pending) return this.#pending;
    if (Date.now() - this.#soughtAt >= KEY_SET_TIMES.unknownKeyPause) {
      this.#soughtAt = Date.now();
      return this.#refresh();
    }
    if (this.#failures > 0) throw new TroubleError("key_set_unavailable");
    return known;
  }

  #refresh(): Promise<KeySet> {
    if (this.#pending) return this.#pending;
    if (Date.now() < this.#retryAt) return Promise.reject(new TroubleError("key_set_unavailable"));
    this.#pending = this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #load(): Promise<KeySet> {
    try {
      const { keys } = await fetchJson(await this.#uri(), this.#fetch);
      const set = readKeySet(Array.isArray(keys) ? keys : [], this.#algorithms);
      if (set.keys.length === 0 && set.weak.size === 0) throw new Error("the key set holds nothing usable");
      this.#set = set;
      this.#fetchedAt = Date.now();
      this.#failures = 0;
      return set;
    } catch (error) {
      const pause = KEY_SET_TIMES.retryPause * 2 ** this.#failures++;
      this.#retryAt = Date.now() + Math.min(pause, KEY_SET_TIMES.longestRetryPause);
      // The set may have moved.
      this.#discovered = undefined;
      throw new TroubleError("key_set_unavailable", error);
    }
  }

  async #uri(): Promise<string> {
    if ("jwksUri" in this.#location) return this.#location.jwksUri;
    if (!this.#discovered || Date.now() - this.#discovered.at >= KEY_SET_TIMES.discoveryAge) {
      this.#discovered = { uri: await discoverJwksUri(this.#location.issuer, this.#fetch), at: Date.now() };
    }
    return this.#discovered.uri;
  }
}

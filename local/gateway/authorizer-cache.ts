/** A load test that sends a new credential with each request must not fill the memory. */
const MAX_ENTRIES = 10_000;

/**
 * The cache of API Gateway for authorizers. It holds an authorizer's output by API, stage, authorizer and the values of the identity
 * sources. The output is evaluated anew for every request. Failures are not cached.
 */
export class AuthorizerCache<Output> {
  readonly #entries = new Map<string, { output: Output; until: number }>();

  /**
   * The output under a key; undefined if there is none, or its time is over.
   *
   * @param now milliseconds since the epoch
   */
  get(key: string, now: number): Output | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > now) return entry.output;
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * Keeps an output. If the cache is full, the oldest entry makes room.
   *
   * @param ttl seconds; with 0 nothing is kept
   * @param now milliseconds since the epoch
   */
  set(key: string, output: Output, ttl: number, now: number): void {
    if (ttl <= 0) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MAX_ENTRIES) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { output, until: now + ttl * 1000 });
  }

  /** Forgets every entry of a stage. */
  flush(stageArn: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(`${stageArn} `)) this.#entries.delete(key);
  }
}

/** The key of an output. `values` are those of the identity sources. */
export const cacheKey = (stageArn: string, authorizer: string, values: readonly string[]) =>
  `${stageArn} ${authorizer} ${JSON.stringify(values)}`;

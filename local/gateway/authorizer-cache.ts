/** More than anybody tries out; a load test with a credential for each request must not fill the memory. */
const MAX_ENTRIES = 10_000;

/**
 * What API Gateway caches of an authorizer: its output, by API, stage, authorizer and the values of the identity sources; never the verdict, which is reached
 * anew for every request. Failures are not kept.
 */
export class AuthorizerCache<Output> {
  readonly #entries = new Map<string, { output: Output; until: number }>();

  /** @param now milliseconds since the epoch */
  get(key: string, now: number): Output | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > now) return entry.output;
    this.#entries.delete(key);
    return undefined;
  }

  /** @param ttl seconds */
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

export const cacheKey = (stageArn: string, authorizer: string, values: readonly string[]) =>
  `${stageArn} ${authorizer} ${JSON.stringify(values)}`;

import { createHash } from "node:crypto";

/** Upper limit of the entries, so that a load test with a new credential in each request does not fill the memory. */
const MAX_ENTRIES = 10_000;

/**
 * API Gateway's cache of authorizer outputs. The key is made of API, stage, authorizer and the values of the identity
 * sources. The gateway evaluates a cached policy for every request. Failures are not cached. Outputs are kept as JSON,
 * which takes a fraction of the memory that their objects take.
 */
export class AuthorizerCache<Output> {
  readonly #entries = new Map<string, { json: string; until: number }>();

  /**
   * The output under a key; undefined if there is none or it has expired.
   *
   * @param now milliseconds since the epoch
   */
  get(key: string, now: number): Output | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until > now) return JSON.parse(entry.json) as Output;
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * Stores an output. A full cache drops its oldest entry.
   *
   * @param ttl seconds; 0 stores nothing
   * @param now milliseconds since the epoch
   */
  set(key: string, output: Output, ttl: number, now: number): void {
    if (ttl <= 0) return;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MAX_ENTRIES) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(key, { json: JSON.stringify(output), until: now + ttl * 1000 });
  }

  /** Removes every entry of a stage. */
  flush(stageArn: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(`${stageArn} `)) this.#entries.delete(key);
  }
}

/** The key of an output. `values` are those of the identity sources, which may be long: the key has their digest. */
export const cacheKey = (stageArn: string, authorizer: string, values: readonly string[]) =>
  `${stageArn} ${authorizer} ${createHash("sha256").update(JSON.stringify(values)).digest("base64url")}`;

import { hash } from "node:crypto";
import type { VerifiedAssertion } from "./verify.ts";

/** Maximum number of cached assertions. Each takes about as much memory as its attributes. */
const MAX_COUNT = 1000;

interface CacheEntry {
  readonly verified: VerifiedAssertion;
  /** When it was verified, in seconds since the epoch. */
  readonly verifiedAt: number;
}

/**
 * The assertions that this process has verified, by the SHA-256 of the credential. An assertion that is sent with
 * every request is verified once. An entry is valid until the result of the verification could change. The oldest
 * entry is removed when the cache is full.
 */
export class AssertionCache {
  readonly #entries = new Map<string, CacheEntry>();

  /**
   * The result for a credential, if it is still the same.
   *
   * @param digest digest of the credential, see `digestOf`
   * @param time seconds since the epoch
   */
  find(digest: string, time: number): VerifiedAssertion | undefined {
    const found = this.#entries.get(digest);
    // `verifiedAt` is later than `time` only if the clock was set back.
    return found && found.verifiedAt <= time && time < found.verified.until ? found.verified : undefined;
  }

  /** Adds a result. @param time seconds since the epoch */
  add(digest: string, verified: VerifiedAssertion, time: number): void {
    this.#entries.delete(digest);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < MAX_COUNT) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(digest, { verified, verifiedAt: time });
  }
}

/** Digest of a credential, the key of the cache. */
export const digestOf = (value: string) => hash("sha256", value, "base64");

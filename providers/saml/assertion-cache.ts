import { hash } from "node:crypto";
import type { VerifiedAssertion } from "./verify.ts";

/** Assertions that are remembered at most; each takes about as much memory as its attributes. */
const MAX_COUNT = 1000;

interface Seen {
  readonly verified: VerifiedAssertion;
  /** Seconds since the epoch. */
  readonly from: number;
}

/**
 * The assertions that this process has verified, by the SHA-256 of the credential, so that one which is presented with every request is verified
 * once. Each is kept until something of its verification could come out otherwise. The oldest make room for new ones.
 */
export class AssertionCache {
  readonly #seen = new Map<string, Seen>();

  /**
   * What was found of a credential, if it would be found again.
   *
   * @param digest of the very credential, see `digestOf`
   * @param time seconds since the epoch
   */
  find(digest: string, time: number): VerifiedAssertion | undefined {
    const found = this.#seen.get(digest);
    return found && found.from <= time && time < found.verified.until ? found.verified : undefined;
  }

  remember(digest: string, verified: VerifiedAssertion, time: number): void {
    this.#seen.delete(digest);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size < MAX_COUNT) break;
      this.#seen.delete(oldest);
    }
    this.#seen.set(digest, { verified, from: time });
  }
}

/** What a credential is known by. */
export const digestOf = (value: string) => hash("sha256", value, "base64");

import { hash } from "node:crypto";
import { BoundedMap } from "../../shared/domain/bounded-map.ts";
import { elapsedSince, type Instant } from "../../shared/infrastructure/remote/elapsed.ts";
import type { Claims } from "../jwt/compact.ts";

/** Active tokens that are remembered at most, and bytes of the answers about all of them together. */
const MAX_ACTIVE = 1000;
const MAX_BYTES = 2 * 1024 * 1024;

/** Inactive tokens that are remembered at most. They have a place of their own: guesses cannot push out answers. */
const MAX_INACTIVE = 1000;

/** Milliseconds for which an inactive token stays so at most: a server's replicas may not know a new token yet. */
const INACTIVE_AGE = 5000;

/** What a server said of an active token. */
export interface ActiveAnswer {
  readonly claims: Claims;
  /** Size of the answer in bytes. */
  readonly length: number;
  /** When the server was asked, and not when it answered: the token may have been revoked in between. */
  readonly askedAt: Instant;
}

/** Digest of a token, the key of all that is remembered: the token itself is not kept. */
export const digestOf = (token: string) => hash("sha256", token, "base64");

/** The answers of one server, by the digests of the tokens. The oldest make room for new ones. */
export class Answers {
  readonly #maxAge: number;
  readonly #active = new Map<string, ActiveAnswer>();
  readonly #inactive = new BoundedMap<string, Instant>(MAX_INACTIVE);
  #bytes = 0;

  /** @param maxAge milliseconds for which an answer about an active token counts */
  constructor(maxAge: number) {
    this.#maxAge = maxAge;
  }

  /** The answer about a token that is active, if it still counts. */
  find(digest: string): ActiveAnswer | undefined {
    const found = this.#active.get(digest);
    return found && elapsedSince(found.askedAt) < this.#maxAge ? found : undefined;
  }

  /** Whether the server has called the token inactive a moment ago. */
  isInactive(digest: string): boolean {
    const askedAt = this.#inactive.get(digest);
    return askedAt !== undefined && elapsedSince(askedAt) < Math.min(this.#maxAge, INACTIVE_AGE);
  }

  /** The last answer about the token if it was active, however old it is. */
  last(digest: string): ActiveAnswer | undefined {
    return this.#active.get(digest);
  }

  addActive(digest: string, answer: ActiveAnswer): void {
    this.#forget(digest);
    this.#active.set(digest, answer);
    this.#bytes += answer.length;
    for (const oldest of this.#active.keys()) {
      if (this.#active.size <= MAX_ACTIVE && this.#bytes <= MAX_BYTES) break;
      this.#forget(oldest);
    }
  }

  addInactive(digest: string, askedAt: Instant): void {
    this.#forget(digest);
    this.#inactive.set(digest, askedAt);
  }

  #forget(digest: string): void {
    this.#bytes -= this.#active.get(digest)?.length ?? 0;
    this.#active.delete(digest);
  }
}

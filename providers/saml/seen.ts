import { hash } from "node:crypto";
import type { Assurance } from "./verify.ts";

/** Assertions that are remembered at most; each takes about as much memory as its attributes. */
const MAX_COUNT = 1000;

interface Seen {
  readonly assurance: Assurance;
  /** Seconds since the epoch. */
  readonly from: number;
}

/**
 * The assertions that this process has verified, by the SHA-256 of the credential, so that one which is presented with every request is verified
 * once. Each is kept until something of its verification could come out otherwise. The oldest make room for new ones.
 */
export class SeenAssertions {
  readonly #seen = new Map<string, Seen>();

  /** What was found of this very credential, if it would be found again at `time` (seconds since the epoch). */
  find(value: string, time: number): Assurance | undefined {
    const found = this.#seen.get(digestOf(value));
    return found && found.from <= time && time < found.assurance.until ? found.assurance : undefined;
  }

  remember(value: string, assurance: Assurance, time: number): void {
    const digest = digestOf(value);
    this.#seen.delete(digest);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size < MAX_COUNT) break;
      this.#seen.delete(oldest);
    }
    this.#seen.set(digest, { assurance, from: time });
  }
}

const digestOf = (value: string) => hash("sha256", value, "base64");

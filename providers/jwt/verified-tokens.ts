import type { KeyObject } from "node:crypto";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import type { Binding } from "../confirmation/binding.ts";
import type { SignerNamed } from "./find-signer.ts";
import type { KeySource } from "./key-source.ts";

/** Tokens that are remembered at most, and characters of all of them together: some 4 MB with what they prove. */
const MAX_COUNT = 1000;
const MAX_LENGTH = 1_000_000;

/** A token whose signature was verified, and with what. */
export interface VerifiedToken extends SignerNamed {
  /** The keys of its issuer. */
  readonly source: KeySource;
  /** The key that verified it: it must still be one of the issuer's. */
  readonly key: KeyObject;
  readonly principal: Principal;
  /** What binds it to its sender, which is confirmed for each request. */
  readonly binding: Binding;
  /** Seconds since the epoch: the instant at which its claims were checked. */
  readonly checkedAt: number;
}

/**
 * Tokens that this process has verified, by their exact text, so that one that is presented with every request is
 * verified once. Whoever finds a token here still has to look whether its key is one of the issuer's. The oldest make
 * room for new ones.
 */
export class VerifiedTokens {
  readonly #tokens = new Map<string, VerifiedToken>();
  #length = 0;

  /**
   * What was verified of a token, if its claims would be accepted again.
   *
   * @param time seconds since the epoch
   */
  find(text: string, time: number): VerifiedToken | undefined {
    const found = this.#tokens.get(text);
    if (!found) return undefined;
    const { checkedAt, principal } = found;
    // A clock that was set back may stand before the token's `nbf` or `iat`; nothing else of its claims changes but
    // its end.
    return checkedAt <= time && principal.expiresAt !== undefined && time < principal.expiresAt ? found : undefined;
  }

  remember(text: string, token: VerifiedToken): void {
    this.#forget(text);
    this.#tokens.set(text, token);
    this.#length += text.length;
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size <= MAX_COUNT && this.#length <= MAX_LENGTH) break;
      this.#forget(oldest);
    }
  }

  #forget(text: string): void {
    if (this.#tokens.delete(text)) this.#length -= text.length;
  }
}

import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { DpopConfig } from "../../../shared/domain/config/dpop.ts";
import { Refusal } from "../../../shared/domain/reasons/errors.ts";
import { openSecret, type Secret } from "../../../shared/infrastructure/secret/open-secret.ts";
import { isSameHash } from "../same-hash.ts";

/** What the configuration says of nonces. */
export type NonceConfig = NonNullable<DpopConfig["nonce"]>;

/** Minimum length of the secret in bytes. */
const MIN_LENGTH = 16;

/** Bytes of a nonce: nobody guesses 192 bits. */
const LENGTH = 24;

/** Intervals for which a nonce that is too old is known as one, so that the secret's store is not asked about it. */
const REMEMBERED = 100;

/**
 * The nonces of the server (RFC 9449 sections 8 and 9): a keyed hash of the interval of time, so that every instance of
 * every function with the secret makes the same ones, and none has to be stored.
 */
export class Nonces {
  readonly #secret: Secret;
  readonly #lifetime: number;

  /** @param secret by default opened where the configuration says */
  constructor({ secret, lifetime }: NonceConfig, opened: Secret = openSecret(secret, keyOf)) {
    this.#secret = opened;
    this.#lifetime = lifetime;
  }

  /**
   * The nonce that a client should use now.
   *
   * @param time seconds since the epoch
   * @throws {TroubleError} `secret_unavailable`
   */
  async current(time: number): Promise<string> {
    return this.#nonceAt(time, await this.#secret.current());
  }

  /**
   * Demands a nonce of this interval or the one before.
   *
   * @returns the nonce for the next request
   * @throws {Refusal} `dpop_nonce_missing`, `dpop_nonce_expired`, with the nonce to use
   * @throws {TroubleError} `secret_unavailable`
   */
  async demand(nonce: unknown, time: number): Promise<string> {
    const known = await this.#secret.current();
    if (nonce === undefined) throw new Refusal("dpop_nonce_missing", this.#nonceAt(time, known));
    if (this.#isOf(nonce, known, time, 0, 1)) return this.#nonceAt(time, known);
    // One that this instance made is only too old. Another may be made with a secret that this instance has yet to read.
    const key = this.#isOf(nonce, known, time, 2, REMEMBERED) ? known : await this.#secret.newer(known);
    if (this.#isOf(nonce, key, time, 0, 1)) return this.#nonceAt(time, key);
    throw new Refusal("dpop_nonce_expired", this.#nonceAt(time, key));
  }

  /** Whether a nonce was made with a key from `first` to `last` intervals ago. */
  #isOf(nonce: unknown, key: KeyObject, time: number, first: number, last: number): boolean {
    if (typeof nonce !== "string") return false;
    let found = false;
    for (let ago = first; ago <= last; ago++) {
      if (isSameHash(nonce, this.#nonceAt(time - ago * this.#lifetime, key))) found = true;
    }
    return found;
  }

  /** The text is none that an API key or another hash with the same secret could be made of. */
  #nonceAt(time: number, key: KeyObject): string {
    const text = `sallyport dpop nonce ${this.#lifetime} ${Math.floor(time / this.#lifetime)}`;
    return createHmac("sha256", key).update(text).digest().subarray(0, LENGTH).toString("base64url");
  }
}

const keyOf = (bytes: Uint8Array) => (bytes.length >= MIN_LENGTH ? createSecretKey(bytes) : undefined);

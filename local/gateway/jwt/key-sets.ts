import type { JSONWebKeySet, JWK } from "jose";
import { isSecureUrl } from "../../../shared/domain/config/common.ts";
import { parseStrictObject } from "../../../shared/infrastructure/json/strict-json.ts";
import { fetchBytes } from "../../../shared/infrastructure/remote/fetch-bytes.ts";

/** The keys of an issuer could not be fetched. The message is API Gateway's, as users report it. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}

/** Options of the key sets of a gateway. */
export interface KeySetOptions {
  /** Milliseconds in which a discovery document, and then a key set, must be there. */
  readonly timeout: number;
  /** Milliseconds for which API Gateway keeps keys. */
  readonly lifetime: number;
  /** URL of the key set of an issuer, in place of its discovery; for issuers whose keys are elsewhere on this machine. */
  readonly keySetOf?: (issuer: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The largest key set that API Gateway takes, in bytes, as users report it. */
const MAX_LENGTH = 150_000;

interface Known {
  readonly keys: Promise<readonly JWK[]>;
  readonly until: number;
}

/**
 * The key sets of issuers, found by their discovery documents. A set is fetched again for a key that it does not have.
 */
export class KeySets {
  readonly #options: KeySetOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /**
   * The keys with a key id; empty if the issuer has none of this id.
   *
   * @throws {KeysUnavailableError}
   */
  async keysFor(issuer: string, kid: string): Promise<readonly JWK[]> {
    const known = this.#known.get(issuer);
    const isFresh = known !== undefined && known.until > this.#options.now();
    const found = ofId(isFresh ? await known.keys : [], kid);
    return found.length > 0 ? found : ofId(await this.#fetched(issuer), kid);
  }

  async #fetched(issuer: string): Promise<readonly JWK[]> {
    const keys = this.#fetch(issuer);
    this.#known.set(issuer, { keys, until: this.#options.now() + this.#options.lifetime });
    try {
      return await keys;
    } catch (error) {
      this.#known.delete(issuer);
      throw error;
    }
  }

  async #fetch(issuer: string): Promise<readonly JWK[]> {
    const uri = this.#options.keySetOf?.(issuer) ?? (await this.#discovered(issuer));
    const { keys } = await this.#json<Partial<JSONWebKeySet>>(uri, "JWKS communication error");
    return Array.isArray(keys) ? keys : [];
  }

  async #discovered(issuer: string): Promise<string> {
    const trouble = "OIDC discovery endpoint communication error";
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const { jwks_uri: uri } = await this.#json<{ jwks_uri?: unknown }>(url, trouble);
    if (typeof uri !== "string" || !isSecureUrl(uri)) throw new KeysUnavailableError(trouble);
    return uri;
  }

  async #json<T extends object>(url: string, trouble: string): Promise<T> {
    try {
      const bounds = { accept: "application/json", timeout: this.#options.timeout, maxLength: MAX_LENGTH };
      return parseStrictObject(await fetchBytes(url, fetch, bounds)) as T;
    } catch (error) {
      throw new KeysUnavailableError(trouble, { cause: error });
    }
  }
}

const ofId = (keys: readonly JWK[], kid: string) => keys.filter((key) => key.kid === kid);

import { Nonces } from "../providers/confirmation/dpop/nonces.ts";
import type { SecretSource } from "../shared/domain/config/secret.ts";

/** What the configuration has as `dpop.nonce`. */
export interface NonceOptions {
  /** The place of the secret: the same as that of the authorizer. */
  readonly secret: SecretSource;
  /** Seconds for which a nonce is given out: the same as for the authorizer. Default: 300. */
  readonly lifetime?: number;
}

/**
 * The nonces for DPoP proofs that the authorizer accepts. For a route without the authorizer, by which clients of an HTTP
 * API get their first one: send it in the header `DPoP-Nonce`.
 *
 * @example const nonces = dpopNonces({ secret: { secretsManager: "sallyport/dpop-nonce" } });
 */
export function dpopNonces({ secret, lifetime = 300 }: NonceOptions): {
  /** The present nonce. The promise rejects if the secret cannot be read. */
  current(): Promise<string>;
} {
  const nonces = new Nonces({ secret, lifetime });
  return { current: () => nonces.current(Math.floor(Date.now() / 1000)) };
}

import { createSecretKey, type KeyObject } from "node:crypto";
import type { JwtIssuer } from "../../shared/domain/config/jwt.ts";
import type { SecretSource } from "../../shared/domain/config/secret.ts";
import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import { type KeySet, readKeySet } from "./key-set.ts";
import { remoteKeySet } from "./remote-jwks.ts";

/**
 * Finds the keys that may have signed a token.
 *
 * @throws {Refusal} `token_key_unknown`, `token_key_weak`
 * @throws {TroubleError} `key_set_unavailable`, `secret_unavailable`
 */
export type FindKeys = (kid: string | undefined, algorithm: string) => Promise<readonly KeyObject[]>;

/** Builds the source of an issuer's keys. Nothing is fetched before the first token. */
export function createKeySource({ issuer, keys, algorithms }: JwtIssuer, fetch: typeof globalThis.fetch): FindKeys {
  if ("secret" in keys) return (_kid, algorithm) => sharedSecret(keys.secret, algorithm);
  if ("jwks" in keys) {
    const set = readKeySet(keys.jwks.keys, algorithms);
    return async (kid, algorithm) => {
      if (set.isEmpty()) throw new TroubleError("key_set_unavailable");
      return pick(set, kid, algorithm) ?? unknownKey(set, kid);
    };
  }
  const remote = remoteKeySet("jwksUri" in keys ? { jwksUri: keys.jwksUri } : { issuer }, algorithms, fetch);
  return async (kid, algorithm) => {
    const set = await remote.current();
    const found = pick(set, kid, algorithm);
    if (found) return found;
    if (set.isWeak(kid)) throw new Refusal("token_key_weak");
    const newer = await remote.newer(set);
    return pick(newer, kid, algorithm) ?? unknownKey(newer, kid);
  };
}

function pick(set: KeySet, kid: string | undefined, algorithm: string): readonly KeyObject[] | undefined {
  const found = set.candidates(kid, algorithm);
  return found.length > 0 ? found : undefined;
}

function unknownKey(set: KeySet, kid: string | undefined): never {
  throw new Refusal(set.isWeak(kid) ? "token_key_weak" : "token_key_unknown");
}

/** A secret shorter than the hash it feeds can be searched for (RFC 7518 section 3.2). */
async function sharedSecret(source: SecretSource, algorithm: string): Promise<readonly KeyObject[]> {
  const secret = await openSecret(source);
  if (secret.length * 8 < Number(algorithm.slice(2))) throw new TroubleError("secret_unavailable");
  let key = secretKeys.get(secret);
  if (!key) {
    key = createSecretKey(secret);
    secretKeys.set(secret, key);
  }
  return [key];
}

/** One key for one secret: a token that was verified with it is known by it. */
const secretKeys = new WeakMap<Uint8Array, KeyObject>();

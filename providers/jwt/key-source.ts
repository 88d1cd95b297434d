import { createSecretKey, type KeyObject } from "node:crypto";
import type { SigningIssuer } from "../../shared/domain/config/jwt.ts";
import type { SecretSource } from "../../shared/domain/config/secret.ts";
import { Refusal, TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { RemoteValue } from "../../shared/infrastructure/remote/remote-value.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";
import type { KeyFilter } from "./issuer-entry.ts";
import { type KeySet, readKeySet, SPIFFE_USES } from "./key-set.ts";
import { remoteKeySet } from "./remote-jwks.ts";

/** The keys of one issuer. */
export interface KeySource {
  /**
   * Finds the keys that may have signed a token.
   *
   * @param mayUse whether a key may be used, by the issuer that it names. Absent: any may
   * @throws {Refusal} `token_key_unknown`, `token_key_weak`
   * @throws {TroubleError} `key_set_unavailable`, `secret_unavailable`
   */
  find(kid: string | undefined, algorithm: string, mayUse?: KeyFilter): Promise<readonly KeyObject[]>;
  /**
   * Finds keys that are newer than those that were tried and did not sign the token: the issuer may have replaced one
   * under the same `kid`.
   *
   * @throws {TroubleError} if nobody can say yet whether there are any
   */
  findNewer(
    kid: string | undefined,
    algorithm: string,
    tried: readonly KeyObject[],
    mayUse?: KeyFilter,
  ): Promise<readonly KeyObject[]>;
}

/** Builds the source of an issuer's keys. Nothing is fetched before the first token. */
export function createKeySource(entry: SigningIssuer, fetch: typeof globalThis.fetch): KeySource {
  const { issuer, keys, algorithms, preset } = entry;
  if ("secret" in keys) return secretKeySource(keys.secret, algorithms);
  const read = (jwks: readonly unknown[]) =>
    readKeySet(jwks, algorithms, preset === "spiffe" ? SPIFFE_USES : undefined);
  if ("jwks" in keys) return fixedKeySource(read(keys.jwks.keys));
  return remoteKeySource(remoteKeySet("jwksUri" in keys ? { jwksUri: keys.jwksUri } : { issuer }, read, fetch));
}

function fixedKeySource(set: KeySet): KeySource {
  return {
    async find(kid, algorithm, mayUse) {
      if (set.isEmpty()) throw new TroubleError("key_set_unavailable");
      return pick(set, kid, algorithm, mayUse) ?? unknownKey(set, kid);
    },
    findNewer: async () => [],
  };
}

function remoteKeySource(remote: RemoteValue<KeySet>): KeySource {
  return {
    async find(kid, algorithm, mayUse) {
      const set = await remote.current();
      const found = pick(set, kid, algorithm, mayUse);
      if (found) return found;
      if (set.isWeak(kid)) throw new Refusal("token_key_weak");
      const newer = await remote.newer(set, kid);
      return pick(newer, kid, algorithm, mayUse) ?? unknownKey(newer, kid);
    },
    async findNewer(kid, algorithm, tried, mayUse) {
      const set = await remote.current();
      const untried = without(tried, set.candidates(kid, algorithm, mayUse));
      if (untried.length > 0) return untried;
      return without(tried, (await remote.newer(set, kid)).candidates(kid, algorithm, mayUse));
    },
  };
}

function pick(set: KeySet, kid: string | undefined, algorithm: string, mayUse: KeyFilter | undefined) {
  const found = set.candidates(kid, algorithm, mayUse);
  return found.length > 0 ? found : undefined;
}

function unknownKey(set: KeySet, kid: string | undefined): never {
  throw new Refusal(set.isWeak(kid) ? "token_key_weak" : "token_key_unknown");
}

const without = (tried: readonly KeyObject[], keys: readonly KeyObject[]) =>
  keys.filter((key) => !tried.some((each) => each.equals(key)));

/** A shared secret. One that is shorter than the hash it feeds can be searched for (RFC 7518 section 3.2). */
function secretKeySource(source: SecretSource, algorithms: readonly string[]): KeySource {
  const secret = openSecret(source, (bytes) => {
    const key = createSecretKey(bytes);
    return algorithms.some((algorithm) => isLongEnough(key, algorithm)) ? key : undefined;
  });
  return {
    async find(_kid, algorithm) {
      const key = await secret.current();
      if (isLongEnough(key, algorithm)) return [key];
      const newer = await secret.newer(key);
      if (!isLongEnough(newer, algorithm)) throw new TroubleError("secret_unavailable");
      return [newer];
    },
    async findNewer(_kid, algorithm, tried) {
      const key = await secret.current();
      const newer = tried.includes(key) ? await secret.newer(key) : key;
      return without(tried, [newer]).filter((each) => isLongEnough(each, algorithm));
    },
  };
}

const isLongEnough = ({ symmetricKeySize = 0 }: KeyObject, algorithm: string) =>
  symmetricKeySize * 8 >= Number(algorithm.slice(2));

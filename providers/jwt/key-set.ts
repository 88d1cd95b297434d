import { createPublicKey, type KeyObject } from "node:crypto";
import { isObject, type UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import { isWeakRsaKey } from "./weak-rsa.ts";

/** Public keys of one issuer, each bound to one algorithm. */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** `kid`s of keys that were left out because they prove nothing. */
  readonly weak: ReadonlySet<string | undefined>;
}

export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithm: string;
  readonly key: KeyObject;
}

type Jwk = UnknownObject;

/** Keys of a set that are looked at; more is no key set. */
const MAX_KEYS = 64;

/** Keys that are tried for one token where an issuer publishes a `kid` twice. */
const MAX_CANDIDATES = 4;

/** Curve by algorithm (RFC 7518 section 3.4, RFC 8037, RFC 9864). */
const CURVES: Readonly<Record<string, string>> = {
  ES256: "P-256",
  ES384: "P-384",
  ES512: "P-521",
  EdDSA: "Ed25519",
  Ed25519: "Ed25519",
};

/**
 * Takes from a JWK Set (RFC 7517) what can verify a token of the issuer. An entry that is of no use is left out and
 * does not take the others with it: one bad publication must not refuse everybody.
 *
 * @param algorithms of the issuer's entry; a key that names none is bound to the first that fits it
 */
export function readKeySet(jwks: readonly unknown[], algorithms: readonly string[]): KeySet {
  const keys: VerificationKey[] = [];
  const weak = new Set<string | undefined>();
  for (const jwk of jwks.slice(0, MAX_KEYS)) {
    if (!isVerificationJwk(jwk)) continue;
    const kid = typeof jwk.kid === "string" ? jwk.kid : undefined;
    const algorithm = algorithmOf(jwk, algorithms);
    const key = algorithm && importKey(jwk);
    if (!algorithm || !key) continue;
    if (jwk.kty === "RSA" && isWeakRsaKey(String(jwk.n), String(jwk.e))) weak.add(kid);
    else keys.push({ kid, algorithm, key });
  }
  return { keys, weak };
}

/** Keys that may have signed a token with this header, best first. */
export function candidates({ keys }: KeySet, kid: string | undefined, algorithm: string): VerificationKey[] {
  return keys
    .filter((key) => key.algorithm === algorithm && (kid === undefined || key.kid === kid))
    .slice(0, MAX_CANDIDATES);
}

/**
 * A public key made for signatures. A private or symmetric key in a public place has no secret left to prove anything
 * with.
 */
function isVerificationJwk(jwk: unknown): jwk is Jwk {
  if (!isObject(jwk)) return false;
  const { kty, use, key_ops: operations, d } = jwk;
  return (
    (kty === "RSA" || kty === "EC" || kty === "OKP") &&
    d === undefined &&
    (use === undefined || use === "sig") &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("verify")))
  );
}

function algorithmOf(jwk: Jwk, algorithms: readonly string[]): string | undefined {
  const fitting = algorithms.filter((algorithm) =>
    jwk.kty === "RSA" ? /^[RP]S/.test(algorithm) : CURVES[algorithm] !== undefined && CURVES[algorithm] === jwk.crv,
  );
  if (jwk.alg === undefined) return fitting[0];
  // Two names of one algorithm: EdDSA with this curve, and its fully specified name (RFC 9864).
  const named = fitting.find((algorithm) => algorithm === jwk.alg);
  return named ?? (jwk.crv === "Ed25519" && (jwk.alg === "EdDSA" || jwk.alg === "Ed25519") ? fitting[0] : undefined);
}

function importKey(jwk: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({ format: "jwk", key: jwk as Record<string, string> });
  } catch {
    return undefined;
  }
}

import { createPublicKey, type KeyObject } from "node:crypto";
import { isObject, type UnknownObject } from "../../shared/domain/object/unknown-object.ts";
import type { KeyFilter } from "./issuer-entry.ts";
import { isWeakRsaKey } from "./weak-rsa.ts";

/** Public keys of one issuer, each bound to one algorithm. */
export interface KeySet {
  /** Whether it has no key that proves anything, and none that is only too weak to. */
  isEmpty(): boolean;
  /**
   * Keys that may have signed a token with this header, in the order of the set.
   *
   * @param mayUse whether a key may be used, by the issuer that it names. Absent: any may
   */
  candidates(kid: string | undefined, algorithm: string, mayUse?: KeyFilter): readonly KeyObject[];
  /** Whether a key of this `kid` is left out because it proves nothing. */
  isWeak(kid: string | undefined): boolean;
}

type Jwk = UnknownObject;

/** A key of a set. It is read when the first token asks for it: a set may have thousands of keys for other callers. */
interface Entry {
  readonly kid: string | undefined;
  readonly algorithm: string;
  /** The `issuer` of a key of Entra. */
  readonly issuer: unknown;
  readonly key: () => KeyObject | "weak" | "damaged";
}

/** Keys that are tried for one token where an issuer publishes a `kid` twice, or a token names none. */
const MAX_CANDIDATES = 4;

/** Values of `use` of keys that verify signatures (RFC 7517 section 4.2). */
const USES: readonly unknown[] = [undefined, "sig"];

/**
 * The same for JWT-SVIDs: a trust bundle has keys of `x509-svid` too (JWT-SVID section 6.1), and the discovery of a
 * trust domain by OpenID Connect says `sig`.
 */
export const SPIFFE_USES: readonly unknown[] = [undefined, "sig", "jwt-svid"];

/** Curve by algorithm (RFC 7518 section 3.4, RFC 8037). */
const CURVES: ReadonlyMap<string, string> = new Map([
  ["ES256", "P-256"],
  ["ES384", "P-384"],
  ["ES512", "P-521"],
  ["EdDSA", "Ed25519"],
]);

/**
 * Members of private keys (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2) and of symmetric ones (section
 * 6.4.1).
 */
export const PRIVATE_MEMBERS: readonly string[] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/**
 * Takes from a JWK Set (RFC 7517) what can verify a token of the issuer. An entry that is of no use is left out and
 * does not take the others with it: one bad publication must not refuse everybody.
 *
 * @param algorithms of the issuer's entry; a key that names none is bound to the first that fits it
 * @param uses accepted values of `use`
 */
export function readKeySet(jwks: readonly unknown[], algorithms: readonly string[], uses = USES): KeySet {
  const entries = jwks.flatMap((jwk) => entryOf(jwk, algorithms, uses) ?? []);
  const byKid = Map.groupBy(entries, ({ kid }) => kid);
  return {
    isEmpty: () => entries.every(({ key }) => key() === "damaged"),
    candidates: (kid, algorithm, mayUse) =>
      firstUsable((kid === undefined ? entries : byKid.get(kid)) ?? [], canonicalName(algorithm), mayUse),
    isWeak: (kid) => byKid.get(kid)?.some(({ key }) => key() === "weak") ?? false,
  };
}

function firstUsable(entries: readonly Entry[], algorithm: unknown, mayUse?: KeyFilter): readonly KeyObject[] {
  const found: KeyObject[] = [];
  for (const entry of entries) {
    if (found.length === MAX_CANDIDATES) break;
    const fits = entry.algorithm === algorithm && (!mayUse || mayUse(entry.issuer));
    const key = fits ? entry.key() : "damaged";
    if (typeof key !== "string") found.push(key);
  }
  return found;
}

function entryOf(jwk: unknown, algorithms: readonly string[], uses: readonly unknown[]): Entry | undefined {
  if (!isVerificationJwk(jwk, uses)) return undefined;
  const algorithm = algorithmOf(jwk, algorithms);
  if (algorithm === undefined) return undefined;
  let read: ReturnType<Entry["key"]> | undefined;
  return {
    kid: typeof jwk.kid === "string" ? jwk.kid : undefined,
    algorithm,
    issuer: jwk.issuer,
    key: () => {
      read ??= readKey(jwk);
      return read;
    },
  };
}

/**
 * A public key made for signatures. A private or symmetric key in a public place has no secret left to prove anything
 * with.
 */
function isVerificationJwk(jwk: unknown, uses: readonly unknown[]): jwk is Jwk {
  if (!isObject(jwk)) return false;
  const { kty, use, key_ops: operations } = jwk;
  return (
    (kty === "RSA" || kty === "EC" || kty === "OKP") &&
    !PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name)) &&
    uses.includes(use) &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("verify")))
  );
}

function algorithmOf(jwk: Jwk, algorithms: readonly string[]): string | undefined {
  const fitting = algorithms
    .map(canonicalName)
    .filter((algorithm) =>
      jwk.kty === "RSA" ? /^[RP]S/.test(algorithm) : CURVES.has(algorithm) && CURVES.get(algorithm) === jwk.crv,
    );
  return jwk.alg === undefined ? fitting[0] : fitting.find((algorithm) => algorithm === canonicalName(jwk.alg));
}

/** `Ed25519` is the fully specified name of `EdDSA` with this curve, the only one that is supported (RFC 9864). */
const canonicalName = <T>(algorithm: T) => (algorithm === "Ed25519" ? "EdDSA" : algorithm);

function readKey(jwk: Jwk): KeyObject | "weak" | "damaged" {
  try {
    const key = createPublicKey({ format: "jwk", key: jwk as Record<string, string> });
    return jwk.kty === "RSA" && isWeakRsaKey(String(jwk.n), String(jwk.e)) ? "weak" : key;
  } catch {
    return "damaged";
  }
}

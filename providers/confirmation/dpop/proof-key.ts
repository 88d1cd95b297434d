import type { KeyObject } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";
import type { DpopConfig } from "../../../shared/domain/config/dpop.ts";
import { demand } from "../../../shared/domain/reasons/errors.ts";
import { readKeySet } from "../../jwt/key-set.ts";
import type { UnverifiedProof } from "./read-proof.ts";

/** The public key that a proof brings along, and how it is known. */
export interface ProofKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  /** The SHA-256 of its JWK (RFC 7638), base64url. */
  readonly thumbprint: string;
}

/**
 * Reads the key of a proof by the rules for issuers' keys: a public one, for signatures, of the kind that the algorithm
 * needs, and strong.
 *
 * @throws {Refusal} `dpop_algorithm_not_allowed`, `dpop_key_weak`, `dpop_proof_malformed`
 */
export async function proofKeyOf(
  { algorithm: stated, jwk }: UnverifiedProof,
  { algorithms }: Pick<DpopConfig, "algorithms">,
): Promise<ProofKey> {
  const algorithm = algorithms.find((allowed) => allowed === stated);
  demand(algorithm, "dpop_algorithm_not_allowed");
  // The name that a client may have given its key is not asked for: there is but one.
  const { kid: _, ...own } = jwk;
  const set = readKeySet([own], [algorithm]);
  demand(!set.isWeak(undefined), "dpop_key_weak");
  const [key] = set.candidates(undefined, algorithm);
  demand(key, "dpop_proof_malformed");
  return { key, algorithm, thumbprint: await calculateJwkThumbprint(own as JWK) };
}

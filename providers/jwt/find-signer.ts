import type { KeyObject } from "node:crypto";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import type { KeyFilter } from "./issuer-entry.ts";
import type { KeySource } from "./key-source.ts";
import { verifySignature } from "./signature.ts";

/** What a token says of the key that signed it. */
export interface SignerNamed {
  readonly kid: string | undefined;
  readonly algorithm: string;
  /** Whether a key may be used, by the issuer that it names. Absent: any may. */
  readonly mayUse?: KeyFilter | undefined;
}

/**
 * Finds the key of an issuer that signed a token. A token that none of the known keys signed may be signed by a newer
 * one, also under the same `kid` or without any.
 *
 * @throws {Refusal} `token_signature_invalid`, `token_key_unknown`, `token_key_weak`
 * @throws {TroubleError} `key_set_unavailable`, `secret_unavailable`
 */
export async function findSigner(
  text: string,
  { kid, algorithm, mayUse }: SignerNamed,
  source: KeySource,
): Promise<KeyObject> {
  const known = await source.find(kid, algorithm, mayUse);
  const signer = await verifySignature(text, known, algorithm);
  if (signer) return signer;
  const newer = await source.findNewer(kid, algorithm, known, mayUse);
  const newSigner = await verifySignature(text, newer, algorithm);
  if (newSigner) return newSigner;
  throw new Refusal("token_signature_invalid");
}

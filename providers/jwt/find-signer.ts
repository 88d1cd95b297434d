import type { KeyObject } from "node:crypto";
import { Refusal } from "../../shared/domain/reasons/errors.ts";
import type { KeySource } from "./key-source.ts";
import { verifySignature } from "./signature.ts";

/**
 * Finds the key of an issuer that signed a token. A token that none of the known keys signed may be signed by a newer
 * one, also under the same `kid` or without any.
 *
 * @throws {Refusal} `token_signature_invalid`, `token_key_unknown`, `token_key_weak`
 * @throws {TroubleError} `key_set_unavailable`, `secret_unavailable`
 */
export async function findSigner(
  text: string,
  { kid, algorithm }: { readonly kid: string | undefined; readonly algorithm: string },
  source: KeySource,
): Promise<KeyObject> {
  const known = await source.find(kid, algorithm);
  const signer = await verifySignature(text, known, algorithm);
  if (signer) return signer;
  const newer = await source.findNewer(kid, algorithm, known);
  const newSigner = await verifySignature(text, newer, algorithm);
  if (newSigner) return newSigner;
  throw new Refusal("token_signature_invalid");
}

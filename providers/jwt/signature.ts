import type { KeyObject } from "node:crypto";
import { compactVerify, errors } from "jose";

/**
 * Verifies the signature of a compact JWS with one of the keys.
 *
 * @returns the key that made it, or undefined if none of them did
 */
export async function verifySignature(
  text: string,
  keys: readonly KeyObject[],
  algorithm: string,
): Promise<KeyObject | undefined> {
  for (const key of keys) {
    try {
      await compactVerify(text, key, { algorithms: [algorithm] });
      return key;
    } catch (error) {
      // Whatever jose has against this token is the token's fault: header and key were checked before. The rest is
      // ours.
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}

import { createHmac, createSecretKey } from "node:crypto";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { openSecret } from "../../shared/infrastructure/secret/open-secret.ts";

/** Minimum length of a pepper in bytes. */
const MIN_LENGTH = 16;

/**
 * HMAC-SHA-256 of a key with a pepper. A key with 256 random bits needs no slow hash. Without the pepper, a thief of
 * the table cannot check whether it contains a key found elsewhere.
 *
 * @throws {TroubleError} `secret_unavailable`; `key_record_invalid` if the configuration has no such pepper
 */
export async function hashApiKey(
  text: string,
  pepperId: string,
  { peppers }: ApiKeysConfig,
): Promise<Uint8Array<ArrayBuffer>> {
  const pepper = peppers.find(({ id }) => id === pepperId);
  if (!pepper) throw new TroubleError("key_record_invalid");
  const secret = await openSecret(pepper.secret);
  if (secret.length < MIN_LENGTH) throw new TroubleError("secret_unavailable");
  // Node.js takes several times as long to accept bytes as a key as it takes for a KeyObject.
  return Uint8Array.from(createHmac("sha256", createSecretKey(secret)).update(text).digest());
}

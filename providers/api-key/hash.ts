import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import { openSecret, type Secret } from "../../shared/infrastructure/secret/open-secret.ts";

/** Minimum length of a pepper in bytes. */
const MIN_LENGTH = 16;

const opened = new WeakMap<ApiKeysConfig["peppers"][number], Secret>();

/**
 * A pepper of the configuration. Its current value is the same as long as the process knows no newer one.
 *
 * @throws {TroubleError} `key_record_invalid` if the configuration has no such pepper
 */
export function pepperOf(id: string, { peppers }: ApiKeysConfig): Secret {
  const pepper = peppers.find((each) => each.id === id);
  if (!pepper) throw new TroubleError("key_record_invalid");
  const known = opened.get(pepper);
  if (known) return known;
  const secret = openSecret(pepper.secret, (bytes) =>
    bytes.length >= MIN_LENGTH ? createSecretKey(bytes) : undefined,
  );
  opened.set(pepper, secret);
  return secret;
}

/**
 * HMAC-SHA-256 of a key with a pepper. A key with 256 random bits needs no slow hash. Without the pepper, a thief of
 * the table cannot check whether it contains a key found elsewhere.
 */
export const hashApiKey = (text: string, pepper: KeyObject): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHmac("sha256", pepper).update(text).digest());

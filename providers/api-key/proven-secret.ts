import { timingSafeEqual } from "node:crypto";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { demand, TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { ApiKey } from "./format.ts";
import { hashApiKey, pepperOf } from "./hash.ts";
import type { KeyRecord } from "./record.ts";

/** One of the two secrets that a key can have. */
export interface KeySecret {
  readonly hash: Uint8Array;
  readonly pepper: string;
  /** The second from which the secret is refused, since the epoch. Absent: it is the current secret. */
  readonly until?: number;
}

/** The secret of the record that a key has. @throws {Refusal} `key_mismatch` */
export async function provenSecret(
  key: ApiKey,
  record: KeyRecord,
  config: ApiKeysConfig,
  time: number,
): Promise<KeySecret> {
  const secrets = secretsOf(record, config, time);
  const proven = (await secretIn(secrets, key, config, false)) ?? (await secretIn(secrets, key, config, true));
  demand(proven, "key_mismatch");
  // The hash covers the environment. A record with another environment was copied by hand.
  if (record.environment !== key.environment) throw new TroubleError("key_record_invalid");
  return proven;
}

function secretsOf(record: KeyRecord, { peppers }: ApiKeysConfig, time: number): KeySecret[] {
  const { hash, pepper, previousHash, previousPepper, previousUntil: until } = record;
  const secrets: KeySecret[] = [{ hash, pepper }];
  if (!previousHash || until === undefined || previousPepper === undefined) return secrets;
  // The pepper of a secret may be retired when its grace has ended.
  const isConfigured = peppers.some(({ id }) => id === previousPepper);
  if (until > time || isConfigured) secrets.push({ hash: previousHash, pepper: previousPepper, until });
  return secrets;
}

/** @param isNewer whether the peppers are read again: the known ones may be wrong, or have been corrected */
async function secretIn(secrets: readonly KeySecret[], { text }: ApiKey, config: ApiKeysConfig, isNewer: boolean) {
  for (const secret of secrets) {
    const pepper = pepperOf(secret.pepper, config);
    const known = await pepper.current();
    const value = isNewer ? await pepper.newer(known) : known;
    if ((!isNewer || value !== known) && timingSafeEqual(hashApiKey(text, value), secret.hash)) return secret;
  }
  return undefined;
}

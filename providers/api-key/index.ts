import { timingSafeEqual } from "node:crypto";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { demand, TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CredentialWarning } from "../../shared/domain/reasons/reasons.ts";
import type { Provider, ProviderFactory } from "../provider.ts";
import { isTooOld } from "../reading-age.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { type ApiKey, parseApiKey } from "./format.ts";
import { hashApiKey, pepperOf } from "./hash.ts";
import type { KeyRecord } from "./record.ts";
import type { KeyStore } from "./store.ts";
import { UnknownKeys } from "./unknown-keys.ts";

/** External services of the provider. */
export interface ApiKeyDependencies {
  /** Opens the key table. Called for the first key that needs it, which loads the AWS SDK. */
  readonly openStore?: (table: string) => Promise<KeyStore>;
}

const openDynamoDb = async (table: string) => (await import("./dynamodb-store.ts")).dynamoDbStore(table);

/** The provider of API keys, for `createAuthorizer` of `sallyport/core`. */
export const apiKey: ProviderFactory = ({ apiKeys: config }) => config && apiKeyProvider(config);

/**
 * Creates the provider of API keys. Shape, checksum and environment are checked before the table is read. The secret is
 * compared before the state of the key, so a caller who knows only the ID learns nothing about the state.
 */
export function apiKeyProvider(config: ApiKeysConfig, { openStore = openDynamoDb }: ApiKeyDependencies = {}): Provider {
  let store: Promise<KeyStore> | undefined;
  const unknown = new UnknownKeys();

  async function verify(text: string, time: number, signal: AbortSignal): Promise<Verdict> {
    const key = parseApiKey(text, config.prefix);
    demand(key.environment === config.environment, "key_environment_mismatch");
    let reading = await readProven(key, time, signal);
    // A pepper that was opened for the first time may have taken too long. Now it is known, and another reading counts.
    if (isTooOld(reading.readAt)) reading = await readProven(key, time, signal);
    const { record, secret, readAt } = reading;
    checkState(record, time);
    demand(secret.until === undefined || secret.until > time, "key_secret_replaced");
    const warnings: CredentialWarning[] = secret.until === undefined ? [] : ["key_secret_superseded"];
    return { ...authenticated(principalOf(record, secret), warnings), readAt };
  }

  /** Reads the record of a key, and finds the key's secret in it. */
  async function readProven(key: ApiKey, time: number, signal: AbortSignal) {
    demand(!unknown.has(key.id), "key_unknown");
    store ??= openStore(config.table);
    const { record, readAt } = await (await store).get(key.id, signal);
    if (!record) unknown.add(key.id, readAt);
    demand(record, "key_unknown");
    return { record, readAt, secret: await provenSecret(key, record, config, time) };
  }

  return {
    name: "api-key",
    // X-Api-Key may also contain an API Gateway API key for a usage plan. It does not have our prefix.
    recognises: ({ scheme, value }) =>
      (scheme === "api-key" || scheme === "bearer") && value.startsWith(`${config.prefix}_`),
    verify: ({ value }, { time }, signal) => verify(value, time, signal).catch(verdictOf),
  };
}

/** One of the two secrets that a key can have. */
interface KeySecret {
  readonly hash: Uint8Array;
  readonly pepper: string;
  /** The second from which the secret is refused, since the epoch. Absent: it is the current secret. */
  readonly until?: number;
}

/** The secret of the record that a key has. @throws {Refusal} `key_mismatch` */
async function provenSecret(key: ApiKey, record: KeyRecord, config: ApiKeysConfig, time: number): Promise<KeySecret> {
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

function checkState({ status, expiresAt }: KeyRecord, time: number): void {
  demand(status !== "revoked", "key_revoked");
  demand(status !== "disabled", "key_disabled");
  demand(expiresAt === undefined || expiresAt > time, "key_expired");
}

/** A caller with the previous secret is one only until the secret is refused. */
function endOf({ expiresAt = Number.POSITIVE_INFINITY }: KeyRecord, { until = Number.POSITIVE_INFINITY }: KeySecret) {
  const end = Math.min(expiresAt, until);
  return Number.isFinite(end) ? end : undefined;
}

function principalOf(record: KeyRecord, secret: KeySecret): Principal {
  return withoutUndefined({
    provider: "api-key",
    subject: record.subject ?? record.id,
    kind: "client",
    kindFrom: "api_key",
    issuer: `api-keys:${record.environment}`,
    tenant: record.tenant,
    scopes: record.scopes,
    roles: record.roles,
    addresses: record.addresses,
    issuedAt: record.createdAt,
    expiresAt: endOf(record, secret),
    attributes: { ...record.attributes, keyId: record.id },
    usageIdentifierKey: record.usageIdentifierKey,
  });
}

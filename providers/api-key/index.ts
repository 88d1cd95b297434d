import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import { openedOnce } from "../../shared/domain/opened-once.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { demand } from "../../shared/domain/reasons/errors.ts";
import type { CredentialWarning } from "../../shared/domain/reasons/reasons.ts";
import type { Provider, ProviderFactory } from "../provider.ts";
import { isTooOld } from "../reading-age.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { type ApiKey, parseApiKey } from "./format.ts";
import { type KeySecret, provenSecret } from "./proven-secret.ts";
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
  const opened = openedOnce(() => openStore(config.table), "key_store_unavailable");
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
    const { record, readAt } = await (await opened()).get(key.id, signal);
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

/** A rotation issues a new secret. When the secret before it was issued is known of the first one alone. */
const issuedAtOf = ({ createdAt, rotatedAt = createdAt }: KeyRecord, { until }: KeySecret) =>
  until === undefined ? rotatedAt : createdAt;

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
    issuedAt: issuedAtOf(record, secret),
    expiresAt: endOf(record, secret),
    attributes: { ...record.attributes, keyId: record.id },
    usageIdentifierKey: record.usageIdentifierKey,
  });
}

import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { ApiKeysConfig } from "../../shared/domain/config/api-keys.ts";
import { withoutUndefined } from "../../shared/domain/object/without-undefined.ts";
import type { Principal } from "../../shared/domain/principal/principal.ts";
import { demand, TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { Provider, ProviderFactory } from "../provider.ts";
import { authenticated, type Verdict, verdictOf } from "../verdict.ts";
import { type ApiKey, parseApiKey } from "./format.ts";
import { hashApiKey, pepperOf } from "./hash.ts";
import type { KeyRecord } from "./record.ts";
import type { KeyStore } from "./store.ts";

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

  async function verify(text: string, time: number, signal: AbortSignal): Promise<Verdict> {
    const key = parseApiKey(text, config.prefix);
    demand(key.environment === config.environment, "key_environment_mismatch");
    store ??= openStore(config.table);
    const record = await (await store).get(key.id, signal);
    demand(record, "key_unknown");
    await checkSecret(key, record, config);
    checkState(record, time);
    return authenticated(principalOf(record));
  }

  return {
    name: "api-key",
    // X-Api-Key may also contain an API Gateway API key for a usage plan. It does not have our prefix.
    recognises: ({ scheme, value }) =>
      (scheme === "api-key" || scheme === "bearer") && value.startsWith(`${config.prefix}_`),
    verify: ({ value }, { time }, signal) => verify(value, time, signal).catch(verdictOf),
  };
}

async function checkSecret(key: ApiKey, record: KeyRecord, config: ApiKeysConfig): Promise<void> {
  const pepper = pepperOf(record.pepper, config);
  const known = await pepper.current();
  if (!matches(key, record, known)) {
    // The known pepper may be wrong, or the secret may have been corrected.
    const newer = await pepper.newer(known);
    demand(newer !== known && matches(key, record, newer), "key_mismatch");
  }
  // The hash covers the environment. A record with another environment was copied by hand.
  if (record.environment !== key.environment) throw new TroubleError("key_record_invalid");
}

const matches = ({ text }: ApiKey, { hash }: KeyRecord, pepper: KeyObject) =>
  timingSafeEqual(hashApiKey(text, pepper), hash);

function checkState({ status, expiresAt }: KeyRecord, time: number): void {
  demand(status !== "revoked", "key_revoked");
  demand(status !== "disabled", "key_disabled");
  demand(expiresAt === undefined || expiresAt > time, "key_expired");
}

function principalOf(record: KeyRecord): Principal {
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
    expiresAt: record.expiresAt,
    attributes: { ...record.attributes, keyId: record.id },
    usageIdentifierKey: record.usageIdentifierKey,
  });
}

import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { LOCAL_AWS } from "./aws-environment.ts";
import { createLocalTables, LOCAL, localConfig, localSecrets } from "./configuration.ts";
import { type DynamoDb, useDynamoDb } from "./database.ts";
import { EXAMPLE_RULES } from "./example-rules.ts";
import { createIdentities, type Identities } from "./identities.ts";
import { type IntrospectionServer, startIntrospectionServer } from "./introspection-server.ts";
import { createIssuers, type Issuers, signWithIdentity } from "./issuers.ts";
import { type OpenIdProvider, startOpenIdProvider } from "./openid-provider.ts";

/** Options of a stage. */
export interface StageOptions {
  /**
   * Address and port of the OpenID provider. Without it there is none, and the configuration contains the key of the
   * JWT issuer.
   */
  readonly openId?: { readonly host: string; readonly port: number };
  /** Address on which an embedded database listens; by default 127.0.0.1. */
  readonly databaseHost?: string;
  /** Name of the table of API keys; by default `LOCAL.table`. */
  readonly table?: string;
  /** Name of the table of entitlements; by default `LOCAL.entitlementsTable`. */
  readonly entitlementsTable?: string;
}

/** The servers that callers and the authorizer need: identity providers, and a database with its tables. */
export interface Stage {
  readonly identities: Identities;
  /** The configuration of an authorizer that trusts the issuers of this stage. */
  readonly config: SallyportConfig;
  /** The OpenID provider, if there is one. */
  readonly openId?: OpenIdProvider;
  /** The introspection server, if there is an OpenID provider. */
  readonly introspection?: IntrospectionServer;
  /** The environment variables of an authorizer: AWS endpoints and secrets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly database: Pick<DynamoDb, "endpoint" | "changes">;
  /**
   * The issuers of credentials, with their clocks at `time`.
   *
   * @param time seconds since the epoch
   * @param config the authorizer's configuration; by default `config`
   */
  issuersAt(time: number, config?: SallyportConfig): Issuers;
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider, an introspection server and a DynamoDB with tables, or uses the DynamoDB that
 * `AWS_ENDPOINT_URL_DYNAMODB` names.
 * AWS clients of this process use that database too.
 *
 * @throws {NodeJS.ErrnoException} `EADDRINUSE` if the OpenID provider's port is in use
 */
export async function startStage({
  openId,
  databaseHost,
  table = LOCAL.table,
  entitlementsTable = LOCAL.entitlementsTable,
}: StageOptions = {}): Promise<Stage> {
  await using cleanup = new AsyncDisposableStack();
  const identities = await createIdentities();
  const provider = openId && (await startOpenIdProvider(openId.host, openId.port));
  if (provider) cleanup.defer(provider.close);
  const introspection = openId && (await startIntrospectionServer(identities, openId.host));
  if (introspection) cleanup.defer(introspection.close);
  const dynamoDb = await useDynamoDb(databaseHost);
  cleanup.defer(dynamoDb.close);
  const aws = { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint };
  Object.assign(process.env, aws);
  await createLocalTables(dynamoDb.endpoint, table, entitlementsTable);
  const sign = provider?.sign ?? (await signWithIdentity(identities));
  const jwt = provider && { issuer: provider.issuer, keys: { discovery: true } as const };
  const keys = provider && { jwksUri: provider.keySet };
  const trusting = localConfig(identities, jwt, undefined, keys, introspection?.endpoint);
  const config = {
    ...trusting,
    routes: [...trusting.routes, ...EXAMPLE_RULES],
    ...(trusting.apiKeys && { apiKeys: { ...trusting.apiKeys, table } }),
    entitlements: { table: entitlementsTable },
  };
  const running = cleanup.move();
  return {
    identities,
    config,
    ...(provider && { openId: provider }),
    ...(introspection && { introspection }),
    database: dynamoDb,
    environment: { ...aws, ...localSecrets(identities) },
    issuersAt: (time, other = config) => createIssuers(identities, other, sign, time),
    close: () => running.disposeAsync(),
  };
}

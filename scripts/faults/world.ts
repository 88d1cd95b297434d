import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTable, type DynamoDb, startDynamoDb } from "../../local/stage/database.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { entitlementsTableDefinition, tableDefinition } from "../../shared/infrastructure/dynamodb/table.ts";
import { METADATA_ISSUER, OPAQUE_ISSUER, type PartyName, startParties } from "./parties.ts";
import type { Party } from "./party.ts";
import { type Keys, makeKeys, type Published, publish } from "./published.ts";

/** Names that the parties, the configuration and the callers share. */
export const NAMES = {
  audience: "https://api.example.com",
  /** Issuers whose keys are in the configuration. */
  here: "https://here.example.com",
  samlHere: "https://idp.example.com/here",
  keys: "https://keys.example.com",
  secret: "https://secret.example.com",
  samlMetadata: METADATA_ISSUER,
  recipient: "https://api.example.com/acs",
  table: "keys",
  uses: "uses",
  entitlements: "entitlements",
  opaque: OPAQUE_ISSUER,
} as const;

const AWS = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** The parties of an authorizer, its configuration and environment, and what its issuers sign with. */
export interface World {
  readonly parties: Readonly<Record<PartyName, Party>>;
  readonly published: Published;
  readonly keys: Keys;
  readonly config: SallyportConfig;
  readonly environment: Readonly<Record<string, string>>;
  /** The database behind the party. */
  readonly database: DynamoDb;
  close(): Promise<void>;
}

/** The variable with the client secret for the introspection server. */
const CLIENT_SECRET = "SALLYPORT_FAULTS_CLIENT_SECRET";

/**
 * Starts all parties in health. AWS clients of this process use the database behind them.
 *
 * @param isEntitled whether the function reads the table of entitlements for every caller
 */
export async function startWorld(isEntitled = false): Promise<World> {
  await using cleanup = new AsyncDisposableStack();
  const keys = await makeKeys();
  const published = publish(keys);
  const folder = await mkdtemp(join(tmpdir(), "sallyport-faults-"));
  cleanup.defer(() => rm(folder, { recursive: true }));
  Object.assign(process.env, AWS);
  const database = await startDynamoDb();
  cleanup.defer(database.close);
  for (const name of [NAMES.table, NAMES.uses]) await createTable(database.endpoint, tableDefinition(name));
  await createTable(database.endpoint, entitlementsTableDefinition(NAMES.entitlements));
  const parties = await startParties(published, keys, database.endpoint, cleanup);

  const config = {
    ...configOf(parties, keys),
    ...(isEntitled && { entitlements: { table: NAMES.entitlements } }),
  };
  const [authority, file] = [join(folder, "ca.pem"), join(folder, "config.json")];
  await writeFile(authority, keys.certificates[0].cert);
  await writeFile(file, JSON.stringify(config));
  const environment = {
    ...AWS,
    AWS_ENDPOINT_URL_DYNAMODB: (isEntitled ? parties.entitlements : parties.DynamoDB).origin,
    AWS_ENDPOINT_URL_KMS: parties.KMS.origin,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: parties["Secrets Manager"].origin,
    AWS_ENDPOINT_URL_SSM: parties.SSM.origin,
    NODE_EXTRA_CA_CERTS: authority,
    POWERTOOLS_SERVICE_NAME: "sallyport",
    [CLIENT_SECRET]: "a secret of the client, for this run",
    SALLYPORT_CACHED_BY: "none",
    SALLYPORT_CACHE_TTL: "0",
    SALLYPORT_CONFIG: `file:${file}`,
  };
  const running = cleanup.move();
  return { parties, published, keys, config, environment, database, close: () => running.disposeAsync() };
}

function configOf(parties: World["parties"], { jwtKey, identity }: Keys): SallyportConfig {
  const issuer = { audience: NAMES.audience, algorithms: ["ES256" as const] };
  return {
    jwt: {
      issuers: [
        { ...issuer, issuer: NAMES.here, keys: { jwks: { keys: [{ ...jwtKey.jwk, kty: "EC" }] } } },
        { ...issuer, issuer: NAMES.keys, keys: { jwksUri: `${parties["key server"].origin}/jwks` } },
        { ...issuer, issuer: parties.discovery.origin, keys: { discovery: true } },
        { ...issuer, issuer: NAMES.secret, algorithms: ["HS256"], keys: { secret: { ssm: "/shared" } } },
        {
          ...{ issuer: NAMES.opaque, audience: NAMES.audience },
          introspection: {
            tokens: { prefix: "op_" },
            endpoint: `${parties.introspection.origin}/introspect`,
            client: { clientId: "sallyport", secret: { environment: CLIENT_SECRET } },
          },
        },
      ],
    },
    saml: {
      audience: NAMES.audience,
      recipients: NAMES.recipient,
      replayTable: NAMES.uses,
      decryption: { keys: [{ kms: Buffer.from("ciphertext").toString("base64") }] },
      identityProviders: [
        { issuer: NAMES.samlHere, certificates: [identity.certificate] },
        { issuer: NAMES.samlMetadata, metadata: { url: `${parties.metadata.origin}/metadata` } },
      ],
    },
    apiKeys: { table: NAMES.table, peppers: [{ id: "p1", secret: { secretsManager: "pepper" } }] },
    routes: [{ name: "all", methods: ["GET"], paths: ["/whoami"] }],
  };
}

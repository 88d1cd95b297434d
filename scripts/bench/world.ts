import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTable, useDynamoDb } from "../../local/stage/database.ts";
import { createSigningIdentity, type SigningIdentity } from "../../local/stage/saml/signing.ts";
import bundled from "../../sallyport.config.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { tableDefinition } from "../../shared/infrastructure/dynamodb/table.ts";
import { ecKey, edKey, rsaKey, type SigningKey } from "../../test/providers/jwt/mint.ts";
import { type RemoteParties, startRemoteParties } from "./remote-parties.ts";

export const NAMES = {
  issuer: "https://id.bench.example",
  audience: "https://api.bench.example",
  samlIssuer: "https://idp.bench.example/metadata",
  samlAudience: "https://api.bench.example/saml",
  samlRecipient: "https://api.bench.example/saml/acs",
  table: "bench-keys",
  assertions: "bench-assertions",
  entitlements: "bench-entitlements",
  pepper: "BENCH_PEPPER",
} as const;

export const ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

type Variables = Readonly<Record<string, string>>;

/** The environment of the measured processes: keys, servers, a configuration, and a folder with their input. */
export interface World {
  readonly folder: string;
  readonly keys: Readonly<Record<Algorithm, SigningKey>>;
  readonly saml: SigningIdentity;
  readonly config: SallyportConfig;
  readonly remote: RemoteParties;
  /** The DynamoDB at AWS_ENDPOINT_URL_DYNAMODB, or an embedded one. */
  readonly database: string;
  /** Whether the database is the one at AWS_ENDPOINT_URL_DYNAMODB. */
  readonly isDatabaseGiven: boolean;
  /** Time at which credentials are issued, in seconds since the epoch. */
  readonly time: number;
  /** Environment variables of every measured process. Their table is the stub. */
  readonly environment: Variables;
  /** Writes a configuration, and returns the environment variables that name it. */
  configured(name: string, config: SallyportConfig): Promise<Variables>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const keys = { RS256: rsaKey("r1"), ES256: ecKey("e1"), EdDSA: edKey("d1") };
  const jwks = { keys: Object.values(keys).map(({ jwk }) => ({ ...jwk, kty: String(jwk.kty), use: "sig" })) };
  const saml = await createSigningIdentity();
  const remote = await startRemoteParties(jwks);
  const folder = await mkdtemp(join(tmpdir(), "sallyport-bench-"));
  Object.assign(process.env, AWS, { [NAMES.pepper]: randomBytes(32).toString("hex") });
  const isDatabaseGiven = Boolean(process.env.AWS_ENDPOINT_URL_DYNAMODB);
  const dynamoDb = await useDynamoDb();
  process.env.AWS_ENDPOINT_URL_DYNAMODB = dynamoDb.endpoint;
  await createTable(dynamoDb.endpoint, tableDefinition(NAMES.table));
  return {
    ...{
      folder,
      keys,
      saml,
      remote,
      database: dynamoDb.endpoint,
      isDatabaseGiven,
      time: Math.floor(Date.now() / 1000),
    },
    config: configOf(jwks, saml),
    environment: {
      ...AWS,
      PATH: process.env.PATH ?? "",
      AWS_ENDPOINT_URL_DYNAMODB: remote.tableEndpoint,
      AWS_LAMBDA_FUNCTION_NAME: "authorizer",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      POWERTOOLS_SERVICE_NAME: "sallyport",
      SALLYPORT_CACHED_BY: "authorization",
      SALLYPORT_CACHE_TTL: "300",
      [NAMES.pepper]: process.env[NAMES.pepper] ?? "",
      BENCH_ISSUER: NAMES.issuer,
      BENCH_AUDIENCE: NAMES.audience,
      BENCH_JWKS_URI: remote.jwksUri,
      BENCH_JWKS: JSON.stringify(jwks),
      BENCH_TABLE: NAMES.table,
      BENCH_SAML_CERTIFICATE: saml.certificate,
      BENCH_SAML_AUDIENCE: NAMES.samlAudience,
      BENCH_SAML_RECIPIENT: NAMES.samlRecipient,
    },
    configured: async (name, config) => {
      const file = join(folder, `${name}.config.json`);
      await writeFile(file, JSON.stringify(config));
      return { SALLYPORT_CONFIG: `file:${file}` };
    },
    close: async () => {
      remote.close();
      await dynamoDb.close();
      await rm(folder, { recursive: true });
    },
  };
}

const AWS = {
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_EC2_METADATA_DISABLED: "true",
};

/** A configuration with the project's routes, for callers of the benchmark's issuers. */
function configOf(jwks: { keys: { kty: string }[] }, saml: SigningIdentity): SallyportConfig {
  const attributes = { tenant: "tenant", scopes: ["scopes"], roles: ["groups"], attributes: { email: "email" } };
  return {
    jwt: {
      issuers: [
        {
          ...{ issuer: NAMES.issuer, audience: NAMES.audience, algorithms: [...ALGORITHMS], keys: { jwks } },
          claims: { tenant: "tenant", roles: ["roles"], attributes: { email: "email" } },
        },
      ],
    },
    saml: {
      ...{ audience: NAMES.samlAudience, recipients: NAMES.samlRecipient, replayTable: NAMES.assertions },
      identityProviders: [{ issuer: NAMES.samlIssuer, certificates: [saml.certificate], attributes }],
    },
    apiKeys: { table: NAMES.table, peppers: [{ id: "bench", secret: { environment: NAMES.pepper } }] },
    ...(bundled.appSync && { appSync: bundled.appSync }),
    routes: bundled.routes,
  };
}

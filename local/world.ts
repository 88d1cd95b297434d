import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OAuth2Server } from "oauth2-mock-server";
import type { SallyportConfig } from "../shared/config/schema.ts";
import { type BundleHost, startBundle } from "./bundle-host.ts";
import { createKeyTable, useDynamoDb } from "./dynamodb.ts";
import { createIdentities } from "./identities.ts";
import { createIssuers, type Issuers, type SignJwt } from "./issuers.ts";
import { LOCAL, localConfig } from "./local-config.ts";

/** Everything that a caller and the authorizer need, on this machine: identity providers, a database, and the built function. */
export interface World {
  readonly authorizer: BundleHost;
  /** The issuers, with their clocks at `time` (seconds since the epoch). */
  issuersAt(time: number): Issuers;
  close(): Promise<void>;
}

/** The entry of the authorizer's bundle. */
export const AUTHORIZER = new URL("../dist/functions/authorizer/index.mjs", import.meta.url);

/**
 * Starts an OpenID provider, a DynamoDB (or uses the one that `AWS_ENDPOINT_URL_DYNAMODB` names) with a table of its own, and the built
 * authorizer, configured for them by a file.
 */
export async function startWorld(): Promise<World> {
  const identities = await createIdentities();
  const openId = new OAuth2Server();
  await openId.issuer.keys.generate("RS256");
  await openId.start(0, "127.0.0.1");
  const issuer = openId.issuer.url ?? "";
  const dynamoDb = await useDynamoDb();
  const table = `${LOCAL.table}-${randomUUID()}`;
  const aws = { AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint, ...(process.env.AWS_REGION ? {} : LOCAL_AWS) };
  Object.assign(process.env, aws);
  await createKeyTable(dynamoDb.endpoint, table);

  const base = localConfig(identities, { issuer, keys: { discovery: true } });
  const config: SallyportConfig = { ...base, ...(base.apiKeys && { apiKeys: { ...base.apiKeys, table } }) };
  const folder = await mkdtemp(join(tmpdir(), "sallyport-"));
  const file = join(folder, "config.json");
  await writeFile(file, JSON.stringify(config));
  const authorizer = await startBundle(AUTHORIZER, {
    ...aws,
    SALLYPORT_CONFIG: `file:${file}`,
    [LOCAL.pepperVariable]: identities.pepper,
  });

  const sign: SignJwt = (claims) =>
    openId.issuer.buildToken({
      scopesOrTransform: (_header, payload) => void Object.assign(payload, { iss: issuer, ...claims }),
    });
  return {
    authorizer,
    issuersAt: (time) => createIssuers(identities, config, sign, time),
    async close() {
      await Promise.all([authorizer.close(), openId.stop(), dynamoDb.close(), rm(folder, { recursive: true })]);
    },
  };
}

/** Any credentials will do where no AWS is. */
const LOCAL_AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

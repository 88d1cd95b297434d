import { randomUUID } from "node:crypto";
import { OAuth2Server } from "oauth2-mock-server";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import type { FunctionHost, HostKind } from "../hosts/host.ts";
import { thread } from "../hosts/thread.ts";
import { createLocalTables, LOCAL, localConfig, localSecrets } from "./configuration.ts";
import { useDynamoDb } from "./database.ts";
import { createIdentities } from "./identities.ts";
import { createIssuers, type Issuers, type SignJwt, signWithIdentity } from "./issuers.ts";

/** Everything that a caller and the authorizer need, on this machine: identity providers, a database, and the built function. */
export interface World {
  readonly authorizer: FunctionHost;
  readonly config: SallyportConfig;
  /** The same function with the same configuration in another host. */
  startIn(host: HostKind): Promise<FunctionHost>;
  /** The issuers, with their clocks at `time` (seconds since the epoch). */
  issuersAt(time: number): Issuers;
  close(): Promise<void>;
}

/** What may differ from one world to another. */
export interface WorldOptions {
  /** What runs the function. */
  readonly host?: HostKind;
  /** Last changes to the configuration. */
  readonly adjust?: (config: SallyportConfig) => SallyportConfig;
}

/** Nothing caches what the function answers here: credentials may stand in any header, as with the template's AuthorizerUncached. */
const UNCACHED = { SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: "0" };

/** Any credentials will do where no AWS is. */
const LOCAL_AWS = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

/**
 * Starts an OpenID provider, a DynamoDB (or uses the one that `AWS_ENDPOINT_URL_DYNAMODB` names) with a table of its own, and the built
 * authorizer, configured for them. Where the function cannot reach this machine's loopback, the provider's keys stand in the configuration.
 */
export async function startWorld({ host = thread, adjust = (config) => config }: WorldOptions = {}): Promise<World> {
  const identities = await createIdentities();
  const dynamoDb = await useDynamoDb(host.address());
  const table = `${LOCAL.table}-${randomUUID()}`;
  const aws = { ...LOCAL_AWS, AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint };
  Object.assign(process.env, aws);
  await createLocalTables(dynamoDb.endpoint, table);

  const openId = host.address() === "127.0.0.1" ? await startOpenId() : undefined;
  const base = localConfig(identities, openId && { issuer: openId.issuer, keys: { discovery: true } });
  const config = adjust({ ...base, ...(base.apiKeys && { apiKeys: { ...base.apiKeys, table } }) });
  const environment = { ...aws, ...UNCACHED, ...localSecrets(identities) };
  const startIn = (kind: HostKind) => kind.start(config, environment);
  const authorizer = await startIn(host);
  const sign = openId?.sign ?? (await signWithIdentity(identities));
  return {
    authorizer,
    config,
    startIn,
    issuersAt: (time) => createIssuers(identities, config, sign, time),
    async close() {
      await Promise.all([authorizer.close(), openId?.close(), dynamoDb.close()]);
    },
  };
}

async function startOpenId(): Promise<{ issuer: string; sign: SignJwt; close: () => Promise<void> }> {
  const server = new OAuth2Server();
  await server.issuer.keys.generate("RS256");
  await server.start(0, "127.0.0.1");
  const issuer = server.issuer.url ?? "";
  return {
    issuer,
    sign: (claims) =>
      server.issuer.buildToken({
        scopesOrTransform: (_header, payload) => void Object.assign(payload, { iss: issuer, ...claims }),
      }),
    close: () => server.stop(),
  };
}

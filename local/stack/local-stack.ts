import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OAuth2Server } from "oauth2-mock-server";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import type { Api } from "../gateway/api.ts";
import { Functions } from "../gateway/functions.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/gateway.ts";
import { StackError } from "../gateway/stack-error.ts";
import { readStack, type Stack } from "../gateway/template/read.ts";
import { UsagePlans } from "../gateway/usage-plans.ts";
import type { Answer } from "../hosts/host.ts";
import { createLocalTables, LOCAL, localConfig, localSecrets } from "../stage/configuration.ts";
import { useDynamoDb } from "../stage/database.ts";
import { createIdentities } from "../stage/identities.ts";
import { issuerPages } from "../stage/issuer-pages.ts";
import { createIssuers, type SignJwt } from "../stage/issuers.ts";
import { entityXml } from "../stage/saml/metadata.ts";

export interface LocalStackOptions {
  readonly template: string;
  /** Values of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly host?: string;
  /** The first of the ports; 0 for any that are free. */
  readonly port?: number;
  /** Mutual TLS, see `GatewayOptions`. */
  readonly tls?: GatewayOptions["tls"];
  /** What a function has logged while it answered an event. */
  readonly onLog?: (name: string, log: Answer["log"]) => void;
}

/** Everything that the project's APIs and their callers need, on this machine. */
export interface LocalStack {
  readonly gateway: Gateway;
  readonly apis: readonly Api[];
  /** Where credentials can be had: `/jwt`, `/saml`, `/api-key`. */
  readonly issuers: string;
  readonly unsupported: readonly string[];
  /** Reads the template and starts the functions anew. @throws {StackError} and leaves everything as it was */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider, a SAML identity provider, a DynamoDB (or uses the one that `AWS_ENDPOINT_URL_DYNAMODB` names), and an API Gateway for the APIs of a template.
 *
 * @throws {StackError} if a port is taken, the template is wrong, or an authorizer does not start
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { template, parameters = {}, host = "127.0.0.1", port = 0, tls, onLog } = options;
  const stack = await readStack(template, parameters);
  const behind = (offset: number) => (port === 0 ? 0 : port + stack.apis.length + offset);
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    await Promise.allSettled(closers.reverse().map((each) => each()));
  };
  try {
    const identities = await createIdentities();
    const openId = new OAuth2Server();
    await openId.issuer.keys.generate("RS256");
    await openId.start(behind(1), host).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EADDRINUSE" ? taken(behind(1)) : error;
    });
    closers.push(() => openId.stop());
    const issuer = openId.issuer.url ?? "";
    const sign: SignJwt = (claims) =>
      openId.issuer.buildToken({
        scopesOrTransform: (_header, payload) => void Object.assign(payload, { iss: issuer, ...claims }),
      });

    const dynamoDb = await useDynamoDb();
    closers.push(dynamoDb.close);
    const aws = {
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint,
    };
    Object.assign(process.env, aws);
    await createLocalTables(dynamoDb.endpoint);

    const jwt = { issuer, keys: { discovery: true as const } };
    const config = localConfig(identities, jwt);
    const folder = await mkdtemp(join(tmpdir(), "sallyport-"));
    closers.push(() => rm(folder, { recursive: true }));
    const shared = { ...aws, ...localSecrets(identities) };
    const functionsOf = async ({ functions }: Stack) => {
      const current = localConfig(identities, jwt, await projectConfig());
      const file = join(folder, "config.json");
      await writeFile(file, JSON.stringify(current));
      // A function keeps the template's own variables, and so what they say of its cache; its configuration trusts the local issuers.
      const environment = { ...shared, SALLYPORT_CONFIG: `file:${file}` };
      return new Functions(functions, dirname(template), (_, own) => ({ ...own, ...environment }), onLog);
    };

    let functions = await functionsOf(stack);
    closers.push(() => functions.close());
    await startAuthorizers(stack.apis, functions);
    const gateway = await startGateway({
      apis: stack.apis,
      functions,
      host,
      port,
      usagePlans: new UsagePlans(stack.keys),
      ...(tls && { tls }),
    });
    closers.push(gateway.close);
    const pages = createServer(
      issuerPages(
        () => createIssuers(identities, config, sign, Math.floor(Date.now() / 1000)),
        entityXml({ entityId: LOCAL.samlIssuer, certificates: [identities.saml.certificate] }),
      ),
    );
    await new Promise<void>((resolve, reject) => {
      pages.once("error", (error: NodeJS.ErrnoException) =>
        reject(error.code === "EADDRINUSE" ? taken(behind(0)) : error),
      );
      pages.listen(behind(0), host, resolve);
    });
    closers.push(async () => {
      pages.closeAllConnections();
      pages.close();
    });
    return {
      gateway,
      apis: stack.apis,
      issuers: `http://${host}:${(pages.address() as AddressInfo).port}`,
      unsupported: stack.unsupported,
      reload: async () => {
        const next = await readStack(template, parameters);
        const fresh = await functionsOf(next);
        await startAuthorizers(next.apis, fresh).catch(async (error: unknown) => {
          await fresh.close();
          throw error;
        });
        gateway.replace(next.apis, fresh);
        const old = functions;
        functions = fresh;
        await old.close();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const taken = (port: number) => new StackError(`Port ${port} is taken: choose another first port with --port.`);

/** Authorizers are started at once: a wrong configuration is known before the first request. */
async function startAuthorizers(apis: readonly Api[], functions: Functions): Promise<void> {
  const names = new Set(apis.flatMap(({ authorizers }) => Object.values(authorizers).map((each) => each.function)));
  await Promise.all([...names].map((name) => functions.start(name)));
}

let reads = 0;

/** The project's configuration as it is now: a module is read once under each of its names. */
async function projectConfig(): Promise<SallyportConfig> {
  const file = new URL(`../../sallyport.config.ts?${reads++}`, import.meta.url);
  return ((await import(file.href)) as { default: SallyportConfig }).default;
}

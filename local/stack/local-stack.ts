import { randomBytes } from "node:crypto";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../../shared/domain/config/schema.ts";
import type { Clock } from "../cloud/clock.ts";
import { type Cloud, startCloud } from "../cloud/cloud.ts";
import type { Report } from "../cloud/report.ts";
import type { TableResource } from "../cloud/resources.ts";
import type { Api } from "../gateway/api.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/gateway.ts";
import { StackError } from "../gateway/stack-error.ts";
import { readStack, type Stack } from "../gateway/template/read.ts";
import { QUEUE_HOST } from "../gateway/template/resource-names.ts";
import { UsagePlans } from "../gateway/usage-plans.ts";
import { createTable } from "../stage/database.ts";
import { type Stage, startStage } from "../stage/stage.ts";
import { issueJwt } from "./credentials.ts";
import { authorizersOf, type RunningFunctions, startFunctions } from "./functions.ts";
import { startIssuerPages } from "./issuer-pages.ts";
import { SHARED_SECRET, withLocalKeys } from "./local-keys.ts";
import { LOGIN_KEY, type LocalLogin, localLogin, newLoginKey } from "./login/local-login.ts";
import { webClientSettings } from "./login/web-client.ts";
import { projectConfig } from "./project-config.ts";
import { projectEnvironment } from "./project-environment.ts";
import { answerBackends, type Rehearsed, rehearse } from "./rehearse.ts";
import type { SampleRequest } from "./sample-requests.ts";

/** Options of a local stack. */
export interface LocalStackOptions {
  /** File of the SAM template. */
  readonly template: string;
  /** Values of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** File of the project's configuration; by default `sallyport.config.ts`. */
  readonly project?: string;
  /** Address to listen on; by default 127.0.0.1. */
  readonly host?: string;
  /**
   * The first port. The APIs, the issuers, the OpenID provider and the endpoint for AWS clients take the following ones.
   * 0, the default, takes free ports.
   */
  readonly port?: number;
  /** Mutual TLS, see `GatewayOptions`. */
  readonly tls?: GatewayOptions["tls"];
  /** Gets every request that was answered. */
  readonly onRequest?: GatewayOptions["onRequest"];
  /** Gets what happens around the functions: events, failures of deliveries. */
  readonly onCloud?: Report;
  /** `AWS::StackName`, which is in the names of tables and queues; by default `local`. */
  readonly stackName?: string;
  /** A folder for what is given up around the functions; by default it is only told. */
  readonly folder?: string;
  /** The clock of delays and retries around the functions; by default the system's. */
  readonly clock?: Clock;
}

/** A running local stack: the project's APIs, and all servers that the APIs and their callers need. */
export interface LocalStack {
  readonly gateway: Gateway;
  /** What stands for AWS around the functions. */
  readonly cloud: Cloud;
  /** The current APIs. */
  readonly apis: readonly Api[];
  /** The authorizers' current configuration: the project's, with local keys. */
  readonly config: Config;
  /** Address of the pages that issue credentials: `/jwt`, `/saml`, `/api-key`. */
  readonly issuers: string;
  /** Address of the OpenID provider, which serves the keys of all JWT issuers. */
  readonly openId: string;
  /** The login, if the template has one: its issuer, and the page of the application that logs people in. */
  readonly login: { readonly issuer: string; readonly page: string } | undefined;
  readonly unsupported: readonly string[];
  /** What a command needs to use the stack's tables, and to decide as its authorizers do. */
  readonly access: StackAccess;
  /** Sends requests past the backends, and tells how each ends. */
  rehearse(requests: readonly SampleRequest[]): Promise<Rehearsed[]>;
  /**
   * Reads the template and the configuration again, and restarts the functions.
   *
   * @throws {StackError} without any change
   * @throws {ConfigurationError} without any change
   */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Access to the stack's tables. */
export interface StackAccess {
  /** The authorizers' configuration: the project's, with local keys. */
  readonly config: SallyportConfig;
  /** AWS endpoint and credentials, which are good on this machine only, the pepper, and the secret that JWTs share. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Starts a stage (an OpenID provider, a SAML identity provider, and a DynamoDB unless `AWS_ENDPOINT_URL_DYNAMODB` names
 * one), and a gateway for the APIs of a template.
 *
 * @throws {StackError} if a port is in use, the template is wrong, or an authorizer does not start
 * @throws {ConfigurationError} if the project's configuration is wrong
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  try {
    return await start(options, await readStack(options.template, options.parameters, options.stackName));
  } catch (error) {
    const { code, port } = error as { code?: unknown; port?: number };
    if (code !== "EADDRINUSE") throw error;
    throw new StackError(`Port ${port} is taken: choose another first port with --port.`);
  }
}

/** What a reload replaces. */
interface Version {
  readonly stack: Stack;
  readonly written: SallyportConfig;
  readonly config: Config;
  readonly functions: RunningFunctions;
  readonly login: LocalLogin | undefined;
}

/** Secrets of one run. */
interface RunSecrets {
  /** Of issuers that sign with a shared one. */
  readonly shared: string;
  /** The key that signs the tokens of the login. It is in no file. */
  readonly loginKey: string;
}

async function start(options: LocalStackOptions, first: Stack): Promise<LocalStack> {
  const {
    template,
    parameters,
    stackName,
    host = "127.0.0.1",
    port = 0,
    tls,
    onRequest,
    onCloud,
    clock,
    folder,
  } = options;
  const portAfterApis = (offset: number) => (port === 0 ? 0 : port + first.apis.length + offset);
  await using cleanup = new AsyncDisposableStack();

  const stage = await startStage({ openId: { host, port: portAfterApis(1) } });
  cleanup.defer(stage.close);
  const secrets = { shared: randomBytes(64).toString("hex"), loginKey: newLoginKey() };

  let gateway: Gateway | undefined;
  const cloud = await startCloud({
    ...{ changes: stage.database.changes, port: portAfterApis(2), report: onCloud },
    controlPlane: (method, path) => gateway?.controlPlane(method, path),
    ...(clock && { clock }),
    ...(folder !== undefined && { folder }),
  });
  cleanup.defer(cloud.close);

  let current: Version | undefined;
  // Before the functions, which may be told the URLs of APIs.
  const usagePlans = new UsagePlans(first.keys);
  const served = await startGateway({
    ...{ apis: first.apis, functions: cloud.functions, host, port, usagePlans, onRequest },
    ...(tls && { tls }),
    // Tokens of the configuration's issuers are signed by the local provider, for JWT authorizers too.
    keySetOf: (issuer) =>
      issuer !== current?.login?.url && current?.config.jwt?.issuers.some((each) => each.issuer === issuer)
        ? stage.openId?.keySet
        : undefined,
  });
  gateway = served;
  cleanup.defer(served.close);

  // Before the functions, whose configuration has the address of the pages.
  const parts = () => {
    if (!current) throw new Error("The stack is starting.");
    const { config, login, stack } = current;
    const webClient = login && webClientSettings(config, login, stack.apis, served.urls);
    return { ...{ config, webClient, sharedSecret: secrets.shared }, ...credentialParts(stage) };
  };
  const pages = await startIssuerPages(parts, host, portAfterApis(0));
  cleanup.defer(pages.close);

  const load = async (written: Stack) => {
    const stack = withUrls(written, served.urls);
    await createTables(stage.database.endpoint, stack.cloud.tables);
    const login = localLogin(stack, served.urls, pages.url);
    return startVersion({ ...{ stack, stage, cloud, secrets, login }, ...options });
  };
  let version = await load(first);
  current = version;
  cleanup.defer(() => version.functions.close());
  // Before the functions end, so that nothing is delivered to them any more.
  cleanup.defer(cloud.close);
  await cloud.feed(version.stack.cloud, version.functions);
  served.replace(version.stack.apis, cloud.functions);

  credentialParts(stage).openId.issueBy((asked) => issueJwt(asked, parts()));

  const running = cleanup.move();
  return {
    gateway: served,
    cloud,
    get apis() {
      return version.stack.apis;
    },
    get config() {
      return version.config;
    },
    get access() {
      const known = saidByFunctions(version.stack.functions);
      const environment = { ...stage.environment, ...cloud.environment, [SHARED_SECRET]: secrets.shared, ...known };
      return { config: version.written, environment };
    },
    issuers: pages.url,
    openId: stage.openId?.issuer ?? "",
    get login() {
      const { login } = version;
      if (!login || !parts().webClient) return undefined;
      return { issuer: login.url, page: new URL("/login", login.redirectUri).href };
    },
    unsupported: first.unsupported,
    rehearse: (requests) => {
      const { stack, functions } = version;
      return rehearse(requests, stack, answerBackends(functions, authorizersOf(stack)), pages.url);
    },
    reload: async () => {
      const next = await load(await readStack(template, parameters, stackName));
      const old = version.functions;
      version = next;
      current = next;
      await cloud.feed(next.stack.cloud, next.functions);
      served.replace(next.stack.apis, cloud.functions);
      await old.close();
    },
    close: () => running.disposeAsync(),
  };
}

interface VersionParts {
  readonly stack: Stack;
  readonly stage: Stage;
  readonly cloud: Cloud;
  readonly secrets: RunSecrets;
  readonly login: LocalLogin | undefined;
}

async function startVersion({
  stack,
  stage,
  cloud,
  secrets,
  login,
  template,
  project = "sallyport.config.ts",
}: VersionParts & LocalStackOptions): Promise<Version> {
  const { identities, openId } = credentialParts(stage);
  const [authorizer = ""] = authorizersOf(stack);
  // The login has variables that the authorizer has not.
  const stated = [authorizer, login?.function ?? ""].map((name) => stack.functions[name]?.environment);
  const environment = projectEnvironment(Object.assign({}, ...stated), identities);
  const written = withLocalKeys(await projectConfig(environment, project), {
    keySet: openId.keySet,
    introspection: stage.introspection?.endpoint,
    authorizationServer: openId.issuer,
    samlCertificate: identities.saml.certificate,
    encryptionCertificate: identities.samlEncryption.certificate,
    tables: stack.cloud.tables.map(({ name }) => name),
    login,
  });
  const config = parseConfig(written, project);
  const variables = {
    ...stage.environment,
    ...cloud.environment,
    [SHARED_SECRET]: secrets.shared,
    [LOGIN_KEY]: secrets.loginKey,
  };
  const located = { ...stack, functions: withQueues(stack.functions, cloud.url) };
  const functions = await startFunctions(located, { template, config: written, environment: variables });
  return { stack, written, config, functions, login: config.federation && login };
}

/** A stack whose texts have the URLs of its APIs in place of their names: `<RestApi>`, which `Metadata.Local` writes. */
function withUrls(stack: Stack, urls: Gateway["urls"]): Stack {
  const located = (value: unknown): unknown => {
    if (typeof value === "string") {
      return value.replace(/<(\w+)>/g, (text, name: string) => (Object.hasOwn(urls, name) ? String(urls[name]) : text));
    }
    if (Array.isArray(value)) return value.map(located);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, located(inner)]));
  };
  return {
    ...stack,
    apis: located(stack.apis) as Stack["apis"],
    functions: located(stack.functions) as Stack["functions"],
  };
}

/** Functions that see the URLs of queues where the queues are. */
function withQueues(functions: Stack["functions"], url: string): Stack["functions"] {
  const located = (text: string) => text.replaceAll(QUEUE_HOST, url);
  return Object.fromEntries(
    Object.entries(functions).map(([name, definition]) => {
      const variables = Object.entries(definition.environment).map(([key, text]) => [key, located(text)]);
      return [name, { ...definition, environment: Object.fromEntries(variables) }];
    }),
  );
}

async function createTables(endpoint: string, tables: readonly TableResource[]): Promise<void> {
  await Promise.all(tables.map(({ definition }) => createTable(endpoint, definition)));
}

function credentialParts({ identities, openId }: Stage) {
  if (!openId) throw new Error("The stage has no OpenID provider.");
  return { identities, openId };
}

/** What commands need to know of the functions: how long their answers are cached at most, and where uses are kept. */
function saidByFunctions(functions: Stack["functions"]): Readonly<Record<string, string>> {
  const valuesOf = (name: string) => Object.values(functions).flatMap(({ environment }) => environment[name] ?? []);
  const [activityTable] = valuesOf("SALLYPORT_ACTIVITY_TABLE");
  const ttls = valuesOf("SALLYPORT_CACHE_TTL").map(Number).filter(Number.isInteger);
  return {
    ...(activityTable !== undefined && { SALLYPORT_ACTIVITY_TABLE: activityTable }),
    ...(ttls.length > 0 && { SALLYPORT_CACHE_TTL: String(Math.max(...ttls)) }),
  };
}

import type { Api } from "../gateway/api.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../gateway/gateway.ts";
import { StackError } from "../gateway/stack-error.ts";
import { readStack, type Stack } from "../gateway/template/read.ts";
import { UsagePlans } from "../gateway/usage-plans.ts";
import { startIssuerPages } from "../stage/issuer-pages.ts";
import { startStage } from "../stage/stage.ts";
import { type FunctionsOptions, startFunctions } from "./functions.ts";
import { projectConfig } from "./project-config.ts";

/** Options of a local stack. */
export interface LocalStackOptions {
  /** File of the SAM template. */
  readonly template: string;
  /** Values of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Address to listen on; by default 127.0.0.1. */
  readonly host?: string;
  /**
   * The first port. The APIs, the issuers and the OpenID provider take the following ones. 0, the default, takes free
   * ports.
   */
  readonly port?: number;
  /** Mutual TLS, see `GatewayOptions`. */
  readonly tls?: GatewayOptions["tls"];
  /** Gets the lines that a function logs while it answers an event. */
  readonly onLog?: FunctionsOptions["onLog"];
}

/** A running local stack: the project's APIs, and all servers that the APIs and their callers need. */
export interface LocalStack {
  readonly gateway: Gateway;
  readonly apis: readonly Api[];
  /** Address of the pages that issue credentials: `/jwt`, `/saml`, `/api-key`. */
  readonly issuers: string;
  readonly unsupported: readonly string[];
  /** Reads the template again and restarts the functions. @throws {StackError} without any change */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a stage (an OpenID provider, a SAML identity provider, and a DynamoDB unless `AWS_ENDPOINT_URL_DYNAMODB` names
 * one), and a gateway for the APIs of a template.
 *
 * @throws {StackError} if a port is in use, the template is wrong, or an authorizer does not start
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  try {
    return await start(options, await readStack(options.template, options.parameters));
  } catch (error) {
    const { code, port } = error as { code?: unknown; port?: number };
    if (code !== "EADDRINUSE") throw error;
    throw new StackError(`Port ${port} is taken: choose another first port with --port.`);
  }
}

async function start(options: LocalStackOptions, stack: Stack): Promise<LocalStack> {
  const { template, parameters, host = "127.0.0.1", port = 0, tls, onLog } = options;
  const portAfterApis = (offset: number) => (port === 0 ? 0 : port + stack.apis.length + offset);
  await using cleanup = new AsyncDisposableStack();

  const stage = await startStage({ openId: { host, port: portAfterApis(1) } });
  cleanup.defer(stage.close);

  const functionsOf = async (current: Stack) => {
    const config = stage.configFor(await projectConfig());
    return startFunctions(current, { template, config, environment: stage.environment, onLog });
  };
  let functions = await functionsOf(stack);
  cleanup.defer(() => functions.close());

  const usagePlans = new UsagePlans(stack.keys);
  const gateway = await startGateway({ apis: stack.apis, functions, host, port, usagePlans, ...(tls && { tls }) });
  cleanup.defer(gateway.close);

  const pages = await startIssuerPages(stage, host, portAfterApis(0));
  cleanup.defer(pages.close);

  const running = cleanup.move();
  return {
    gateway,
    apis: stack.apis,
    issuers: pages.url,
    unsupported: stack.unsupported,
    reload: async () => {
      const next = await readStack(template, parameters);
      const old = functions;
      functions = await functionsOf(next);
      gateway.replace(next.apis, functions);
      await old.close();
    },
    close: () => running.disposeAsync(),
  };
}

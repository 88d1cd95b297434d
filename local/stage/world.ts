import { randomUUID } from "node:crypto";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import type { FunctionHost, HostKind } from "../hosts/host.ts";
import { thread } from "../hosts/thread.ts";
import { LOCAL } from "./configuration.ts";
import type { Issuers } from "./issuers.ts";
import { startStage } from "./stage.ts";

/** A stage and the built authorizer, which uses it. */
export interface World {
  readonly authorizer: FunctionHost;
  readonly config: SallyportConfig;
  /** The same function with the same configuration in another host. */
  startIn(host: HostKind): Promise<FunctionHost>;
  /** The issuers, with their clocks at `time` (seconds since the epoch). */
  issuersAt(time: number): Issuers;
  close(): Promise<void>;
}

/** Options of a world. */
export interface WorldOptions {
  /** The host that runs the function. */
  readonly host?: HostKind;
  /** Changes the configuration before the start. */
  readonly adjust?: (config: SallyportConfig) => SallyportConfig;
}

/**
 * The environment variables of a function without a cache. Credentials may be in any header, as for AuthorizerUncached
 * of the template.
 */
export const UNCACHED = { SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: "0" };

/**
 * Starts a stage with new tables, and the built authorizer with a matching configuration. If the function cannot reach
 * this machine's loopback address, there is no OpenID provider, and the configuration contains its key.
 */
export async function startWorld({ host = thread, adjust = (config) => config }: WorldOptions = {}): Promise<World> {
  await using cleanup = new AsyncDisposableStack();
  const address = host.address();
  const stage = await startStage({
    databaseHost: address,
    table: `${LOCAL.table}-${randomUUID()}`,
    entitlementsTable: `${LOCAL.entitlementsTable}-${randomUUID()}`,
    ...(address === "127.0.0.1" && { openId: { host: address, port: 0 } }),
  });
  cleanup.defer(stage.close);
  const config = adjust(stage.config);
  const startIn = (kind: HostKind) => kind.start(config, { ...stage.environment, ...UNCACHED });
  const authorizer = await startIn(host);
  cleanup.defer(authorizer.close);
  const running = cleanup.move();
  return {
    authorizer,
    config,
    startIn,
    issuersAt: (time) => stage.issuersAt(time, config),
    close: () => running.disposeAsync(),
  };
}

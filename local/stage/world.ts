import { randomUUID } from "node:crypto";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import type { FunctionHost, HostKind } from "../hosts/host.ts";
import { thread } from "../hosts/thread.ts";
import { LOCAL } from "./configuration.ts";
import type { Issuers } from "./issuers.ts";
import { startStage } from "./stage.ts";

/** A stage with the built authorizer on it. */
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

/**
 * The variables of a function whose answers nothing caches: credentials may stand in any header, as with the template's
 * AuthorizerUncached.
 */
export const UNCACHED = { SALLYPORT_CACHED_BY: "none", SALLYPORT_CACHE_TTL: "0" };

/**
 * Starts a stage, with a table of its own, and the built authorizer, configured for it. Where the function cannot reach this machine's
 * loopback there is no OpenID provider, and the configuration holds its key.
 */
export async function startWorld({ host = thread, adjust = (config) => config }: WorldOptions = {}): Promise<World> {
  await using cleanup = new AsyncDisposableStack();
  const address = host.address();
  const stage = await startStage({
    databaseHost: address,
    table: `${LOCAL.table}-${randomUUID()}`,
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

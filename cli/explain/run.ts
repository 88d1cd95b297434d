import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { APIS, type ApiName } from "../../local/events/apis.ts";
import type { Api } from "../../local/gateway/api.ts";
import { readStack } from "../../local/gateway/template/read.ts";
import { localConfig, localSecrets } from "../../local/stage/configuration.ts";
import { keptIdentities } from "../../local/stage/identities.ts";
import { readCacheSettings } from "../../shared/domain/config/cache.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import { explain } from "./explain.ts";
import { fromCurl } from "./from-curl.ts";
import { shown } from "./shown.ts";

export interface ExplainOptions {
  readonly curl?: string;
  readonly api: ApiName;
  readonly address: string;
  readonly stage: string;
  /** Seconds since the epoch. */
  readonly time?: number;
  readonly template?: string;
  readonly cachedBy?: string;
  readonly cacheTtl?: string;
  readonly local?: boolean;
  readonly json?: boolean;
}

/** Makes the event, once it is known whether anything caches the answer. */
type EventOf = (uncached: boolean) => unknown;

/** Prints what becomes of one event, and why. The exit code is 0 if it is allowed. */
export async function runExplain(file: string | undefined, options: ExplainOptions, io: CommandIo): Promise<number> {
  const time = options.time ?? Math.floor(Date.now() / 1000);
  const eventOf = await readEvent(file, options, time);
  const config = await (options.local ? trustingLocalIssuers(io) : io.config());
  const cache = readCacheSettings(config, environmentOf(options));
  const event = eventOf(cache.cachedBy === undefined);
  const explanation = await explain(event, config, await readApis(options.template), time, cache).catch(wrongEvent);
  io.stdout.write(options.json ? `${JSON.stringify(explanation, undefined, 2)}\n` : shown(explanation));
  return explanation.outcome === "allow" ? EXIT.done : EXIT.failed;
}

async function readEvent(file: string | undefined, options: ExplainOptions, time: number): Promise<EventOf> {
  const { curl, api, address, stage } = options;
  if ((file === undefined) === (curl === undefined)) throw new UsageError("Give one event, or --curl.");
  if (curl !== undefined) {
    const request = fromCurl(curl, stage);
    return (uncached) => APIS[api].eventOf({ ...request, resource: request.path, address, stage, time, uncached });
  }
  const event = parseEvent(await (file === "-" ? text(process.stdin) : readFile(file ?? "", "utf8")));
  return () => event;
}

/** The parser's own message repeats what it read, and credentials are in it. */
function parseEvent(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError("The event is no JSON.");
  }
}

function wrongEvent(error: unknown): never {
  if (error instanceof TroubleError) throw new UsageError("The event is of no kind that the authorizer serves.");
  throw error;
}

/** The APIs of a template; of the default one only if there is one. */
async function readApis(template: string | undefined): Promise<readonly Api[]> {
  if (template === undefined && !existsSync("template.yaml")) return [];
  return (await readStack(template ?? "template.yaml")).apis;
}

/** The variables of the function that is looked at: those of the options where there are any, this process's own otherwise. */
function environmentOf({ cachedBy, cacheTtl }: ExplainOptions): NodeJS.ProcessEnv {
  if (cachedBy === undefined && cacheTtl === undefined) return process.env;
  return { SALLYPORT_CACHED_BY: cachedBy, SALLYPORT_CACHE_TTL: cacheTtl };
}

/** The project's routes, for callers of the local issuers. */
async function trustingLocalIssuers({ writtenConfig }: CommandIo): Promise<Config> {
  const identities = await keptIdentities();
  Object.assign(process.env, localSecrets(identities));
  return parseConfig(localConfig(identities, undefined, await writtenConfig()));
}

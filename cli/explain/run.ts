import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { APIS, type ApiName } from "../../local/events/apis.ts";
import type { Api } from "../../local/gateway/api.ts";
import { readStack } from "../../local/gateway/template/read.ts";
import { type CacheSettings, readCacheSettings } from "../../shared/domain/config/cache.ts";
import { ConfigurationError } from "../../shared/domain/config/configuration-error.ts";
import { printable } from "../../shared/domain/config/printable.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import { TroubleError } from "../../shared/domain/reasons/errors.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import { explain } from "./explain.ts";
import { fromCurl } from "./from-curl.ts";
import { trustLocally } from "./local-authorizer.ts";
import { readRehearsal } from "./rehearse/read-rehearsal.ts";
import { paintFor } from "./text/layout.ts";
import { shown } from "./text/shown.ts";

/** Options of `sallyport explain`. */
export interface ExplainOptions {
  /** A curl command, in place of an event. */
  readonly curl?: string;
  /** A file with the claims of a token, or the attributes of an assertion, in place of an event. */
  readonly claims?: string;
  /** The issuer whose entry of the configuration checks and maps the claims. */
  readonly issuer?: string;
  /** Method and path of the request with these claims. */
  readonly method?: string;
  readonly path?: string;
  /** By default `rest-request`. */
  readonly api?: ApiName;
  /** The caller's IP address. */
  readonly address?: string;
  readonly stage?: string;
  /** Seconds since the epoch; by default the current time. */
  readonly time?: number;
  readonly template?: string;
  readonly cachedBy?: string;
  readonly cacheTtl?: string;
  readonly local?: boolean;
  /** Whether the policy's JSON is printed with the text. */
  readonly policy?: boolean;
  readonly json?: boolean;
}

/** Makes the event; `uncached` says that nothing caches the answer. */
type EventOf = (uncached: boolean) => unknown;

/** Prints how one event is decided, and why. Returns exit code 0 if the request is allowed. */
export async function runExplain(file: string | undefined, options: ExplainOptions, io: CommandIo): Promise<number> {
  const time = options.time ?? Math.floor(Date.now() / 1000);
  const eventOf = await readEvent(file, options, time);
  const local = options.local ? await trustLocally(io, file !== undefined) : undefined;
  try {
    return await runWith(local?.config ?? (await io.config()), eventOf, { ...options, time }, io);
  } finally {
    await local?.close();
  }
}

async function runWith(
  config: Config,
  eventOf: EventOf,
  options: ExplainOptions & { readonly time: number },
  io: CommandIo,
): Promise<number> {
  const { time } = options;
  const cache = cacheSettings(config, options);
  const event = eventOf(cache.cachedBy === undefined);
  const rehearsal =
    options.claims === undefined ? undefined : await readRehearsal(options.claims, options.issuer, config, time);
  const apis = await readApis(options.template);
  const explanation = await explain({ event, config, apis, time, cache, ...(rehearsal && { rehearsal }) }).catch(
    wrongEvent,
  );
  const { json, policy } = options;
  const text = json ? JSON.stringify(explanation, undefined, 2) : shown(explanation, paintFor(io.stdout), policy);
  io.stdout.write(`${text.trimEnd()}\n`);
  return explanation.outcome === "allow" ? EXIT.done : EXIT.failed;
}

/** With claims: the event then says what a proof would be checked with, if events of its kind say it. */
const SENDER = { Authorization: "DPoP rehearsed" };

async function readEvent(file: string | undefined, options: ExplainOptions, time: number): Promise<EventOf> {
  const { curl, claims, issuer } = options;
  const { method = "GET", path = "/", api = "rest-request", address = "203.0.113.7", stage = "prod" } = options;
  if ([file, curl, claims].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError("Give one event, --curl, or --claims.");
  }
  if (claims === undefined && (issuer ?? options.method ?? options.path) !== undefined) {
    throw new UsageError("--issuer, --method and --path belong to --claims.");
  }
  if (file !== undefined && (options.api ?? options.address ?? options.stage) !== undefined) {
    throw new UsageError("--api, --address and --stage belong to --curl and --claims: an event says them itself.");
  }
  if (curl !== undefined || claims !== undefined) {
    const request = curl === undefined ? { method, path, headers: SENDER } : fromCurl(curl, stage);
    return (uncached) => APIS[api].eventOf({ ...request, resource: request.path, address, stage, time, uncached });
  }
  const event = parseEvent(await (file === "-" ? text(process.stdin) : readFile(file ?? "", "utf8")));
  return () => event;
}

/** Replaces the parser's message, which repeats part of the event and so may contain a credential. */
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

/** The APIs of a template; none if no template is named and template.yaml does not exist. */
async function readApis(template: string | undefined): Promise<readonly Api[]> {
  if (template === undefined && !existsSync("template.yaml")) return [];
  if (template !== undefined && !existsSync(template)) {
    throw new UsageError(`--template: ${printable(template) ?? "the file"} does not exist.`);
  }
  return (await readStack(template ?? "template.yaml")).apis;
}

/** @throws {UsageError} if an option is wrong, and not the environment */
function cacheSettings(config: Config, options: ExplainOptions): CacheSettings {
  const { cachedBy, cacheTtl } = options;
  try {
    return readCacheSettings(config, environmentOf(options));
  } catch (error) {
    const isGiven = cachedBy !== undefined || cacheTtl !== undefined;
    throw isGiven && error instanceof ConfigurationError ? new UsageError(error.message) : error;
  }
}

/** The environment of the explained function: from the options if one of them is given, otherwise of this process. */
function environmentOf({ cachedBy, cacheTtl }: ExplainOptions): NodeJS.ProcessEnv {
  if (cachedBy === undefined && cacheTtl === undefined) return process.env;
  return { SALLYPORT_CACHED_BY: cachedBy, SALLYPORT_CACHE_TTL: cacheTtl };
}

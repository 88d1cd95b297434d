import * as v from "valibot";
import { ConfigurationError } from "./configuration-error.ts";
import type { Mistake } from "./mistakes.ts";
import { printable } from "./printable.ts";
import { type Config, headerName } from "./schema.ts";

/** How API Gateway caches what the function answers. Only the function's environment can know it: one configuration may serve several functions. */
export interface CacheSettings {
  /** Headers that are identity sources of the authorizers whose cache is on, in lower case. Undefined: no authorizer of the function has a cache. */
  readonly cachedBy: readonly string[] | undefined;
  /** Seconds for which API Gateway caches at most, 0 to 3600. Undefined: nobody says. */
  readonly ttl: number | undefined;
}

/** What holds where nothing is said: the safe guess, because a credential outside the cache's key is refused then. */
const DEFAULT = ["authorization"];

const HEADERS = "`none`, or header names with commas between them, such as `authorization`";
const SECONDS = "whole seconds, 0 to 3600";

/**
 * Reads `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL`. The environment goes before `credentials.cachedBy` of the configuration, and the configuration alone cannot say
 * that nothing is cached.
 *
 * @throws {ConfigurationError} for a value that is malformed, or that contradicts the other
 * @example readCacheSettings(config, { SALLYPORT_CACHED_BY: "authorization", SALLYPORT_CACHE_TTL: "300" })
 */
export function readCacheSettings(
  { credentials }: Pick<Config, "credentials">,
  environment: NodeJS.ProcessEnv = process.env,
): CacheSettings {
  const { SALLYPORT_CACHED_BY: names, SALLYPORT_CACHE_TTL: seconds } = environment;
  const headers = names === undefined ? undefined : headersOf(names);
  const ttl = seconds === undefined ? undefined : secondsOf(seconds);
  const mistakes: Mistake[] = [
    ...(names !== undefined && headers === undefined ? [mistake("SALLYPORT_CACHED_BY", names, HEADERS)] : []),
    ...(seconds !== undefined && ttl === undefined ? [mistake("SALLYPORT_CACHE_TTL", seconds, SECONDS)] : []),
    ...(headers === "none" && ttl !== undefined && ttl > 0
      ? [mistake("SALLYPORT_CACHE_TTL", String(ttl), "0, or nothing, where SALLYPORT_CACHED_BY is none")]
      : []),
  ];
  if (mistakes.length > 0) throw new ConfigurationError("the environment", mistakes);
  return { cachedBy: headers === "none" ? undefined : (headers ?? credentials.cachedBy ?? DEFAULT), ttl };
}

/** Undefined for a text that names no headers. `none` beside a header is neither. */
function headersOf(text: string): readonly string[] | "none" | undefined {
  if (text === "none") return "none";
  const names = text.split(",").map((name) => v.safeParse(headerName, name.trim()));
  // `method.request.header.Authorization` is how API Gateway writes an identity source, and would be a name that no request has.
  const isName = (name: string) => name !== "none" && !/^(method|route)\.request\.|^\$request\./.test(name);
  const valid = names.flatMap(({ success, output }) => (success && isName(output) ? [output] : []));
  return valid.length === names.length ? valid : undefined;
}

function secondsOf(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) <= 3600 ? Number(text) : undefined;
}

/** A variable may hold anything, if it was mistaken for another one. */
const mistake = (path: string, found: string, allowed: string): Mistake => ({
  path,
  found: printable(found) ?? "a text",
  allowed,
});

import * as v from "valibot";
import { ConfigurationError } from "./configuration-error.ts";
import type { Mistake } from "./mistakes.ts";
import { printable } from "./printable.ts";
import { type Config, headerName } from "./schema.ts";

/**
 * How API Gateway caches the answers of the function. The function's environment says it, because several functions
 * with different caches may share one configuration.
 */
export interface CacheSettings {
  /**
   * Headers that are identity sources of the authorizers with a cache, in lower case. Undefined: no authorizer of the
   * function has a cache.
   */
  readonly cachedBy: readonly string[] | undefined;
  /** TTL of the cache in seconds, 0 to 3600. Undefined: not known. */
  readonly ttl: number | undefined;
  /** The client certificate of mutual TLS is an identity source of these authorizers too. */
  readonly certificate?: true;
}

/** Used if no setting names the headers. It is safe: a credential outside the cache key is refused. */
const DEFAULT = ["authorization"];

/** The identity source that is a client's certificate, as API Gateway writes it for REST APIs and for HTTP APIs. */
const CERTIFICATE = /^\$?context\.identity\.clientCert\.clientCertPem$/i;

const HEADERS = "`none`, or header names with commas between them, such as `authorization`";
const SECONDS = "whole seconds, 0 to 3600";

/**
 * Reads `SALLYPORT_CACHED_BY` and `SALLYPORT_CACHE_TTL`. `SALLYPORT_CACHED_BY` overrides `credentials.cachedBy` of the
 * configuration. The configuration alone cannot say that nothing is cached.
 *
 * @throws {ConfigurationError} for a malformed value, or for a TTL although `SALLYPORT_CACHED_BY` is `none`
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
      ? [mistake("SALLYPORT_CACHE_TTL", String(ttl), "0, or not set, if SALLYPORT_CACHED_BY is none")]
      : []),
  ];
  if (mistakes.length > 0) throw new ConfigurationError("the environment", mistakes);
  const cachedBy = headers === "none" ? undefined : (headers ?? credentials.cachedBy ?? DEFAULT);
  const hasCertificate = Array.isArray(headers) && names?.split(",").some(isCertificate);
  return { cachedBy, ttl, ...(hasCertificate && { certificate: true }) };
}

/** Seconds after which a remote configuration is read again, if no variable says otherwise. */
const CONFIG_MAX_AGE = 60;

/**
 * Reads `SALLYPORT_CONFIG_MAX_AGE`: the seconds after which a configuration in SSM or AppConfig is read again, or 0 for
 * never. AppConfig is asked every 15 seconds at most.
 *
 * @throws {ConfigurationError} for a malformed value
 */
export function readConfigMaxAge({ SALLYPORT_CONFIG_MAX_AGE: text }: NodeJS.ProcessEnv = process.env): number {
  if (text === undefined) return CONFIG_MAX_AGE;
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds === 0 || (seconds >= 15 && seconds <= 86_400)) return seconds;
  const allowed = "0, or whole seconds from 15 to 86400";
  throw new ConfigurationError("the environment", [mistake("SALLYPORT_CONFIG_MAX_AGE", text, allowed)]);
}

/** @returns undefined if the text is neither `none` nor a list of header names */
function headersOf(text: string): readonly string[] | "none" | undefined {
  if (text === "none") return "none";
  const named = text.split(",").filter((name) => !isCertificate(name));
  const names = named.map((name) => v.safeParse(headerName, name.trim()));
  // API Gateway writes an identity source as `method.request.header.Authorization`. That is not the name of a header.
  const isName = (name: string) => name !== "none" && !/^(method|route)\.request\.|^\$request\./.test(name);
  const valid = names.flatMap(({ success, output }) => (success && isName(output) ? [output] : []));
  return valid.length === names.length ? valid : undefined;
}

const isCertificate = (name: string) => CERTIFICATE.test(name.trim());

function secondsOf(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) <= 3600 ? Number(text) : undefined;
}

/** The value may be a secret that was put into the wrong variable, so it is shown only if it is printable. */
const mistake = (path: string, found: string, allowed: string): Mistake => ({
  path,
  found: printable(found) ?? "a text",
  allowed,
});

import { checkConfig } from "../../domain/config/check.ts";
import { ConfigurationError } from "../../domain/config/configuration-error.ts";
import { needsPresets } from "../../domain/config/preset-rules.ts";
import type { Config, SallyportConfig } from "../../domain/config/schema.ts";
import { openSource } from "./source.ts";

/** Timeout in milliseconds for reading a remote configuration. */
export const READ_TIMEOUT = 5000;

/**
 * Loads the configuration when the authorizer starts. `SALLYPORT_CONFIG` names its source: `file:PATH`, `ssm:NAME` or
 * `appconfig:APP/ENV/PROFILE`. It is JSON of the same schema, in which `${NAME}` is replaced by an environment
 * variable. Without `SALLYPORT_CONFIG` it is the bundled configuration.
 *
 * @throws {ConfigurationError} with every mistake
 * @throws {Error} if the source cannot be read
 */
export async function loadConfig(
  bundled: SallyportConfig,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  const location = environment.SALLYPORT_CONFIG;
  if (!location) return parseBundled(bundled);
  const source = await openSource(location);
  const text = await source.read(AbortSignal.timeout(READ_TIMEOUT));
  return (await parser()).parseWritten(textOf(text), location, environment);
}

/**
 * Presets are loaded where an issuer has one, and what tells of mistakes where there is one. The build has asked for the time zones of the bundled
 * configuration.
 */
async function parseBundled(bundled: SallyportConfig): Promise<Config> {
  const { issuers } = bundled.jwt ?? {};
  if (Array.isArray(issuers) && issuers.some(needsPresets)) await (await parser()).preparePresets(bundled);
  const checked = checkConfig(bundled);
  return "config" in checked ? checked.config : (await parser()).parseOwnConfig(bundled, "sallyport.config.ts");
}

const parser = () => import("./parser.ts");

/** @throws {ConfigurationError} for an empty text, which says less than that it is no JSON */
export function textOf(text: string | undefined): string {
  if (text) return text;
  throw new ConfigurationError("SALLYPORT_CONFIG", [
    {
      path: "SALLYPORT_CONFIG",
      found: "an empty configuration",
      allowed: "file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE",
    },
  ]);
}

import { checkConfig } from "./check.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { mistakesOf, type WrittenTexts } from "./mistakes.ts";
import type { Config, SallyportConfig } from "./schema.ts";
import { unknownTimeZones } from "./time-zones.ts";

/**
 * Checks a configuration against the schema and fills in the defaults.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source name of the configuration in the message
 * @param written texts before environment variables were substituted, so that no message shows the value of a variable
 * @throws {ConfigurationError} with every mistake
 */
export function parseConfig(input: unknown, source = "the configuration", written: WrittenTexts = new Map()): Config {
  const checked = checkConfig(input);
  const mistakes =
    "config" in checked
      ? unknownTimeZones(checked.config)
      : [...checked.mistakes, ...checked.issues.flatMap((issue) => mistakesOf(issue, written))];
  if ("config" in checked && mistakes.length === 0) return checked.config;
  throw new ConfigurationError(source, mistakes);
}

/**
 * Returns its argument. It gives an editor the types and descriptions of the options. The configuration is checked when
 * the authorizer starts, and by `sallyport config check`.
 *
 * @example export default defineConfig({ apiKeys: { … }, routes: [ … ] });
 */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config;
}

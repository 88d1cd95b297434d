import { checkConfig } from "./check.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { mistakesOf, type WrittenTexts } from "./mistakes.ts";
import type { Config, SallyportConfig } from "./schema.ts";
import { unknownTimeZones } from "./time-zones.ts";

/**
 * Checks a configuration against the schema and fills in the defaults.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source what to call it in the message
 * @param written texts as they were before environment variables were put into them: their values are in no message
 * @throws {ConfigurationError} with every mistake, if there is one
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

/** Types and completes a configuration in an editor. It is checked when the authorizer starts, and by `sallyport config check`. */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config;
}

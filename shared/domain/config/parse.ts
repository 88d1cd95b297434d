import { completeConfig } from "./complete.ts";
import { loadPresets } from "./load-presets.ts";
import type { WrittenTexts } from "./mistakes.ts";
import { parseOwnConfig } from "./parse-own.ts";
import type { Config } from "./schema.ts";

/**
 * Checks a whole configuration against the schema, also the parts that the authorizer does not use, and fills in the
 * defaults.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source name of the configuration in the message
 * @param written texts before environment variables were substituted, so that no message shows the value of a variable
 * @throws {ConfigurationError} with every mistake
 */
export function parseConfig(input: unknown, source = "the configuration", written: WrittenTexts = new Map()): Config {
  loadPresets();
  return completeConfig(parseOwnConfig(input, source, written), source, written);
}

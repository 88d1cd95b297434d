import { checkConfig } from "./check.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { type Mistake, mistakesOf, type WrittenTexts } from "./mistakes.ts";
import type { Config } from "./schema.ts";
import { unknownTimeZones } from "./time-zones.ts";

/**
 * Checks a configuration, as far as the authorizer uses it, and fills in the defaults. If it names presets, they have
 * been loaded.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source name of the configuration in the message
 * @param written texts before environment variables were substituted, so that no message shows the value of a variable
 * @throws {ConfigurationError} with every mistake
 */
export function parseOwnConfig(input: unknown, source: string, written: WrittenTexts = new Map()): Config {
  const checked = checkConfig(input);
  const mistakes =
    "config" in checked
      ? unknownTimeZones(checked.config)
      : distinct([...checked.mistakes, ...checked.issues.flatMap((issue) => mistakesOf(issue, written))]);
  if ("config" in checked && mistakes.length === 0) return checked.config;
  throw new ConfigurationError(source, mistakes);
}

const distinct = (mistakes: readonly Mistake[]): Mistake[] => [
  ...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values(),
];

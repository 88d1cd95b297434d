import { checkConfig } from "./check.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { checkLate } from "./late-schema.ts";
import { type Mistake, mistakesOf, type WrittenTexts } from "./mistakes.ts";
import type { Config } from "./schema.ts";
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
  const whole = "config" in checked ? checkLate(checked.config) : checked;
  const issues = "issues" in whole ? whole.issues : [];
  const mistakes =
    "config" in whole
      ? unknownTimeZones(whole.config)
      : distinct([
          ...("mistakes" in checked ? checked.mistakes : []),
          ...issues.flatMap((issue) => mistakesOf(issue, written)),
        ]);
  if ("config" in whole && mistakes.length === 0) return whole.config;
  throw new ConfigurationError(source, mistakes);
}

const distinct = (mistakes: readonly Mistake[]): Mistake[] => [
  ...new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake])).values(),
];

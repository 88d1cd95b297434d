import { ConfigurationError } from "./configuration-error.ts";
import { checkLate } from "./late-schema.ts";
import { mistakesOf, type WrittenTexts } from "./mistakes.ts";
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
  const checked = checkLate(parseOwnConfig(input, source, written));
  if ("config" in checked) return checked.config;
  throw new ConfigurationError(
    source,
    checked.issues.flatMap((issue) => mistakesOf(issue, written)),
  );
}

import { ConfigurationError } from "./configuration-error.ts";
import { checkLate } from "./late-schema.ts";
import { mistakesOf, type WrittenTexts } from "./mistakes.ts";
import type { Config } from "./schema.ts";

/**
 * Checks the parts of a configuration that the authorizer does not use, after the others.
 *
 * @throws {ConfigurationError} with every mistake
 */
export function completeConfig(config: Config, source: string, written: WrittenTexts = new Map()): Config {
  const checked = checkLate(config);
  if ("config" in checked) return checked.config;
  throw new ConfigurationError(
    source,
    checked.issues.flatMap((issue) => mistakesOf(issue, written)),
  );
}

import { ConfigurationError } from "../../domain/config/configuration-error.ts";
import { parseOwnConfig } from "../../domain/config/parse-own.ts";
import { needsPresets } from "../../domain/config/preset-rules.ts";
import type { Config } from "../../domain/config/schema.ts";
import { objectOf } from "../../domain/object/unknown-object.ts";
import { substituteEnvironment } from "./substitute.ts";

export { parseOwnConfig };

/**
 * Parses the text of a configuration outside the bundle, with environment variables in place.
 *
 * @param location where the text is from
 * @throws {ConfigurationError} with every mistake
 */
export async function parseWritten(text: string, location: string, environment: NodeJS.ProcessEnv): Promise<Config> {
  const { value, mistakes, written } = substituteEnvironment(parseJson(text, location), environment);
  if (mistakes.length > 0) throw new ConfigurationError(location, mistakes);
  await preparePresets(value);
  return parseOwnConfig(value, location, written);
}

/**
 * Loads the presets of issuers, if a configuration names one. Whether it is well formed otherwise is not known yet.
 *
 * @param config anything
 */
export async function preparePresets(config: unknown): Promise<void> {
  const { issuers } = objectOf(objectOf(config).jwt);
  if (!Array.isArray(issuers) || !issuers.some((entry) => needsPresets(objectOf(entry)))) return;
  (await import("../../domain/config/load-presets.ts")).loadPresets();
}

/**
 * Parses JSON. No part of the text is in the error.
 *
 * @throws {ConfigurationError}
 */
export function parseJson(text: string, location: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [where = ""] = / \(line \d+ column \d+\)/.exec(String(error)) ?? [];
    throw new ConfigurationError(location, [
      { path: "(root)", found: `text that is not JSON${where}`, allowed: "one JSON object" },
    ]);
  }
}

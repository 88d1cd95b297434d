import * as v from "valibot";
import { isHiddenName } from "../principal/context-keys.ts";
import { type Mistake, mistakesOf, type WrittenTexts } from "./mistakes.ts";
import { maskUrls } from "./printable.ts";
import { type Config, configSchema, type SallyportConfig } from "./schema.ts";

/**
 * Lists every mistake of a configuration. The function fails to start, so no request is decided by a wrong
 * configuration.
 */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly mistakes: readonly Mistake[];
  /** @param source name of the configuration in the message; credentials and queries in URLs are masked */
  constructor(source: string, mistakes: readonly Mistake[]) {
    const lines = mistakes.map(({ path, found, allowed }) => `  ${path}: found ${found}, allowed: ${allowed}`);
    super(
      `${maskUrls(source)} has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${lines.join("\n")}`,
    );
    this.mistakes = mistakes;
  }
}

/**
 * Checks a configuration against the schema and fills in the defaults.
 *
 * @param input anything: the default export of `sallyport.config.ts`, or parsed JSON
 * @param source name of the configuration in the message
 * @param written texts before environment variables were substituted, so that no message shows the value of a variable
 * @throws {ConfigurationError} with every mistake
 */
export function parseConfig(input: unknown, source = "the configuration", written: WrittenTexts = new Map()): Config {
  const hidden = hiddenNames(input);
  const result = v.safeParse(configSchema, input);
  if (result.success && hidden.length === 0) return result.output;
  throw new ConfigurationError(source, [
    ...hidden,
    ...(result.issues ?? []).flatMap((issue) => mistakesOf(issue, written)),
  ]);
}

/** Valibot skips members with these names, so an option below one of them would be ignored silently. */
function hiddenNames(value: unknown, path = ""): Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    return isHiddenName(name)
      ? [{ path: own, found: "a name that JavaScript reserves", allowed: "another name" }]
      : hiddenNames(member, own);
  });
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

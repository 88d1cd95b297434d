import * as v from "valibot";
import { isHiddenName } from "../principal/context-keys.ts";
import { type Mistake, mistakesOf, type WrittenTexts } from "./mistakes.ts";
import { maskUrls } from "./printable.ts";
import { type Config, configSchema, type SallyportConfig } from "./schema.ts";

/** Every mistake of a configuration at once. Thrown at the start, so that no request is decided by a wrong configuration. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly mistakes: readonly Mistake[];
  /** @param source where it comes from, shown without what a URL in it hides */
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
 * @param source what to call it in the message
 * @param written texts as they were before environment variables were put into them: their values are in no message
 * @throws {ConfigurationError} with every mistake, if there is one
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

/** Members whose names every object has anyway: the schema passes them over, and what they ask for would not be looked at. */
function hiddenNames(value: unknown, path = ""): Mistake[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`;
    return isHiddenName(name)
      ? [{ path: own, found: "a name that every object has", allowed: "another name" }]
      : hiddenNames(member, own);
  });
}

/** Types and completes a configuration in an editor. It is checked when the authorizer starts, and by `sallyport config check`. */
export function defineConfig(config: SallyportConfig): SallyportConfig {
  return config;
}

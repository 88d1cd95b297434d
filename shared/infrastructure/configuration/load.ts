import { checkConfig } from "../../domain/config/check.ts";
import { ConfigurationError } from "../../domain/config/configuration-error.ts";
import type { Config, SallyportConfig } from "../../domain/config/schema.ts";
import { substituteEnvironment } from "./substitute.ts";

/** Milliseconds that a remote configuration may take to arrive. */
const TIMEOUT = 5000;

/**
 * The configuration that the authorizer starts with: the bundled one, or what `SALLYPORT_CONFIG` names: `file:PATH`, `ssm:NAME` or
 * `appconfig:APP/ENV/PROFILE`, the same schema as JSON, in which `${NAME}` stands for an environment variable.
 *
 * @throws {ConfigurationError} with every mistake
 * @throws {Error} if the source cannot be read
 */
export async function loadConfig(
  bundled: SallyportConfig,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  const location = environment.SALLYPORT_CONFIG;
  if (!location) return parseBundled(bundled);
  const text = await read(location);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigurationError(location, [
      { path: "(root)", found: "text that is not JSON", allowed: "one JSON object" },
    ]);
  }
  const { value, mistakes, written } = substituteEnvironment(json, environment);
  if (mistakes.length > 0) throw new ConfigurationError(location, mistakes);
  return (await parser()).parseConfig(value, location, written);
}

/** What tells of mistakes is loaded where there is one. The build has asked for the time zones of the bundled configuration. */
async function parseBundled(bundled: SallyportConfig): Promise<Config> {
  const checked = checkConfig(bundled);
  return "config" in checked ? checked.config : (await parser()).parseConfig(bundled, "sallyport.config.ts");
}

const parser = () => import("../../domain/config/parse.ts");

async function read(location: string): Promise<string> {
  const [, source, name] = /^(file|ssm|appconfig):(.+)$/s.exec(location) ?? [];
  const signal = AbortSignal.timeout(TIMEOUT);
  // A service's error may repeat the name. What looks like JSON is the configuration itself, put here by mistake.
  const isName = name !== undefined && (source === "file" || !/[{}"\n]/.test(name));
  const text = !isName ? undefined : await readSource(source, name, signal);
  if (text === undefined || text === "") {
    throw new ConfigurationError("SALLYPORT_CONFIG", [
      {
        path: "SALLYPORT_CONFIG",
        found: !isName ? "another form" : "an empty configuration",
        allowed: "file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE",
      },
    ]);
  }
  return text;
}

async function readSource(source: string | undefined, name: string, signal: AbortSignal): Promise<string | undefined> {
  if (source === "file") return readText(name, signal);
  if (source === "ssm") return (await import("../secret/ssm.ts")).getParameter(name, signal);
  return (await import("./appconfig.ts")).getLatestConfiguration(name, signal);
}

/** Node's own error repeats the name, where somebody may have put the configuration itself: the mistake has its code alone. */
async function readText(file: string, signal: AbortSignal): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(file, { encoding: "utf8", signal }).catch(({ code, name }: NodeJS.ErrnoException) => {
    const mistake = {
      path: "SALLYPORT_CONFIG",
      found: `a file that cannot be read (${code ?? name})`,
      allowed: "file:PATH of a readable file",
    };
    throw new ConfigurationError("SALLYPORT_CONFIG", [mistake]);
  });
}

import { readFileSync } from "node:fs";
import { checkConfig } from "../../domain/config/check.ts";
import { ConfigurationError } from "../../domain/config/configuration-error.ts";
import type { Config, SallyportConfig } from "../../domain/config/schema.ts";

/** Timeout in milliseconds for reading a remote configuration. */
const TIMEOUT = 5000;

/**
 * Loads the configuration when the authorizer starts. `SALLYPORT_CONFIG` names its source: `file:PATH`, `ssm:NAME` or
 * `appconfig:APP/ENV/PROFILE`. It is JSON of the same schema, in which `${NAME}` is replaced by an environment
 * variable. Without `SALLYPORT_CONFIG` it is the bundled configuration.
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
  return (await parser()).parseWritten(text, location, environment);
}

/**
 * What tells of mistakes is loaded where there is one. The build has asked for the time zones of the bundled
 * configuration.
 */
async function parseBundled(bundled: SallyportConfig): Promise<Config> {
  const checked = checkConfig(bundled);
  return "config" in checked ? checked.config : (await parser()).parseConfig(bundled, "sallyport.config.ts");
}

const parser = () => import("./parser.ts");

async function read(location: string): Promise<string> {
  const [, source, name] = /^(file|ssm|appconfig):(.+)$/s.exec(location) ?? [];
  const signal = AbortSignal.timeout(TIMEOUT);
  // The error of an AWS service may repeat the name. A name that looks like JSON is probably the configuration itself.
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
  if (source === "file") return readText(name);
  if (source === "ssm") return (await import("../secret/ssm.ts")).getParameter(name, signal);
  return (await import("./appconfig.ts")).getLatestConfiguration(name, signal);
}

/** The error of Node.js repeats the name, which may be the configuration itself by mistake. Only its code is shown. */
function readText(file: string): string {
  try {
    // Not with node:fs/promises, which takes milliseconds to load: nothing else happens before the start ends.
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const mistake = {
      path: "SALLYPORT_CONFIG",
      found: `a file that cannot be read (${code ?? name})`,
      allowed: "file:PATH of a readable file",
    };
    throw new ConfigurationError("SALLYPORT_CONFIG", [mistake]);
  }
}

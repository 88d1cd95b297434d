import { access, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";
import { loadConfig } from "../shared/infrastructure/configuration/load.ts";
import { substituteEnvironment } from "../shared/infrastructure/configuration/substitute.ts";
import { errorText } from "./error-text.ts";
import { Failure } from "./failure.ts";

/** File names of the configuration in the working directory. The first one that exists is used. */
const NAMES = ["ts", "mts", "js", "mjs", "json"].map((extension) => `sallyport.config.${extension}`);

/** Takes the place of the bundled configuration, which only the function has. */
const NO_BUNDLED_CONFIG: SallyportConfig = { routes: [] };

/**
 * Loads and checks the configuration that `SALLYPORT_CONFIG` names, by default the one in the working directory.
 *
 * @throws {ConfigurationError} with every mistake
 * @throws {Failure} if there is no configuration
 */
export async function checkedConfig(): Promise<Config> {
  if (process.env.SALLYPORT_CONFIG) return loadConfig(NO_BUNDLED_CONFIG);
  const name = await findFile();
  if (name.endsWith(".json")) {
    return loadConfig(NO_BUNDLED_CONFIG, { ...process.env, SALLYPORT_CONFIG: `file:${name}` });
  }
  return parseConfig(await importFile(name), name);
}

/**
 * Loads the same configuration unchecked and without defaults. `ssm:` and `appconfig:` in `SALLYPORT_CONFIG` are
 * ignored, because they belong to a function in AWS.
 *
 * @throws {Failure} if there is no configuration
 */
export async function writtenConfig(): Promise<SallyportConfig> {
  const [, file] = /^file:(.+)$/s.exec(process.env.SALLYPORT_CONFIG ?? "") ?? [];
  const name = file ?? (await findFile());
  if (file === undefined && !name.endsWith(".json")) return (await importFile(name)) as SallyportConfig;
  const json: unknown = JSON.parse(await readFile(name, "utf8"));
  return substituteEnvironment(json, process.env).value as SallyportConfig;
}

async function findFile(): Promise<string> {
  for (const name of NAMES) {
    const isThere = await access(name).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  throw new Failure(
    `There is no configuration: write ${NAMES[0]} (or .mts, .js, .mjs, .json) in this folder, ` +
      "or name another in SALLYPORT_CONFIG: file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE.",
  );
}

async function importFile(name: string): Promise<unknown> {
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(name)).href);
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw new Failure(
        `Node.js ${process.versions.node} does not read ${name}: TypeScript needs Node.js 22.18 or later. Or write ${NAMES[3]}.`,
      );
    }
    throw new Failure(`${name} cannot be loaded: ${errorText(error)}`, { cause: error });
  }
  if (module.default === undefined) throw new Failure(`${name} has no default export.`);
  return module.default;
}

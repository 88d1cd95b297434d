import { access, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../shared/domain/config/configuration-error.ts";
import { parseConfig } from "../shared/domain/config/parse.ts";
import type { Config, SallyportConfig } from "../shared/domain/config/schema.ts";
import { loadConfig } from "../shared/infrastructure/configuration/load.ts";
import { parseJson } from "../shared/infrastructure/configuration/parser.ts";
import { substituteEnvironment } from "../shared/infrastructure/configuration/substitute.ts";
import type { Locate } from "./command-io.ts";
import { errorText } from "./error-text.ts";
import { Failure } from "./failure.ts";

/** File names of the configuration in the working directory. The first one that exists is used. */
const NAMES = ["ts", "mts", "js", "mjs", "json"].map((extension) => `sallyport.config.${extension}`);

/** Takes the place of the bundled configuration, which only the function has. */
const NO_BUNDLED_CONFIG: SallyportConfig = { routes: [] };

/**
 * Loads and checks the configuration that `SALLYPORT_CONFIG` names, by default the one in the working directory.
 *
 * @throws {ConfigurationError} with every mistake, and the place of each in the file
 * @throws {Failure} if there is no configuration
 */
export async function checkedConfig(): Promise<Config> {
  try {
    if (process.env.SALLYPORT_CONFIG) return await loadConfig(NO_BUNDLED_CONFIG);
    const name = await findFile();
    if (!name.endsWith(".json")) return parseConfig(await importFile(name), name);
    return await loadConfig(NO_BUNDLED_CONFIG, { ...process.env, SALLYPORT_CONFIG: `file:${name}` });
  } catch (error) {
    throw withPlaces(error, await locateInConfig());
  }
}

/**
 * Checks the module that the build bundles, wherever functions may find another configuration.
 *
 * @throws {ConfigurationError} with every mistake, and the place of each in the file
 * @throws {Failure} if it cannot be loaded
 */
export async function checkBundledConfig(name: string): Promise<void> {
  try {
    parseConfig((await importFile(name)) as SallyportConfig, name);
  } catch (error) {
    throw withPlaces(error, await locateIn(name));
  }
}

function withPlaces(error: unknown, locate: Locate): unknown {
  if (!(error instanceof ConfigurationError)) return error;
  const mistakes = error.mistakes.map((mistake) => ({ ...mistake, ...locate(mistake.path) }));
  return new ConfigurationError(error.source, mistakes);
}

/** Finds options in the source of the same configuration. In a remote one, nothing is found. */
export async function locateInConfig(): Promise<Locate> {
  const file = await localFile();
  return file === undefined ? () => undefined : locateIn(file);
}

async function locateIn(file: string): Promise<Locate> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return () => undefined;
  const { placesIn } = await import("./config-places.ts");
  const placeOf = placesIn(text, isJson(file));
  return (path) => {
    const place = placeOf(path);
    return place && { place: { file, ...place } };
  };
}

/**
 * Loads the same configuration unchecked and without defaults. `ssm:` and `appconfig:` in `SALLYPORT_CONFIG` are
 * ignored, because they belong to a function in AWS.
 *
 * @throws {Failure} if there is no configuration
 */
export async function writtenConfig(): Promise<SallyportConfig> {
  const [, file] = FILE.exec(process.env.SALLYPORT_CONFIG ?? "") ?? [];
  const name = file ?? (await findFile());
  if (!isJson(name)) return (await importFile(name)) as SallyportConfig;
  const json = parseJson(await readFile(name, "utf8"), name);
  return substituteEnvironment(json, process.env).value as SallyportConfig;
}

const FILE = /^file:(.+)$/s;

/** A file that `SALLYPORT_CONFIG` names is JSON, whatever its name. */
const isJson = (name: string) => Boolean(process.env.SALLYPORT_CONFIG) || name.endsWith(".json");

/** The file of the configuration; undefined if it is a remote one, or missing. */
async function localFile(): Promise<string | undefined> {
  const location = process.env.SALLYPORT_CONFIG;
  return location ? FILE.exec(location)?.[1] : findFile().catch(() => undefined);
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
    throw new Failure(await importFailure(name, error), { cause: error });
  }
  if (module.default === undefined) throw new Failure(`${name} has no default export.`);
  return module.default;
}

async function importFailure(name: string, error: unknown): Promise<string> {
  const { code } = Object(error) as { code?: unknown };
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `Node.js ${process.versions.node} does not read ${name}: TypeScript needs Node.js 22.18 or later. Or write ${NAMES[3]}.`;
  }
  const { syntaxErrorIn } = await import("./config-places.ts");
  const found = error instanceof SyntaxError ? syntaxErrorIn(await readFile(name, "utf8")) : undefined;
  return found
    ? `${name}:${found.line}:${found.column}: ${found.message}`
    : `${name} cannot be loaded: ${errorText(error)}`;
}

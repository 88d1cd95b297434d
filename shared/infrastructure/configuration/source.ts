import { readFileSync } from "node:fs";
import { ConfigurationError } from "../../domain/config/configuration-error.ts";
import { printable } from "../../domain/config/printable.ts";

/** Where the text of a configuration outside the bundle is read. */
export interface ConfigSource {
  /** Whether the text may change while the function runs. */
  readonly isRemote: boolean;
  /** The text, or undefined if it has not changed since it was read last. */
  read(signal: AbortSignal): Promise<string | undefined>;
}

/**
 * Opens the source that `SALLYPORT_CONFIG` names: `file:PATH`, `ssm:NAME` or `appconfig:APP/ENV/PROFILE`.
 *
 * @throws {ConfigurationError} if it has another form
 */
export async function openSource(location: string): Promise<ConfigSource> {
  const [, kind, name] = /^(file|ssm|appconfig):(.+)$/s.exec(location) ?? [];
  // The error of an AWS service may repeat the name. A name that looks like JSON is probably the configuration itself.
  if (name === undefined || (kind !== "file" && /[{}"\n]/.test(name))) throw otherForm(location);
  if (kind === "file") return { isRemote: false, read: async () => readText(name) };
  if (kind === "ssm") {
    const { getParameter } = await import("../secret/ssm.ts");
    return { isRemote: true, read: async (signal) => (await getParameter(name, signal)) ?? "" };
  }
  const { openProfile } = await import("./appconfig.ts");
  const read = openProfile(name);
  if (!read) throw otherForm(location);
  return { isRemote: true, read };
}

function otherForm(location: string): ConfigurationError {
  return new ConfigurationError("SALLYPORT_CONFIG", [
    {
      path: "SALLYPORT_CONFIG",
      found: shown(location) ?? "another form",
      allowed: "file:PATH, ssm:NAME or appconfig:APP/ENV/PROFILE",
    },
  ]);
}

/** The value, if it is neither the configuration itself by mistake nor a secret. */
const shown = (location: string): string | undefined =>
  /^[\w.:/ -]+$/.test(location) ? printable(location) : undefined;

/** The error of Node.js repeats the name, which may be the configuration itself by mistake. */
function readText(file: string): string {
  try {
    // Not with node:fs/promises, which takes milliseconds to load: nothing else happens before the start ends.
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const mistake = {
      path: "SALLYPORT_CONFIG",
      found: `${shown(`file:${file}`) ?? "a file"}, which cannot be read (${code ?? name})`,
      allowed: "file:PATH of a readable file",
    };
    throw new ConfigurationError("SALLYPORT_CONFIG", [mistake]);
  }
}

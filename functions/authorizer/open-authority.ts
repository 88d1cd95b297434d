import { readConfigMaxAge } from "../../shared/domain/config/cache.ts";
import type { SallyportConfig } from "../../shared/domain/config/schema.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { authorityOf, type CurrentAuthority } from "./authority.ts";

/**
 * Loads the configuration that `SALLYPORT_CONFIG` names, or the bundled one. One in SSM or AppConfig is read again
 * while the function runs, as often as `SALLYPORT_CONFIG_MAX_AGE` says.
 *
 * @throws {ConfigurationError} with every mistake: better no authorizer than one that decides by mistake
 */
export async function openAuthority(bundled: SallyportConfig): Promise<CurrentAuthority> {
  const { SALLYPORT_CONFIG: location = "" } = process.env;
  const maxAge = readConfigMaxAge();
  if (maxAge > 0 && /^(ssm|appconfig):/.test(location)) {
    return (await import("./remote-authority.ts")).watchAuthority(location, maxAge);
  }
  const authority = authorityOf(await loadConfig(bundled));
  return () => authority;
}

import { entitlements } from "../../providers/entitlements/index.ts";
import { createProviders } from "../../providers/registry.ts";
import { type CacheSettings, readCacheSettings } from "../../shared/domain/config/cache.ts";
import { noProviderError } from "../../shared/domain/config/no-provider.ts";
import type { Config } from "../../shared/domain/config/schema.ts";
import type { Authorizer } from "./authorize.ts";

/** What one decision rests on: a configuration, its providers, and how API Gateway caches the answer. */
export interface Authority extends Authorizer {
  readonly cache: CacheSettings;
}

/** The authority of this moment. A decision asks once. */
export type CurrentAuthority = () => Authority | Promise<Authority>;

/** @throws {ConfigurationError} without a provider, or for a wrong value in the environment */
export function authorityOf(config: Config): Authority {
  const providers = createProviders(config);
  if (providers.length === 0) throw noProviderError("the configuration");
  return { config, providers, entitlements: entitlements(config), cache: readCacheSettings(config) };
}

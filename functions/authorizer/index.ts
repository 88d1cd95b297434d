import { createProviders } from "../../providers/registry.ts";
import bundled from "../../sallyport.config.ts";
import { readCacheSettings } from "../../shared/domain/config/cache.ts";
import { noProviderError } from "../../shared/domain/config/no-provider.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";

/** A wrong configuration ends the start here: better no authorizer than one that decides by mistake. */
const config = await loadConfig(bundled);
const providers = createProviders(config);
if (providers.length === 0) throw noProviderError("the configuration");
export const handler = createHandler(config, providers, readCacheSettings(config));

import { createProviders } from "../../providers/registry.ts";
import bundled from "../../sallyport.config.ts";
import { readCacheSettings } from "../../shared/domain/config/cache.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";

/** A wrong configuration ends the start here: better no authorizer than one that decides by mistake. */
const config = await loadConfig(bundled);
export const handler = createHandler(config, createProviders(config), readCacheSettings(config));

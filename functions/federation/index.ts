import bundled from "../../sallyport.config.ts";
import { parseConfig } from "../../shared/domain/config/parse.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { openServices } from "./open-services.ts";

const { SALLYPORT_EVENT_BUS: bus } = process.env;

// The bundled configuration is read as the authorizer reads it, without the login.
const config = parseConfig(await loadConfig(bundled));

export const handler = createHandler(await openServices(config, bus));

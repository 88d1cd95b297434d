import bundled from "../../sallyport.config.ts";
import { completeConfig } from "../../shared/domain/config/complete.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { openServices } from "./open-services.ts";

const { SALLYPORT_EVENT_BUS: bus } = process.env;

// The bundled configuration is read as the authorizer reads it, without the login.
const config = completeConfig(await loadConfig(bundled), process.env.SALLYPORT_CONFIG || "sallyport.config.ts");

export const handler = createHandler(await openServices(config, bus));

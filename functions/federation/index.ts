import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { openServices } from "./open-services.ts";

const { SALLYPORT_EVENT_BUS: bus } = process.env;

export const handler = createHandler(await openServices(await loadConfig(bundled), bus));

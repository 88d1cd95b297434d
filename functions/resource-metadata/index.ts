import bundled from "../../sallyport.config.ts";
import { completeConfig } from "../../shared/domain/config/complete.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";

// The bundled configuration is read as the authorizer reads it, without these metadata.
const config = completeConfig(await loadConfig(bundled), process.env.SALLYPORT_CONFIG || "sallyport.config.ts");

/** Without Middy and a log: the answers are made at the start, and nothing that a caller sends decides but the path. */
export const handler = createHandler(config);

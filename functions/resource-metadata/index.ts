import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";

/** Without Middy and a log: the answers are made at the start, and nothing that a caller sends decides but the path. */
export const handler = createHandler(await loadConfig(bundled));

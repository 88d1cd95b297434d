import bundled from "../../sallyport.config.ts";
import { createHandlerFor } from "./create-handler.ts";
import { openAuthority } from "./open-authority.ts";

/** A wrong configuration ends the start here. */
export const handler = createHandlerFor(await openAuthority(bundled));

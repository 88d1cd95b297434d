import { createHandler } from "./create-handler.ts";
import { useTable } from "./use-table.ts";

/** Without the name of the table the start ends here. */
export const handler = createHandler(useTable(process.env.SALLYPORT_ACTIVITY_TABLE ?? ""));

import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { eventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { keyDocumentTable } from "../federation/store/key-document-table.ts";
import { createHandler } from "./create-handler.ts";
import { kmsKeyMaker } from "./key-maker.ts";

const { SALLYPORT_EVENT_BUS: name = "", SALLYPORT_STACK: stack = "" } = process.env;
const { federation } = await loadConfig(bundled);
if (!federation || name === "" || stack === "") {
  throw new Error("This function needs `federation`, SALLYPORT_EVENT_BUS and SALLYPORT_STACK.");
}
const bus = eventBus(name);

export const handler = createHandler({
  keys: kmsKeyMaker(stack),
  table: keyDocumentTable(federation.table),
  async put(event) {
    const [error] = await bus.put([event]);
    if (error) throw error;
  },
});

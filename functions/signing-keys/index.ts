import { eventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { keyDocumentTable } from "../federation/store/key-document-table.ts";
import { createHandler } from "./create-handler.ts";
import { kmsKeyMaker } from "./key-maker.ts";

const { SALLYPORT_EVENT_BUS: name = "", SALLYPORT_LOGIN_TABLE: table = "", SALLYPORT_STACK: stack = "" } = process.env;
if ([name, table, stack].includes("")) {
  throw new Error("This function needs SALLYPORT_EVENT_BUS, SALLYPORT_LOGIN_TABLE and SALLYPORT_STACK.");
}
const bus = eventBus(name);

export const handler = createHandler({
  keys: kmsKeyMaker(stack),
  table: keyDocumentTable(table),
  async put(event) {
    const [error] = await bus.put([event]);
    if (error) throw error;
  },
});

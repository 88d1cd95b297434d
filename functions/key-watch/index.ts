import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { eventBus } from "../../shared/infrastructure/event-bus/event-bus.ts";
import { createHandler } from "./create-handler.ts";
import { watchTable } from "./watch-table.ts";

/** Milliseconds of an exchange with a table. Nobody waits for the answer. */
const LIMITS = { whole: 10_000, attempt: 3000 };

const { SALLYPORT_ACTIVITY_TABLE: activity = "", SALLYPORT_EVENT_BUS: bus = "" } = process.env;
if (bus === "") throw new Error("SALLYPORT_EVENT_BUS names no bus.");

/** The configuration is loaded for each run: one in SSM or AppConfig may have changed since the last. */
export const handler = createHandler({
  loadConfig: () => loadConfig(bundled),
  openKeys: (table) => dynamoDbKeyTable(table, LIMITS),
  table: watchTable(activity, LIMITS),
  bus: eventBus(bus),
  fetch: (...request) => fetch(...request),
});

import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { sqsQueues } from "./queue.ts";

/** Milliseconds of an exchange with the table: a message that fails is tried again. */
const LIMITS = { whole: 6000, attempt: 2500 };

const { apiKeys: config } = await loadConfig(bundled);
if (!config) throw new Error("The configuration has no apiKeys, whose keys the commands are for.");
const { SALLYPORT_COMMAND_QUEUE: queue = "", SALLYPORT_COMMAND_DEAD_LETTERS: deadLetters = "" } = process.env;

export const handler = createHandler(
  { config, table: dynamoDbKeyTable(config.table, LIMITS) },
  sqsQueues(queue, deadLetters),
);

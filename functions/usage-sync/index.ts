import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { follower } from "./follow.ts";
import { gatewayKeys } from "./gateway-keys.ts";
import { pacer, SYSTEM_CLOCK } from "./pacer.ts";
import { plannedSubjects } from "./subject.ts";

/** Milliseconds of an exchange with the table. */
const LIMITS = { whole: 6000, attempt: 2500 };

/** The queue has two instances of the function at most, and `sallyport usage sync` may run beside them. */
const SHARE = 1 / 4;

const { apiKeys: config } = await loadConfig(bundled);
if (!config) throw new Error("The configuration has no apiKeys, whose usage plans the function keeps.");

export const handler = createHandler(
  follower(
    plannedSubjects(config),
    gatewayKeys(config.table, pacer(SYSTEM_CLOCK, SHARE)),
    dynamoDbKeyTable(config.table, LIMITS),
  ),
);

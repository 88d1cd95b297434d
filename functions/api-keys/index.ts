import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import bundled from "../../sallyport.config.ts";
import { loadConfig } from "../../shared/infrastructure/configuration/load.ts";
import { createHandler } from "./create-handler.ts";
import { dynamoDbRequestTable } from "./idempotency/dynamodb-request-table.ts";
import { changesOf, dynamoDbTenantBudget } from "./rights/tenant-budget.ts";

/** Limits of one exchange with a table: several of them fit into the function's timeout. */
const LIMITS = { whole: 2500, attempt: 1200 };

const { apiKeys, entitlements } = await loadConfig(bundled);
const { SALLYPORT_ACTIVITY_TABLE: activityTable, SALLYPORT_TENANT_CHANGES: tenantChanges } = process.env;
if (!apiKeys || !activityTable) throw new Error("This function needs `apiKeys` and SALLYPORT_ACTIVITY_TABLE.");

export const handler = createHandler({
  config: apiKeys,
  table: dynamoDbKeyTable(apiKeys.table, LIMITS),
  entitlements: entitlements && (await entitlementTable(entitlements.table)),
  requests: dynamoDbRequestTable(activityTable),
  // An empty value counts as none.
  budget: dynamoDbTenantBudget(activityTable, changesOf(tenantChanges || undefined)),
});

async function entitlementTable(name: string) {
  const { dynamoDbEntitlementTable } = await import(
    "../../providers/entitlements/management/dynamodb-entitlement-table.ts"
  );
  return dynamoDbEntitlementTable(name, LIMITS);
}

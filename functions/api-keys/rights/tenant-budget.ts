import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { REQUEST_LIMITS, tableClient } from "../../../shared/infrastructure/dynamodb/exchange.ts";
import { TTL_ATTRIBUTE } from "../../../shared/infrastructure/dynamodb/table.ts";

/**
 * How much the administrators of one tenant may give and change. Each change may empty the caches of all tenants; so does
 * the end of a key, and to have keys that can be ended, somebody must issue or enable them. Whatever takes away is free:
 * nothing stands in the way of a revocation, and nothing delays it.
 */
export interface TenantBudget {
  /**
   * Takes one change.
   *
   * @param time seconds since the epoch
   * @returns 0; or the seconds after which the next change is taken
   */
  take(tenant: string, time: number): Promise<number>;
}

/** Seconds for which a number of changes is given. */
export const WINDOW = 600;

/** The budgets of a table: for each tenant and window a count, by one conditional update. */
export function dynamoDbTenantBudget(table: string, changes: number): TenantBudget {
  const { input, exchange } = tableClient(table, REQUEST_LIMITS);
  return {
    async take(tenant, time) {
      const window = Math.floor(time / WINDOW);
      const end = (window + 1) * WINDOW;
      const command = new UpdateItemCommand({
        ...{ ...input, Key: { pk: { S: `BUDGET#${window}#${tenant}` } } },
        UpdateExpression: "ADD taken :one SET #ttl = :ttl",
        ConditionExpression: "attribute_not_exists(taken) OR taken < :changes",
        ExpressionAttributeNames: { "#ttl": TTL_ATTRIBUTE },
        ExpressionAttributeValues: {
          ":one": { N: "1" },
          ":changes": { N: String(changes) },
          ":ttl": { N: String(end + WINDOW) },
        },
      });
      try {
        await exchange((client, options) => client.send(command, options));
        return 0;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return end - time;
        throw error;
      }
    },
  };
}

/** Changes of a tenant in a window, by the text of a variable. @throws {Error} */
export function changesOf(text = "60"): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error("SALLYPORT_TENANT_CHANGES is a whole number from 1 to 999,999.");
}

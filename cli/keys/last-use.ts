import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { useKey } from "../../functions/key-use/use-table.ts";
import { COMMAND_LIMITS, tableClient } from "../../shared/infrastructure/dynamodb/exchange.ts";

/** When a key was last used. `unknown`: no table of activity is known, or it cannot be read. */
export type LastUse = { readonly hour: number } | "never" | "unknown";

/**
 * Reads when a key was last used, from the table of activity. `--stack` names it.
 *
 * @param table the table's name; without one, nothing is known
 */
export async function lastUse(id: string, table = process.env.SALLYPORT_ACTIVITY_TABLE): Promise<LastUse> {
  if (!table) return "unknown";
  const { input, exchange } = tableClient(table, COMMAND_LIMITS);
  const command = new GetItemCommand({ ...input, Key: useKey(id) });
  try {
    const { Item } = await exchange((client, options) => client.send(command, options));
    const hour = Number(Item?.hour?.N);
    return Item ? (Number.isSafeInteger(hour) ? { hour } : "unknown") : "never";
  } catch {
    // Whoever may read keys may not be allowed to read their uses: the rest is shown all the same.
    return "unknown";
  }
}

import type { Item } from "./record.ts";

/** An item that a request writes. */
export interface WrittenItem {
  readonly table: string;
  readonly keys: Item;
}

interface WriteRequest {
  readonly TableName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly RequestItems?: Readonly<Record<string, readonly BatchEntry[]>>;
}

interface BatchEntry {
  readonly PutRequest?: { readonly Item?: Item };
  readonly DeleteRequest?: { readonly Key?: Item };
}

/** Operations that write items. The embedded database has no others: no transactions, no PartiQL. */
export const WRITES: ReadonlySet<string> = new Set(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"]);

/**
 * The items that a request writes, of tables with a stream.
 *
 * @param body the request's JSON; a wrong one writes nothing, and the database says what is wrong with it
 * @param keysOf names of a table's key attributes; undefined for a table without a stream
 */
export function writtenItems(
  body: string,
  keysOf: (table: string) => readonly string[] | undefined,
): readonly WrittenItem[] {
  const request = parse(body);
  const entries: [string, Item | undefined][] = request.RequestItems
    ? Object.entries(request.RequestItems).flatMap(([table, batch]) =>
        batch.map((each): [string, Item | undefined] => [table, each.PutRequest?.Item ?? each.DeleteRequest?.Key]),
      )
    : [[request.TableName ?? "", request.Item ?? request.Key]];
  return entries.flatMap(([given, item]) => {
    // A table may be named by its ARN.
    const table = given.split(":table/").at(-1) ?? "";
    const names = keysOf(table);
    if (!names || !item || !names.every((name) => item[name])) return [];
    return [{ table, keys: Object.fromEntries(names.map((name) => [name, item[name]])) as Item }];
  });
}

function parse(body: string): WriteRequest {
  try {
    return Object(JSON.parse(body)) as WriteRequest;
  } catch {
    return {};
  }
}

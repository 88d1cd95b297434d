import type { KeyPage, KeyQuery, KeyTable, ListedKey, PageOptions } from "./key-table.ts";

/**
 * A page that has as many keys as its limit, unless it is the last one: DynamoDB ends a page early after a megabyte, and
 * a scan also reads what is no key.
 */
export async function wholePage(
  table: Pick<KeyTable, "page">,
  query: KeyQuery,
  { limit = 100, cursor: first }: PageOptions = {},
): Promise<KeyPage> {
  const keys: ListedKey[] = [];
  let cursor = first;
  do {
    const page: KeyPage = await table.page(query, {
      limit: limit - keys.length,
      ...(cursor !== undefined && { cursor }),
    });
    keys.push(...page.keys);
    cursor = page.cursor;
  } while (cursor !== undefined && keys.length < limit);
  return { keys, ...(cursor !== undefined && { cursor }) };
}

/** All keys of a query, page by page. */
export async function* allPages(
  table: Pick<KeyTable, "page">,
  query: KeyQuery,
  { limit = 1000, cursor: first }: PageOptions = {},
): AsyncGenerator<KeyPage> {
  let cursor = first;
  do {
    const page: KeyPage = await table.page(query, { limit, ...(cursor !== undefined && { cursor }) });
    yield page;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

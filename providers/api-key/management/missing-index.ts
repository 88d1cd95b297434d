/** The indexes of the table of keys, in the order in which the template's parameter `KeyIndexes` creates them. */
const INDEXES = ["by-owner", "by-tenant", "by-expiry"];

/** The index that a table does not have, if this is why a query failed. */
export function missingIndex(error: unknown): string | undefined {
  const { name, message } = Object(error) as { name?: unknown; message?: unknown };
  if (name !== "ValidationException") return undefined;
  const [, index] = /specified index: ([a-z-]+)/.exec(String(message)) ?? [];
  return INDEXES.find((each) => each === index);
}

/** What to do about it. */
export const missingIndexText = (index: string, table: string): string =>
  `${table} has no index ${index}. Set the parameter KeyIndexes of the template to ` +
  `${INDEXES.indexOf(index) + 1} or more and update the stack, one index with each update; then run ` +
  "`sallyport keys reindex` once, if there are keys of before. docs/api-keys.md has the definition for a table of your own.";

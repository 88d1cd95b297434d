import type { Invocation } from "../gateway/invoker.ts";

/**
 * The items of a batch that failed: after an error all of them, and without `ReportBatchItemFailures` otherwise none. An
 * answer that names an item which is not in the batch is a failure of all (Lambda developer guide, "Reporting batch
 * item failures").
 *
 * @param ids of the items
 */
export function failedItems(
  { result, error }: Invocation,
  ids: readonly string[],
  partial: boolean,
): ReadonlySet<string> {
  const all = new Set(ids);
  if (error !== undefined) return all;
  const { batchItemFailures } = Object(result) as { batchItemFailures?: unknown };
  if (!partial || batchItemFailures === undefined || batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;
  const named = batchItemFailures.map((each) => (Object(each) as { itemIdentifier?: unknown }).itemIdentifier);
  const known = named.filter((id): id is string => typeof id === "string" && all.has(id));
  return known.length === named.length ? new Set(known) : all;
}

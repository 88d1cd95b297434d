/** Requests to a table at the same time. */
const AT_ONCE = 10;

/** Maps items by an asynchronous function, a few at the same time. Rejects with the first error. */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const work = async () => {
    for (const [index, item] of waiting) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

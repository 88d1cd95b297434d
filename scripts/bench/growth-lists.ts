import { performance } from "node:perf_hooks";
import { dynamoDbKeyTable } from "../../providers/api-key/management/dynamodb-key-table.ts";
import type { KeyQuery } from "../../providers/api-key/management/key-table.ts";
import { dayBuckets } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import { BUSY_DAY, OWNER, TENANT } from "./fill-table.ts";
import { cell, type Table } from "./report.ts";
import { median } from "./statistics.ts";

/** Keys of a page. */
const LIMIT = 10;
const [bucket = ""] = dayBuckets(BUSY_DAY);

/** Lists whose cost should not depend on how many keys there are. */
const LISTS: readonly (readonly [string, KeyQuery])[] = [
  ["of an owner", { owner: OWNER }],
  ["of a tenant with all keys", { tenant: TENANT }],
  ["that end on a day", { expiryBucket: bucket, from: BUSY_DAY, until: BUSY_DAY + 86_399 }],
];

/**
 * Measures one page of each list against the number of keys in the table.
 *
 * @param tables names of the tables, and how many keys each has
 */
export async function listsTable(
  tables: readonly (readonly [string, number])[],
  { rounds, quick }: { readonly rounds: number; readonly quick: boolean },
): Promise<Table> {
  const cases = tables.flatMap(([table, size]) =>
    LISTS.map(([name, query]) => ({ name, size, query, store: dynamoDbKeyTable(table), times: [] as number[] })),
  );
  for (let round = -2; round < (quick ? 1 : rounds); round++) {
    // There and back, so that a machine that slows down does so for all.
    for (const each of round % 2 === 0 ? cases : cases.toReversed()) {
      for (let n = 0; n < (quick ? 1 : 10); n++) {
        const start = performance.now();
        await each.store.page(each.query, { limit: LIMIT });
        if (round >= 0) each.times.push(1000 * (performance.now() - start));
      }
    }
  }
  const [first] = tables;
  return {
    title: `Pages of ${LIMIT} keys, by keys in the table`,
    columns: ["list", "keys", "wall", "×"],
    rows: LISTS.flatMap(([name]) => {
      const own = cases.filter((each) => each.name === name);
      const base = median(own.find(({ size }) => size === first?.[1])?.times ?? []);
      return own.map(({ size, times }) => [
        name,
        String(size),
        cell(median(times), "µs"),
        cell(median(times) / base, "×"),
      ]);
    }),
  };
}

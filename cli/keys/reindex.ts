import { reindex as reindexed } from "../../providers/api-key/management/reindex.ts";
import { dayBuckets } from "../../shared/infrastructure/dynamodb/day-buckets.ts";
import type { CommandIo } from "../command-io.ts";
import { progressOn } from "../progress.ts";
import { inTable } from "./table.ts";

interface ReindexOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Puts records of before there were indexes into the index of ends. */
export async function reindex({ dryRun = false, json }: ReindexOptions, io: CommandIo): Promise<void> {
  const progress = progressOn(io.stderr);
  let [read, written] = [0, 0];
  await inTable(io, async (table, config) => {
    // A table without the index is said to have none, in place of a success that lists nothing.
    const [expiryBucket = ""] = dayBuckets(0);
    await table.page({ expiryBucket, from: 0, until: 0 }, { limit: 1 });
    for await (const page of reindexed(config.table, dryRun)) {
      read += page.read;
      written += page.written;
      progress.show(`${read.toLocaleString("en")} records read, ${written.toLocaleString("en")} put into the index`);
    }
  }).finally(() => progress.end());
  if (json) io.stdout.write(`${JSON.stringify({ read, written: dryRun ? 0 : written, missing: written })}\n`);
  const what = dryRun ? "are to be put into the index. Nothing was changed." : "were put into the index.";
  io.stderr.write(`${read.toLocaleString("en")} records read; ${written.toLocaleString("en")} ${what}\n`);
}

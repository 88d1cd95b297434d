import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { Tally } from "./tally.ts";

/** One part of a run: it compares a number of cases, and counts what it finds. */
export interface Comparison {
  readonly title: string;
  /** Cases by default. */
  readonly count: number;
  readonly compare: (seed: number, count: number, tally: Tally) => Promise<Tally>;
}

/**
 * Runs the comparisons of an oracle with the options of the command line, and prints what they found. A run with the
 * same seed has the same cases, but for keys, which are made anew.
 *
 *     --count N   cases of each comparison    --seed N    --most N   differences to print
 *
 * Exits with 1 if there is a difference.
 */
export async function runOracle(comparisons: readonly Comparison[]): Promise<void> {
  const { values } = parseArgs({
    options: { count: { type: "string" }, seed: { type: "string" }, most: { type: "string" } },
  });
  const seed = whole(values.seed, "seed") ?? randomInt(2 ** 32);
  console.log(`seed ${seed}`);
  for (const { title, count, compare } of comparisons) {
    const start = performance.now();
    const tally = await compare(seed, whole(values.count, "count") ?? count, new Tally(whole(values.most, "most")));
    const seconds = (performance.now() - start) / 1000;
    console.log(`\n${title}: ${tally.total} cases in ${Math.round(seconds)} s, ${tally.differing} differences`);
    for (const [outcome, times] of [...tally.counts].sort()) console.log(`${String(times).padStart(9)}  ${outcome}`);
    for (const difference of tally.differences) console.log(JSON.stringify(difference, null, 1));
    if (tally.differing > 0) process.exitCode = 1;
  }
}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number.`);
  return value;
}

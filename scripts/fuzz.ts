import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { compare } from "../test/model/compare.ts";
import type { Counts } from "../test/model/coverage.ts";
import { sallyport } from "../test/model/subject.ts";

/**
 * Compares Sallyport's policies with the model of docs/policy.md (test/model) for random configurations, callers and
 * uses.
 *
 *     npm run fuzz -- [--tuples 1000000] [--seed N] [--most 5]
 *
 * Exits with 1 if there is a difference.
 */
const { values } = parseArgs({
  options: { tuples: { type: "string" }, seed: { type: "string" }, most: { type: "string" } },
});
const seed = whole("seed", randomInt(2 ** 32));
const tuples = whole("tuples", 1_000_000);

console.log(`seed ${seed}`);
const start = performance.now();
let printed = start;
const { counts, differences } = await compare(seed, tuples, sallyport(), {
  most: whole("most", 5),
  onProgress: (soFar) => {
    if (performance.now() - printed < 5000) return;
    printed = performance.now();
    console.log(rateOf(soFar));
  },
});

console.log(rateOf(counts));
for (const [name, value] of Object.entries(counts)) console.log(`${name.padEnd(18)}${value}`);
for (const difference of differences) console.log(`\n${JSON.stringify(difference, null, 1)}`);
console.log(differences.length === 0 ? "No difference." : `\n${differences.length} differences.`);
process.exitCode = differences.length === 0 ? 0 : 1;

function rateOf(soFar: Counts): string {
  const seconds = (performance.now() - start) / 1000;
  return `${soFar.tuples} tuples, ${Math.round(soFar.tuples / seconds)} a second`;
}

function whole(name: keyof typeof values, otherwise: number): number {
  const value = Number(values[name] ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number.`);
  return value;
}

import { randomInt } from "node:crypto";
import { commandLine, WrongUsage } from "../local/command-line.ts";
import { compare } from "../test/model/compare.ts";
import type { Counts } from "../test/model/coverage.ts";
import { sallyport } from "../test/model/subject.ts";

/**
 * Compares Sallyport's policies with the model of docs/policy.md (test/model) for random configurations, callers and
 * uses. Exits with 1 if there is a difference.
 */
const COMMAND = {
  usage: `Usage: npm run fuzz -- [options]

Compares Sallyport's policies with the model of docs/policy.md, for random configurations, callers and uses.

  --tuples N         how many to compare (default 1000000)
  --seed N           repeats a run (default: a new seed, which is printed)
  --most N           ends after this many differences (default 5)
  --help, --version  print this text, or the version
`,
  options: { tuples: { type: "string" }, seed: { type: "string" }, most: { type: "string" } },
} as const;
const { seed, tuples, most } = commandLine(COMMAND, ({ values }) => ({
  seed: whole("seed", values.seed, randomInt(2 ** 32)),
  tuples: whole("tuples", values.tuples, 1_000_000),
  most: whole("most", values.most, 5),
}));

console.log(`seed ${seed}`);
const start = performance.now();
let printed = start;
const { counts, differences } = await compare(seed, tuples, sallyport(), {
  most,
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

function whole(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (text === "" || !Number.isSafeInteger(value) || value < 0) throw new WrongUsage(`--${name} takes a whole number.`);
  return value;
}

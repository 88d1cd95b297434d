import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { BundleReport } from "./bundle.ts";

/**
 * Fails if a bundle exceeds its budget. Every start loads the entry and its static imports. Other chunks load with the
 * first credential that needs them.
 */
const BUDGETS = {
  "api-keys": { start: 328, whole: 676 },
  authorizer: { start: 183, whole: 722 },
  "cache-flush": { start: 249, whole: 386 },
  federation: { start: 363, whole: 1248 },
  "key-commands": { start: 332, whole: 572 },
  "key-events": { start: 267, whole: 382 },
  "key-use": { start: 219, whole: 340 },
  "key-watch": { start: 324, whole: 595 },
  "resource-metadata": { start: 75, whole: 419 },
  "signing-keys": { start: 276, whole: 391 },
  "usage-sync": { start: 321, whole: 516 },
  whoami: { start: 4, whole: 4 },
};

execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "ignore" });

for (const [name, budget] of Object.entries(BUDGETS)) {
  const { files } = JSON.parse(await readFile(`dist/meta/${name}.json`, "utf8")) as BundleReport;
  const start = kibibytes([...eager(files, `dist/functions/${name}/index.mjs`)].map((file) => files[file]?.bytes ?? 0));
  const whole = kibibytes(Object.values(files).map(({ bytes }) => bytes));
  const fits = start <= budget.start && whole <= budget.whole;
  console.log(
    `${name}: ${start} KiB at the start (budget ${budget.start}), ${whole} KiB in all (budget ${budget.whole})`,
  );
  if (!fits) process.exitCode = 1;
}

/** The file and everything it imports statically. */
function eager(files: BundleReport["files"], file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const imported of files[file]?.imports ?? []) eager(files, imported, seen);
  return seen;
}

function kibibytes(sizes: readonly number[]): number {
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

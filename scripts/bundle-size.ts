import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Metafile } from "esbuild";

/**
 * Fails if a bundle exceeds its budget. Every start loads the entry and its static imports. Other chunks load with the
 * first credential that needs them.
 */
const BUDGETS = {
  authorizer: { start: 156, whole: 830 },
  whoami: { start: 4, whole: 4 },
};

execFileSync(process.execPath, ["scripts/build.ts"], { stdio: "ignore" });

for (const [name, budget] of Object.entries(BUDGETS)) {
  const { outputs } = JSON.parse(await readFile(`dist/meta/${name}.json`, "utf8")) as Metafile;
  const start = kibibytes(
    [...eager(outputs, `dist/functions/${name}/index.mjs`)].map((file) => outputs[file]?.bytes ?? 0),
  );
  const whole = kibibytes(Object.values(outputs).map(({ bytes }) => bytes));
  const fits = start <= budget.start && whole <= budget.whole;
  console.log(
    `${name}: ${start} KiB at the start (budget ${budget.start}), ${whole} KiB in all (budget ${budget.whole})`,
  );
  if (!fits) process.exitCode = 1;
}

/** The file and everything it imports statically. */
function eager(outputs: Metafile["outputs"], file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind } of outputs[file]?.imports ?? []) {
    if (kind === "import-statement") eager(outputs, path, seen);
  }
  return seen;
}

function kibibytes(sizes: readonly number[]): number {
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

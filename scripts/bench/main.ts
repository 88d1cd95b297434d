import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { cold } from "./cold.ts";
import { growing } from "./growth.ts";
import { type Report, render } from "./report.ts";
import { steps } from "./steps.ts";
import { warm } from "./warm.ts";
import type { Options } from "./warm-rows.ts";
import { createWorld, type World } from "./world.ts";
import { buildYardsticks } from "./yardsticks.ts";

/**
 * Measures the built authorizer and other authorizers and libraries for comparison.
 *
 *     npm run bench -- [warm|cold|growth|steps|all] [--rounds N] [--only TEXT] [--keys N] [--quick] [--no-build] [--json |
 * --markdown]
 *
 * docs/performance.md explains the results. Exits with 1 if something could not be measured, but not for a missed
 * target.
 */
const GROUPS: Readonly<Record<string, (world: World, options: Options) => Promise<Report>>> = {
  warm,
  cold,
  growth: growing,
  steps,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    only: { type: "string" },
    keys: { type: "string" },
    quick: { type: "boolean" },
    "no-build": { type: "boolean" },
    json: { type: "boolean" },
    markdown: { type: "boolean" },
  },
});
const quick = values.quick ?? false;
const options: Options = {
  quick,
  only: values.only ?? "",
  rounds: Number(values.rounds ?? (quick ? 1 : 15)),
  keys: Number(values.keys ?? 100_000),
};
if (!Number.isSafeInteger(options.rounds) || options.rounds < 1)
  throw new Error("--rounds takes a whole number of at least 1.");
const asked = positionals.length === 0 ? ["warm"] : positionals.includes("all") ? Object.keys(GROUPS) : positionals;
for (const name of asked) {
  if (!Object.hasOwn(GROUPS, name))
    throw new Error(`There is no group "${name}": ${Object.keys(GROUPS).join(", ")}, all.`);
}

if (!values["no-build"]) execFileSync(process.execPath, ["scripts/build.ts", "authorizer"], { stdio: "ignore" });
await buildYardsticks();
const world = await createWorld();
const reports: Report[] = [];
try {
  for (const name of asked) {
    const report = await GROUPS[name]?.(world, options);
    if (!report) continue;
    reports.push(report);
    if (!values.json) console.log(render(report, values.markdown ?? false));
  }
} finally {
  await world.close();
}
if (values.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, rounds: options.rounds, quick };
  console.log(JSON.stringify({ machine, reports }, null, 1));
}

import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { commandLine, suggestion, WrongUsage } from "../../local/command-line.ts";
import { cold } from "./cold.ts";
import { growing } from "./growth.ts";
import { type Report, render } from "./report.ts";
import { steps } from "./steps.ts";
import { warm } from "./warm.ts";
import type { Options } from "./warm-rows.ts";
import { createWorld, type World } from "./world.ts";
import { compareWith } from "./yardsticks.ts";

/**
 * Measures the built authorizer and other authorizers and libraries for comparison. docs/performance.md explains the
 * results. Exits with 1 if something could not be measured, but not for a missed target.
 */
const GROUPS: Readonly<Record<string, (world: World, options: Options) => Promise<Report>>> = {
  warm,
  cold,
  growth: growing,
  steps,
};

const COMMAND = {
  usage: `Usage: npm run bench -- [warm] [cold] [growth] [steps] [all] [options]

Measures the built authorizer, beside other authorizers and libraries. Without a group it measures warm.

  --rounds N          how often each case is measured (default 15)
  --only TEXT         only the cases whose names contain this text
  --keys N            how many keys the growth of caches is measured with (default 100000)
  --quick             one round, for a look
  --no-build          measure the authorizer as it was built last
  --beside FOLDER     measure an earlier build too, such as ../earlier/dist/functions/authorizer of another worktree
  --json, --markdown  print JSON, or tables in Markdown
  --help, --version   print this text, or the version
`,
  options: {
    rounds: { type: "string" },
    only: { type: "string" },
    keys: { type: "string" },
    quick: { type: "boolean" },
    "no-build": { type: "boolean" },
    beside: { type: "string" },
    json: { type: "boolean" },
    markdown: { type: "boolean" },
  },
  allowPositionals: true,
} as const;
const { values, quick, options, asked } = commandLine(COMMAND, ({ values, positionals }) => {
  const unknown = positionals.find((name) => name !== "all" && !Object.hasOwn(GROUPS, name));
  if (unknown !== undefined) {
    throw new WrongUsage(`There is no such group.${suggestion(unknown, Object.keys(GROUPS))}`);
  }
  const quick = values.quick ?? false;
  const rounds = Number(values.rounds ?? (quick ? 1 : 15));
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new WrongUsage("--rounds takes a whole number of at least 1.");
  const options: Options = { quick, rounds, only: values.only ?? "", keys: Number(values.keys ?? 100_000) };
  const asked = positionals.length === 0 ? ["warm"] : positionals.includes("all") ? Object.keys(GROUPS) : positionals;
  return { values, quick, options, asked };
});

if (!values["no-build"]) execFileSync(process.execPath, ["scripts/build.ts", "authorizer"], { stdio: "ignore" });
execFileSync(process.execPath, ["scripts/bench/build-yardsticks.ts"], { stdio: "ignore" });
if (values.beside !== undefined) compareWith(values.beside);
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

import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { CASES } from "./cases.ts";
import { type CaseResult, runCase } from "./run-case.ts";

/**
 * Runs the whole stack of template.yaml while keys are issued, rotated, narrowed, suspended and revoked, callers use all
 * their secrets, and something fails. Prints the table of docs/faults.md. Needs `npm run build`.
 *
 * Usage: main.ts [--case TEXT] [--seconds 20] [--callers 8] [--seed N]
 *
 *   --case TEXT    the cases whose names have this text
 *   --seconds N    how long keys are changed
 *
 * Exits with 1 if a refused secret was accepted after the bound, an event was lost, invented or out of order, or a
 * secret is in an event.
 */
const { values } = parseArgs({
  options: {
    case: { type: "string", default: "" },
    seconds: { type: "string", default: "20" },
    callers: { type: "string", default: "8" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
  },
});
const options = { seed: Number(values.seed), seconds: Number(values.seconds), callers: Number(values.callers) };
console.log(`seed ${options.seed}\n`);
const results: CaseResult[] = [];
for (const each of CASES.filter(({ name }) => name.includes(values.case))) {
  process.stderr.write(`${each.name} …\n`);
  results.push(await runCase(each, options));
}
console.log("| what fails | requests | trouble | changes | events | again | accepted at the latest | |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
for (const { name, calls, changes, events, duplicates, violations } of results) {
  const cells = [name, calls.requests, calls.troubled, changes, events, duplicates, `${Math.round(calls.latest)} ms`];
  console.log(`| ${cells.join(" | ")} | ${violations[0] ?? "as it must be"} |`);
}
for (const { name, violations } of results) {
  if (violations.length === 0) continue;
  console.log(`\n${name}:\n${violations.map((line) => `- ${line}`).join("\n")}`);
  process.exitCode = 1;
}

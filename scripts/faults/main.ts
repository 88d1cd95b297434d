import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type CaseResult, runCase } from "./case.ts";
import { FAULTS } from "./fault-list.ts";
import { PARTIES } from "./parties.ts";
import { tableOf } from "./report.ts";
import { runScenario, SCENARIOS } from "./scenarios.ts";

/**
 * Runs the built function against faulty parties, while callers with sound and forged credentials of every kind keep
 * coming, and prints the tables of docs/faults.md. Needs `npm run build`.
 *
 * Usage: main.ts [--party NAME] [--fault TEXT] [--rounds 8] [--at-once N]
 *
 *   --party NAME   one party        --fault TEXT   the faults whose names have this text
 *   --rounds N     rounds of requests of each phase
 *   --at-once N    cases at the same time; by default one for each processor
 *
 * Exits with 1 if something is not as it must be.
 */
const { values } = parseArgs({
  options: {
    party: { type: "string" },
    fault: { type: "string", default: "" },
    rounds: { type: "string", default: "8" },
    "at-once": { type: "string", default: String(availableParallelism()) },
  },
});
const parties = PARTIES.filter((name) => values.party === undefined || name === values.party);
const faults = FAULTS.filter(({ name }) => name.includes(values.fault));
const waiting = parties.flatMap((party) => faults.map((fault) => ({ party, fault })));
const results: CaseResult[] = [];

await Promise.all(
  Array.from({ length: Number(values["at-once"]) }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results.push(await runCase(next.party, next.fault, { rounds: Number(values.rounds) }));
      process.stderr.write(`${waiting.length} left \r`);
    }
  }),
);

for (const party of parties) {
  const order = faults.map(({ name }) => name);
  const own = results.filter((each) => each.party === party);
  own.sort((one, other) => order.indexOf(one.fault) - order.indexOf(other.fault));
  console.log(`\n### ${party}\n\n${tableOf(own)}`);
}
const requests = results.reduce((sum, { cold, warm }) => sum + cold.requests + warm.requests, 0);
const late = results.reduce((sum, { cold, warm }) => sum + cold.late + warm.late, 0);
console.log(`\n${results.length} cases, ${requests} requests.`);
if (late > 0) console.log(`${late} answers of a table that was well came too late, since this machine is busy.`);
const courses = values.party === undefined && values.fault === "" ? SCENARIOS : [];
if (courses.length > 0) console.log("\n### Courses of events\n");
for (const scenario of courses) {
  const problems = await runScenario(scenario);
  console.log(`- ${scenario.title}: ${problems.join("; ") || "as it must be"}`);
  if (problems.length > 0) process.exitCode = 1;
}
for (const { party, fault, violations, untimely } of results) {
  for (const each of [...violations, ...untimely]) console.log(`${party}, ${fault}: ${each}`);
  if (violations.length + untimely.length > 0) process.exitCode = 1;
}

import { glob, readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { AREAS, type Area } from "./mutants/areas.ts";
import { type Equivalent, type Judgement, judge } from "./mutants/judge.ts";
import { runMutants } from "./mutants/run.ts";
import type { Survivor } from "./mutants/survivor.ts";

/**
 * Changes the code in one place after the other and runs the tests that reach the place: a change that no test notices
 * survives. Prints a score for each area, and its survivors without those that `scripts/mutants/equivalents.json`
 * explains.
 *
 *     npm run mutants -- [AREA…] [--file FILE]… [--force] [--concurrency 1]
 *
 * An area is a folder (`shared/domain/policy`); without one, all of them run. `--file` mutates these files of it alone.
 * A mutant whose code and tests are as in the run before is not run again, but with `--force`. Exits with 1 if an area
 * is below its target or has a survivor that is not explained.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: "string", multiple: true },
    force: { type: "boolean", default: false },
    concurrency: { type: "string", default: "1" },
  },
});

const unknown = positionals.filter((name) => !AREAS.some((area) => area.name === name));
if (unknown.length > 0) {
  throw new Error(`There is no area ${unknown.join(", ")}. The areas: ${AREAS.map(({ name }) => name).join(", ")}`);
}
const equivalents = JSON.parse(await readFile("scripts/mutants/equivalents.json", "utf8")) as Equivalent[];
for (const area of AREAS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const judgement = await judged(area);
  console.log(report(area, judgement).join("\n"));
  if (!judgement.isGood) process.exitCode = 1;
}

async function judged(area: Area): Promise<Judgement> {
  const { force, concurrency, file: files } = values;
  // Read before the run: it copies the files, and somebody may go on with them.
  const sources = new Map<string, string>();
  for await (const file of glob(files ?? area.mutate)) sources.set(file, await readFile(file, "utf8"));
  const all = await runMutants(area, { files, force, concurrency: Number(concurrency) });
  const mutants = all.filter(({ fileName }) => sources.has(fileName));
  return judge(mutants, sources, equivalents);
}

function report({ name }: Area, judgement: Judgement): string[] {
  const { mutants, noticed, timedOut, explained, survivors, stale } = judgement;
  return [
    `${name}: ${percent(noticed, mutants)} %, ${noticed} of ${mutants} mutants noticed (${timedOut} by a time-out)`,
    `  ${explained} survivors explained, ${survivors.length} not`,
    ...survivors.map(shown),
    ...stale.map(({ file, becomes }) => `  explained, and no longer a survivor: ${file}: ${becomes}`),
  ];
}

function shown({ file, line, was, becomes }: Survivor): string {
  return `  ${file}:${line}\n    - ${was}\n    + ${becomes}`;
}

/** Rounded down: 94.99 is not 95. */
function percent(part: number, whole: number): string {
  return (Math.floor((1000 * part) / Math.max(whole, 1)) / 10).toFixed(1);
}

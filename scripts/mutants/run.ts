import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import type { Area } from "./areas.ts";
import type { Mutant } from "./survivor.ts";

/**
 * Mutates an area and runs its tests for each mutant.
 *
 * @param files the files to mutate; undefined for all of the area
 * @param force whether mutants are run that an earlier run has decided and whose code and tests are unchanged
 */
export async function runMutants(
  area: Area,
  { files, force, concurrency }: { files: readonly string[] | undefined; force: boolean; concurrency: number },
): Promise<Mutant[]> {
  const incrementalFile = `.mutants/${area.name.replaceAll("/", "-")}.json`;
  await forgetSurvivors(incrementalFile);
  // For vitest.config.ts, which the test runner's processes read.
  process.env.SALLYPORT_MUTANTS = area.name;
  const mutants = await new Stryker({
    mutate: [...(files ?? area.mutate)],
    ...{ testRunner: "vitest", plugins: ["@stryker-mutator/vitest-runner"], coverageAnalysis: "perTest" },
    vitest: { configFile: "scripts/mutants/vitest.config.ts", related: false },
    // Stryker would rewrite a tsconfig.json by means that TypeScript 7 does not have.
    tsconfigFile: "none",
    ...{ concurrency, incremental: true, incrementalFile, force },
    // Outside the tree: a copy of it in itself would be checked, and packed, with it.
    ...{ tempDirName: join(tmpdir(), "sallyport-mutants"), cleanTempDir: "always" },
    ignorePatterns: ["dist", ".aws-sam", ".mutants"],
    // Long enough for a busy machine: what still does not end is a loop.
    timeoutMS: 20_000,
    ...{ reporters: ["progress-append-only"], allowConsoleColors: false },
  }).runMutationTest();
  return mutants.map((mutant) => ({ ...mutant, fileName: relative(process.cwd(), mutant.fileName) }));
}

interface Report {
  readonly files: Readonly<Record<string, { mutants: readonly { readonly status: string }[] }>>;
}

/**
 * Stryker itself would not run a survivor again whose code is run while a test file is loaded. A time-out may come from
 * the machine.
 */
async function forgetSurvivors(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const report = JSON.parse(text) as Report;
  for (const each of Object.values(report.files)) {
    each.mutants = each.mutants.filter(({ status }) => status === "Killed");
  }
  await writeFile(file, JSON.stringify(report));
}

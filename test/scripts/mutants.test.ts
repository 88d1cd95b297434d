import { glob, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { AREAS } from "../../scripts/mutants/areas.ts";
import { type Equivalent, judge } from "../../scripts/mutants/judge.ts";
import type { Mutant } from "../../scripts/mutants/survivor.ts";

const FILE = "shared/age.ts";
const SOURCE = "const adult = (age: number) =>\n  age >= 18;\n";

const mutant = (status: string, replacement = "age > 18"): Mutant => ({
  ...{ fileName: FILE, status, replacement },
  location: { start: { line: 2, column: 3 }, end: { line: 2, column: 12 } },
});
const explained: Equivalent = { file: FILE, was: "age >= 18;", becomes: "age > 18;", why: "nobody is 18" };

const judged = (mutants: Mutant[], equivalents: Equivalent[] = []) =>
  judge(mutants, new Map([[FILE, SOURCE]]), equivalents);

describe("a run of mutants", () => {
  const killed = Array.from({ length: 19 }, () => mutant("Killed"));

  test("is good where 95 % are noticed and every survivor is explained", () => {
    expect(judged([...killed, mutant("Survived")], [explained])).toMatchObject({
      ...{ mutants: 20, noticed: 19, explained: 1, survivors: [], isGood: true },
    });
  });

  test("is not good with a survivor that nobody explained, and shows it", () => {
    expect(judged([...killed, mutant("NoCoverage")])).toMatchObject({
      survivors: [{ file: FILE, line: 2, was: "age >= 18;", becomes: "age > 18;" }],
      isGood: false,
    });
    expect(judged([...killed, mutant("Survived", "true")], [explained]).isGood).toBe(false);
  });

  test("is not good where fewer are noticed, however well the survivors are explained", () => {
    expect(judged([...killed, mutant("Survived"), mutant("Survived")], [explained]).isGood).toBe(false);
  });

  test("counts a test that does not end as one that notices, and says how many these are", () => {
    expect(judged([...killed, mutant("Timeout")])).toMatchObject({ noticed: 20, timedOut: 1, isGood: true });
  });

  test("does not count what cannot be run", () => {
    expect(judged([...killed, mutant("CompileError"), mutant("Ignored")]).mutants).toBe(19);
  });

  test("names explanations of changes that are noticed by now", () => {
    expect(judged([mutant("Killed")], [explained]).stale).toEqual([explained]);
  });
});

describe("scripts/mutants/equivalents.json", async () => {
  const equivalents = JSON.parse(await readFile("scripts/mutants/equivalents.json", "utf8")) as Equivalent[];

  test("explains each survivor once, with the line as it stands in its file", async () => {
    const keys = equivalents.map(({ file, was, becomes }) => JSON.stringify([file, was, becomes]));
    expect(new Set(keys).size).toBe(keys.length);
    for (const { file, was, why } of equivalents) {
      const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.replace(/\s+/g, " ").trim());
      expect(lines, file).toContain(was);
      expect(why.length).toBeGreaterThan(20);
    }
  });
});

test.each(AREAS)("the area $name has files and tests", async ({ mutate, tests }) => {
  for (const pattern of [...mutate, ...tests]) {
    const files: string[] = [];
    for await (const file of glob(pattern.replace(/^!/, ""))) files.push(file);
    expect(files, pattern).not.toEqual([]);
  }
});

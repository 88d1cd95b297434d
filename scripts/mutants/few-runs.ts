import { join } from "node:path";
import { vi } from "vitest";
import { AREAS } from "./areas.ts";

/** Examples of a property, for each mutant that reaches it. */
const RUNS = 25;

// Each mutant runs the tests again: a property gets few examples, however many it asks for, and the same ones each time.
vi.mock("fast-check", async (importOriginal) => {
  const actual = await importOriginal<typeof import("fast-check")>();
  const assert = ((property: Parameters<typeof actual.assert>[0], parameters: object) =>
    actual.assert(property, { ...parameters, numRuns: RUNS, seed: 14 })) as typeof actual.assert;
  return { ...actual, assert, default: { ...actual.default, assert } };
});

const area = AREAS.find(({ name }) => name === process.env.SALLYPORT_MUTANTS);
for (const module of area?.load ?? []) await import(join(process.cwd(), module));

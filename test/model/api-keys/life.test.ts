import * as fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { run } from "./run.ts";
import { type Step, steps } from "./steps.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const limits = { numRuns: 8, interruptAfterTimeLimit: 15_000 };

test("the life of an API key is that of the documentation, whatever happens to it", async () => {
  await fc.assert(
    fc.asyncProperty(steps, (given) => run(world, given)),
    limits,
  );
});

test("so is the second life of a key that was deleted and imported again", async () => {
  const act = (kind: "revoke" | "delete"): Step => ({ on: 0, do: "operation", operation: { kind, match: "right" } });
  const again = (restores: boolean): Step => ({ on: 0, do: "import", restores });
  const back = [{ on: 0, do: "export" } as const, act("revoke"), act("delete"), again(false), again(true), again(true)];
  await fc.assert(
    fc.asyncProperty(steps, steps, (before, after) => run(world, [...before, ...back, ...after])),
    limits,
  );
});

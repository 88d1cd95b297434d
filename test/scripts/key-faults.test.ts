import { expect, test } from "vitest";
import { CASES } from "../../scripts/key-faults/cases.ts";
import { runCase } from "../../scripts/key-faults/run-case.ts";

/**
 * A short run of `npm run faults:keys`: the stack of template.yaml, whose keys are changed and used while something
 * fails. It does not judge how long anything took.
 */
test.each([
  "the bus takes events and its answers are lost",
  "the function on the stream crashes between event and answer",
])("no event is lost, invented or out of order, and no secret told, while %s", { timeout: 120_000 }, async (name) => {
  const found = CASES.find((each) => each.name === name);
  if (!found) throw new Error(`there is no case "${name}"`);
  const options = { seed: 1, seconds: 4, callers: 2, limit: Number.POSITIVE_INFINITY };
  const { violations, events, duplicates } = await runCase(found, options);
  expect(violations).toEqual([]);
  expect(events).toBeGreaterThan(12);
  expect(duplicates).toBeGreaterThan(0);
});

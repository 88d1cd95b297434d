import { describe, expect, test } from "vitest";
import { runCase } from "../../scripts/faults/case.ts";
import { FAULTS } from "../../scripts/faults/fault-list.ts";
import { ASKED_EACH_TIME, type PartyName } from "../../scripts/faults/parties.ts";
import { runScenario, SCENARIOS } from "../../scripts/faults/scenarios.ts";

/**
 * A short run of `npm run faults`: the built function and faulty parties, with faults that take no time. It does not
 * judge how long anything took.
 */
const CASES: readonly (readonly [PartyName, string])[] = [
  ["key server", "resets connections"],
  ["metadata", "redirects"],
  ["DynamoDB", "200 with nothing"],
  ["Secrets Manager", "200 with {}"],
  ["SSM", "429"],
  ["introspection", "resets connections"],
  ["introspection", "redirects"],
  ["introspection", "200 with {}"],
  ["entitlements", "resets connections"],
  ["entitlements", "200 with nothing"],
  ["entitlements", "429"],
];

describe("sound callers see what they need, or unavailable, and forged ones are never allowed, while", () => {
  test.each(CASES)("the party %s has the fault: %s", { timeout: 60_000 }, async (party, name) => {
    const fault = FAULTS.find((each) => each.name === name);
    if (!fault) throw new Error(`there is no fault "${name}"`);
    const { violations, cold, warm } = await runCase(party, fault, { rounds: 2 });
    expect(violations).toEqual([]);
    // What a party answers is kept where it can be.
    const kept = !ASKED_EACH_TIME.includes(party);
    expect(cold.affected.unavailable).toBeGreaterThan(0);
    expect(warm.blocked > 0).toBe(!kept);
  });
});

describe("callers are allowed, or see unavailable:", () => {
  test.each(SCENARIOS.filter(({ isShort }) => isShort))("$title", { timeout: 60_000 }, async (scenario) => {
    expect(await runScenario(scenario)).toEqual([]);
  });
});

test("a party that is well is a fault of nobody: everything that is sound is allowed", {
  timeout: 60_000,
}, async () => {
  const { violations, cold, warm } = await runCase("key server", { name: "none" }, { rounds: 1 });
  expect([violations, cold.affected, warm.affected]).toEqual([
    [],
    { allow: 1, refused: 0, unavailable: 0, other: 0 },
    { allow: 1, refused: 0, unavailable: 0, other: 0 },
  ]);
});

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FetchBudget } from "../../../../shared/infrastructure/remote/fetch-budget.ts";
import { fakeClocks, moveWallClock, pass } from "./clocks.ts";

beforeEach(fakeClocks);
afterEach(() => vi.useRealTimers());

const LIMITS = { size: 3, refill: 1000 };
/** How many fetches the budget allows at once. */
const left = (budget: FetchBudget) => {
  let count = 0;
  while (count < 100 && budget.take()) count++;
  return count;
};

describe("a budget of fetches", () => {
  test("allows as many at once as its size", () => {
    expect(left(new FetchBudget(LIMITS))).toBe(3);
  });

  test("allows one more after each refill, and not a moment earlier", async () => {
    const budget = new FetchBudget(LIMITS);
    left(budget);
    await pass(999);
    expect(left(budget)).toBe(0);
    await pass(1);
    expect(left(budget)).toBe(1);
    await pass(2000);
    expect(left(budget)).toBe(2);
  });

  test("never saves more than its size", async () => {
    const budget = new FetchBudget(LIMITS);
    left(budget);
    await pass(1_000_000);
    expect(left(budget)).toBe(3);
  });

  test("is refilled after the wall clock was set back", async () => {
    const budget = new FetchBudget(LIMITS);
    left(budget);
    moveWallClock(-3_600_000);
    await pass(1000);
    expect(left(budget)).toBe(1);
  });

  test("allows no more than its size and one for each refill, however often it is asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 60 }), async (pauses) => {
        const budget = new FetchBudget(LIMITS);
        let taken = left(budget);
        let time = 0;
        for (const pause of pauses) {
          await pass(pause);
          time += pause;
          taken += left(budget);
          expect(taken).toBeLessThanOrEqual(LIMITS.size + Math.floor(time / LIMITS.refill));
        }
      }),
    );
  });
});

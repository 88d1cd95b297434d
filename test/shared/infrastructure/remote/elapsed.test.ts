import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { elapsedSince, instantNow } from "../../../../shared/infrastructure/remote/elapsed.ts";
import { fakeClocks, moveWallClock, pass } from "./clocks.ts";

beforeEach(fakeClocks);
afterEach(() => vi.useRealTimers());

test("time passes", async () => {
  const instant = instantNow();
  await pass(1500);
  expect(elapsedSince(instant)).toBe(1500);
});

test("time passes while the wall clock is set back by an hour", async () => {
  const instant = instantNow();
  moveWallClock(-3_600_000);
  await pass(1500);
  expect(elapsedSince(instant)).toBe(1500);
});

test("time passes while the process is frozen and the monotonic clock stands still", () => {
  const instant = instantNow();
  moveWallClock(60_000);
  expect(elapsedSince(instant)).toBe(60_000);
});

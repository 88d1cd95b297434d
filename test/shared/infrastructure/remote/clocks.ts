import { vi } from "vitest";
import { NOW } from "../../../fixtures.ts";

/** Fakes both clocks, and the timer of a request that waits. */
export const fakeClocks = () =>
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"], now: NOW * 1000 });

/** Time passes on both clocks, and timers run. */
export const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** Sets the wall clock, and only it: forward as after a freeze in Lambda, or back. */
export const moveWallClock = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

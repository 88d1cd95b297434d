import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { progressOn } from "../../cli/progress.ts";
import { NOW } from "../fixtures.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test("without a terminal, a long command writes a line every ten seconds, and a short one none", () => {
  let text = "";
  const progress = progressOn({ write: (more) => (text += more) });
  for (let second = 0; second <= 25; second++) {
    vi.setSystemTime((NOW + second) * 1000);
    progress.show(`${second} keys`, second < 15 ? undefined : 0.5);
  }
  progress.end();
  expect(text).toBe("10 keys\n50 %, 20 keys\n");
});

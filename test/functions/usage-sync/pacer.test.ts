import { describe, expect, test } from "vitest";
import { type Clock, pacer } from "../../../functions/usage-sync/pacer.ts";

/** A clock that moves only by waiting. */
function stillClock(): Clock & { readonly time: () => number } {
  let now = 0;
  return {
    now: () => now,
    time: () => now,
    wait: async (milliseconds) => {
      now = Math.max(now, now + milliseconds);
    },
  };
}

const throttled = () => Promise.reject(Object.assign(new Error("slow down"), { name: "TooManyRequestsException" }));

describe("the pace", () => {
  test.each<["any" | "create", number]>([
    ["any", 10],
    ["create", 5],
  ])("of %s: %d requests a second", async (kind, rate) => {
    const clock = stillClock();
    const pace = pacer(clock);
    const sent: number[] = [];
    for (let count = 0; count < 50; count++) await pace(kind, async () => sent.push(clock.time()));
    for (const start of sent) {
      expect(sent.filter((time) => time >= start && time < start + 1000).length).toBeLessThanOrEqual(rate);
    }
    expect(sent.at(-1)).toBe((49 * 1000) / rate);
  });

  test("of a share of the rates", async () => {
    const clock = stillClock();
    const pace = pacer(clock, 1 / 4);
    for (let count = 0; count < 6; count++) await pace("create", async () => {});
    expect(clock.time()).toBe(4000);
  });

  test("slows down when API Gateway throttles, and tries again", async () => {
    const clock = stillClock();
    let attempts = 0;
    const answer = await pacer(clock)("any", () => (++attempts < 4 ? throttled() : Promise.resolve("done")));
    expect([answer, attempts]).toEqual(["done", 4]);
    expect(clock.time()).toBe(1000 + 2000 + 4000);
  });

  test("gives up after six attempts, and at once for other errors", async () => {
    let attempts = 0;
    const failing = (fail: () => Promise<never>) => () => {
      attempts++;
      return fail();
    };
    await expect(pacer(stillClock())("any", failing(throttled))).rejects.toThrow("slow down");
    expect(attempts).toBe(6);
    await expect(
      pacer(stillClock())(
        "any",
        failing(() => Promise.reject(new Error("no"))),
      ),
    ).rejects.toThrow("no");
    expect(attempts).toBe(7);
  });
});

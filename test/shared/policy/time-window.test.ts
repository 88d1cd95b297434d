import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TimeWindow } from "../../../shared/config/routes.ts";
import { DAYS } from "../../../shared/config/routes.ts";
import { isWithin, nextInterval } from "../../../shared/policy/time-window.ts";

const at = (instant: string) => Date.parse(instant) / 1000;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"] as const;
const daily = (overrides: Partial<TimeWindow> = {}): TimeWindow => ({
  days: [...DAYS],
  from: "08:00",
  until: "18:00",
  timeZone: "UTC",
  ...overrides,
});

const shown = (interval: ReturnType<typeof nextInterval>) =>
  interval && [interval.start, interval.end].map((time) => time && new Date(time * 1000).toISOString().slice(0, 16));

describe("a window from an instant until another", () => {
  const window: TimeWindow = { notBefore: "2026-03-02T10:00:00Z", notAfter: "2026-03-02T12:00:00+01:00" };
  test.each([
    ["2026-03-02T08:59:59Z", undefined],
    ["2026-03-02T09:00:00Z", ["2026-03-02T10:00", "2026-03-02T11:00"]],
    ["2026-03-02T10:59:59Z", ["2026-03-02T10:00", "2026-03-02T11:00"]],
    ["2026-03-02T11:00:00Z", undefined],
  ])("seen at %s is %j: a window more than an hour away can wait for the next policy", (time, expected) => {
    expect(shown(nextInterval(window, at(time)))).toEqual(expected);
  });

  test("may lack either bound", () => {
    expect(nextInterval({ notBefore: "2026-03-02T10:00:00Z" }, at("2027-01-01T00:00:00Z"))).toEqual({
      start: at("2026-03-02T10:00:00Z"),
    });
    expect(nextInterval({ notAfter: "2026-03-02T10:00:00Z" }, at("2026-01-01T00:00:00Z"))).toEqual({
      end: at("2026-03-02T10:00:00Z"),
    });
  });
});

describe("a window that comes again", () => {
  test.each([
    ["open", daily(), "2026-03-02T09:00:00Z", ["2026-03-02T08:00", "2026-03-02T18:00"]],
    ["opening within the hour", daily(), "2026-03-02T07:00:00Z", ["2026-03-02T08:00", "2026-03-02T18:00"]],
    ["opening later", daily(), "2026-03-02T06:59:59Z", undefined],
    ["just closed", daily(), "2026-03-02T18:00:00Z", undefined],
    ["on a day that is not one of its days", daily({ days: [...WEEKDAYS] }), "2026-03-01T09:00:00Z", undefined],
    [
      "opening after midnight",
      daily({ from: "00:00" }),
      "2026-03-01T23:30:00Z",
      ["2026-03-02T00:00", "2026-03-02T18:00"],
    ],
    [
      "until the day's end",
      daily({ until: "24:00" }),
      "2026-03-02T23:59:59Z",
      ["2026-03-02T08:00", "2026-03-03T00:00"],
    ],
    [
      "in winter",
      daily({ timeZone: "Europe/Berlin" }),
      "2026-03-02T07:30:00Z",
      ["2026-03-02T07:00", "2026-03-02T17:00"],
    ],
    [
      "in summer",
      daily({ timeZone: "Europe/Berlin" }),
      "2026-07-02T06:30:00Z",
      ["2026-07-02T06:00", "2026-07-02T16:00"],
    ],
    [
      "on the day the clocks change",
      daily({ from: "00:00", timeZone: "Europe/Berlin" }),
      "2026-03-29T00:30:00Z",
      ["2026-03-28T23:00", "2026-03-29T16:00"],
    ],
    [
      "far east, where it is tomorrow",
      daily({ days: ["tue"], timeZone: "Pacific/Auckland" }),
      "2026-03-02T20:00:00Z",
      ["2026-03-02T19:00", "2026-03-03T05:00"],
    ],
    [
      "far west, where it is yesterday",
      daily({ days: ["sun"], timeZone: "Pacific/Honolulu" }),
      "2026-03-02T01:00:00Z",
      ["2026-03-01T18:00", "2026-03-02T04:00"],
    ],
    [
      "half an hour off",
      daily({ timeZone: "Asia/Kolkata" }),
      "2026-03-02T03:00:00Z",
      ["2026-03-02T02:30", "2026-03-02T12:30"],
    ],
  ] as const)("%s", (_what, window, time, expected) => {
    expect(shown(nextInterval(window, at(time)))).toEqual(expected);
  });

  test("is open exactly when the wall clock says so", () => {
    const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland");
    const seconds = fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z") });
    fc.assert(
      fc.property(zone, seconds, (timeZone, time) => {
        const wall = new Intl.DateTimeFormat("en-GB", {
          timeZone,
          hour: "2-digit",
          minute: "2-digit",
          weekday: "short",
        });
        const parts = Object.fromEntries(wall.formatToParts(time * 1000).map(({ type, value }) => [type, value]));
        const clock = `${parts.hour}:${parts.minute}`;
        const open =
          WEEKDAYS.some((day) => day === parts.weekday?.toLowerCase()) && clock >= "08:00" && clock < "18:00";
        const interval = nextInterval(daily({ days: [...WEEKDAYS], timeZone }), time);
        expect(interval !== undefined && isWithin(interval, time)).toBe(open);
      }),
      { numRuns: 500 },
    );
  });
});

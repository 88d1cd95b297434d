import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAYS, type TimeWindow } from "../../../../shared/domain/config/routes.ts";
import { openIntervals } from "../../../../shared/domain/policy/time-window.ts";
import { isWithin } from "../../../../shared/domain/time/interval.ts";

const at = (instant: string) => Date.parse(instant) / 1000;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"] as const;
const HOUR = 3600;

type Recurring = Extract<TimeWindow, { from: string }>;
const daily = (overrides: Partial<Recurring> = {}): Recurring => ({
  days: [...DAYS],
  from: "08:00",
  until: "18:00",
  timeZone: "UTC",
  ...overrides,
});

/** What is open from an instant on, as UTC times. */
function open(windows: TimeWindow[], from: string, seconds = HOUR) {
  const start = at(from);
  const shown = (time: number) => new Date(time * 1000).toISOString().slice(5, 16).replace("T", " ");
  return openIntervals(windows, { start, end: start + seconds }).map(
    (interval) => `${shown(interval.start)} - ${shown(interval.end)}`,
  );
}

describe("a window from an instant until another", () => {
  const window: TimeWindow = { notBefore: "2026-03-02T10:00:00Z", notAfter: "2026-03-02T12:00:00+01:00" };

  test.each([
    ["2026-03-02T08:59:59Z", []],
    ["2026-03-02T09:30:00Z", ["03-02 10:00 - 03-02 10:30"]],
    ["2026-03-02T10:30:00Z", ["03-02 10:30 - 03-02 11:00"]],
    ["2026-03-02T11:00:00Z", []],
  ])("in the hour from %s is open %j", (from, expected) => {
    expect(open([window], from)).toEqual(expected);
  });

  test("may lack either bound", () => {
    expect(open([{ notBefore: "2026-03-02T10:00:00Z" }], "2026-03-02T09:30:00Z")).toEqual([
      "03-02 10:00 - 03-02 10:30",
    ]);
    expect(open([{ notAfter: "2026-03-02T10:00:00Z" }], "2026-03-02T09:30:00Z")).toEqual(["03-02 09:30 - 03-02 10:00"]);
  });
});

describe("a recurring window", () => {
  test.each<[string, TimeWindow[], string, string[]]>([
    ["is open within its times", [daily()], "2026-03-02T09:00:00Z", ["03-02 09:00 - 03-02 10:00"]],
    ["opens and closes", [daily({ until: "08:30" })], "2026-03-02T07:45:00Z", ["03-02 08:00 - 03-02 08:30"]],
    ["is closed on other days", [daily({ days: [...WEEKDAYS] })], "2026-03-01T09:00:00Z", []],
    [
      "goes on over midnight where the next day is one of its days",
      [daily({ days: ["sat", "sun"], from: "00:00", until: "24:00" })],
      "2026-03-07T23:30:00Z",
      ["03-07 23:30 - 03-08 00:30"],
    ],
    [
      "closes at midnight where it is not",
      [daily({ days: ["sun"], from: "00:00", until: "24:00" })],
      "2026-03-08T23:30:00Z",
      ["03-08 23:30 - 03-09 00:00"],
    ],
    [
      "opens more than once in a period",
      [daily({ until: "08:10" }), daily({ from: "08:20", until: "08:30" })],
      "2026-03-02T07:50:00Z",
      ["03-02 08:00 - 03-02 08:10", "03-02 08:20 - 03-02 08:30"],
    ],
    ["in winter", [daily({ timeZone: "Europe/Berlin" })], "2026-03-02T06:30:00Z", ["03-02 07:00 - 03-02 07:30"]],
    ["in summer", [daily({ timeZone: "Europe/Berlin" })], "2026-07-02T05:30:00Z", ["07-02 06:00 - 07-02 06:30"]],
    [
      "far east, where it is tomorrow",
      [daily({ days: ["tue"], timeZone: "Pacific/Auckland" })],
      "2026-03-02T18:30:00Z",
      ["03-02 19:00 - 03-02 19:30"],
    ],
    [
      "far west, where it is yesterday",
      [daily({ days: ["sun"], timeZone: "Pacific/Honolulu" })],
      "2026-03-02T03:30:00Z",
      ["03-02 03:30 - 03-02 04:00"],
    ],
    ["half an hour off", [daily({ timeZone: "Asia/Kolkata" })], "2026-03-02T02:00:00Z", ["03-02 02:30 - 03-02 03:00"]],
  ])("%s", (_what, windows, from, expected) => {
    expect(open(windows, from)).toEqual(expected);
  });
});

describe("a clock change", () => {
  test.each<[string, Recurring, string, string[]]>([
    [
      "Berlin, 23 hours: a time that is skipped does not come",
      daily({ from: "02:00", until: "03:00", timeZone: "Europe/Berlin" }),
      "2026-03-29T00:30:00Z",
      [],
    ],
    [
      "Berlin, 23 hours: a window begins where the skip ends",
      daily({ from: "02:30", until: "03:30", timeZone: "Europe/Berlin" }),
      "2026-03-29T00:30:00Z",
      ["03-29 01:00 - 03-29 01:30"],
    ],
    [
      "Berlin, 25 hours: a time that is repeated counts both times",
      daily({ from: "02:30", until: "02:45", timeZone: "Europe/Berlin" }),
      "2026-10-25T00:00:00Z",
      ["10-25 00:30 - 10-25 00:45", "10-25 01:30 - 10-25 01:45"],
    ],
    [
      "Berlin, 25 hours: one that holds the repeated hour is open twice as long",
      daily({ from: "02:00", until: "03:00", timeZone: "Europe/Berlin" }),
      "2026-10-25T00:00:00Z",
      ["10-25 00:00 - 10-25 02:00"],
    ],
    [
      "New York, the evening of a 25-hour day ends at local midnight",
      daily({ days: ["sun"], from: "20:00", until: "24:00", timeZone: "America/New_York" }),
      "2026-11-02T03:30:00Z",
      ["11-02 03:30 - 11-02 05:00"],
    ],
    [
      "Lord Howe, 24.5 hours: half an hour is repeated",
      daily({ from: "01:30", until: "02:00", timeZone: "Australia/Lord_Howe" }),
      "2026-04-04T14:15:00Z",
      ["04-04 14:30 - 04-04 15:30"],
    ],
    [
      "Havana, where midnight is skipped: the day begins at one",
      daily({ days: ["sun"], from: "00:00", until: "24:00", timeZone: "America/Havana" }),
      "2026-03-08T04:30:00Z",
      ["03-08 05:00 - 03-08 06:30"],
    ],
    [
      "Apia, where a whole Friday was skipped",
      daily({ days: ["fri"], from: "00:00", until: "24:00", timeZone: "Pacific/Apia" }),
      "2011-12-30T09:00:00Z",
      [],
    ],
    [
      "Apia, where Saturday follows on Thursday",
      daily({ days: ["sat"], from: "00:00", until: "24:00", timeZone: "Pacific/Apia" }),
      "2011-12-30T09:00:00Z",
      ["12-30 10:00 - 12-30 11:00"],
    ],
  ])("%s", (_what, window, from, expected) => {
    expect(open([window], from, 2 * HOUR)).toEqual(expected);
  });

  test("in any of ten zones, a window is open exactly while the clocks show its days and times", () => {
    const zone = fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "America/Havana",
      "America/Santiago",
      "Asia/Kolkata",
      "Pacific/Auckland",
      "Africa/Cairo",
      "America/St_Johns",
    );
    const changes = [
      "2026-03-08T05:00Z",
      "2026-03-29T01:00Z",
      "2026-04-04T15:00Z",
      "2026-10-25T01:00Z",
      "2026-11-01T06:00Z",
      "2026-04-23T22:00Z",
      "2026-09-06T04:00Z",
    ];
    const instant = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -90_000, max: 90_000 }))
      .map(([change, offset]) => at(change) + offset);
    const times = fc.constantFrom(
      ["00:00", "24:00"],
      ["00:00", "02:30"],
      ["01:30", "02:00"],
      ["22:00", "24:00"],
      ["08:00", "18:00"],
    );
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: 0, max: HOUR - 1 }),
        times,
        fc.subarray([...DAYS], { minLength: 1 }),
        (timeZone, start, after, times, days) => {
          const [from = "", until = ""] = times;
          const format = new Intl.DateTimeFormat("en-GB", {
            timeZone,
            hour: "2-digit",
            minute: "2-digit",
            weekday: "short",
            hourCycle: "h23",
          });
          const parts = Object.fromEntries(
            format.formatToParts((start + after) * 1000).map(({ type, value }) => [type, value]),
          );
          const clock = `${parts.hour}:${parts.minute}`;
          const isOpen = days.some((day) => day === parts.weekday?.toLowerCase()) && clock >= from && clock < until;
          const intervals = openIntervals([{ days, from, until, timeZone }], { start, end: start + HOUR });
          expect(isWithin(intervals, start + after)).toBe(isOpen);
        },
      ),
      { numRuns: 3000 },
    );
  });
});

test("an instant that cannot be read is no decision, neither for a window that allows nor for one that denies", () => {
  expect(() => open([{ notBefore: "2026-03-02T00:00:00+01" }], "2026-03-02T00:00:00Z")).toThrow(
    new TypeError("an instant of the configuration is not readable"),
  );
});

import { clockAt } from "./clock.ts";
import type { Anchor } from "./generate-instants.ts";
import type { Random } from "./random.ts";
import type { RecurringWindow, Window } from "./types.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const TIMES = [
  "00:00",
  "00:01",
  "00:30",
  "01:00",
  "01:30",
  "02:00",
  "02:30",
  "03:00",
  "12:00",
  "22:00",
  "23:00",
  "23:30",
];
const OTHER_ZONES = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"];

/** Windows, most of which open or close within an hour of the anchor. */
export function windows(random: Random, anchor: Anchor): Window[] {
  const one = random.chance(0.3) ? overMidnight(random, anchor) : [window(random, anchor)];
  return random.chance(0.4)
    ? [...one, window(random, anchor), ...(random.chance(0.2) ? [window(random, anchor)] : [])]
    : one;
}

function window(random: Random, anchor: Anchor): Window {
  return random.chance(0.3) ? once(random, anchor) : recurring(random, anchor);
}

/** Many short windows, so that a policy with all their intervals may not fit into 8 KB. */
export function manyWindows(random: Random, anchor: Anchor): Window[] {
  return Array.from({ length: random.whole(4, 12) }, () => {
    const start = anchor.time + random.whole(-120, 60) * 60;
    return { notBefore: `${shown(start, 19)}Z`, notAfter: `${shown(start + random.whole(1, 20) * 60, 19)}Z` };
  });
}

/** The documentation's "a window over midnight is two". */
function overMidnight(random: Random, { zone }: Anchor): Window[] {
  return [
    { from: random.pick(["22:00", "23:30"]), until: "24:00", timeZone: zone },
    { from: "00:00", until: random.pick(["00:30", "02:30"]), timeZone: zone },
  ];
}

function once(random: Random, { time }: Anchor): Window {
  const start = time + random.whole(-3600, 3600);
  const notBefore = written(random, start);
  const notAfter = written(random, start + random.pick([60, 1800, random.whole(61, 5000)]));
  const form = random.whole(0, 3);
  if (form === 0) return { notBefore };
  return form === 1 ? { notAfter } : { notBefore, notAfter };
}

/** ISO 8601 in the documented forms: with or without seconds, in UTC or with an offset. */
function written(random: Random, time: number): string {
  const form = random.whole(0, 3);
  if (form === 0) return `${shown(time + 3600, 19)}+01:00`;
  if (form === 1) return `${shown(time - 12_600, 16)}-03:30`;
  return form === 2 ? `${shown(time, 16)}Z` : `${shown(time, 19)}Z`;
}

/** The first characters of an instant in ISO 8601: 16 without seconds, 19 with them. */
function shown(time: number, length: number): string {
  return new Date(time * 1000).toISOString().slice(0, length);
}

function recurring(random: Random, anchor: Anchor): RecurringWindow {
  const zone = random.chance(0.8) ? anchor.zone : random.pick(OTHER_ZONES);
  const times = [timeOfDay(random, zone, anchor), timeOfDay(random, zone, anchor)].sort();
  const [from = "00:00", until = "24:00"] = times;
  const today = clockAt(zone, anchor.time + random.pick([-60, 0, 3600])).day;
  const days = random.chance(0.6) ? { days: [...new Set([today, ...random.some(DAYS, 4)])] } : {};
  const timeZone = zone === "UTC" && random.chance(0.5) ? {} : { timeZone: zone };
  if (random.chance(0.15)) return { ...days, from: "00:00", until: "24:00", ...timeZone };
  return { ...days, from, until: until > from ? until : "24:00", ...timeZone };
}

function timeOfDay(random: Random, zone: string, { time }: Anchor): string {
  return random.chance(0.4) ? random.pick(TIMES) : clockAt(zone, time + random.whole(-60, 60) * 60).clock;
}

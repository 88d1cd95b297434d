import { clockAt } from "./clock.ts";
import type { Random } from "./random.ts";

/** Time zones with unusual clock changes, and the years of these changes. */
const ZONES: readonly (readonly [zone: string, years: readonly number[]])[] = [
  ["UTC", [2026]],
  ["Europe/Berlin", [2026, 2027]],
  ["Europe/London", [2026]],
  ["America/New_York", [2026]],
  ["America/St_Johns", [2026, 2010]],
  ["America/Sao_Paulo", [2017, 2018]],
  ["America/Santiago", [2026]],
  ["America/Havana", [2026]],
  ["Asia/Beirut", [2024, 2026]],
  ["Africa/Cairo", [2026]],
  ["Asia/Kathmandu", [2026]],
  ["Australia/Lord_Howe", [2026]],
  ["Australia/Adelaide", [2026]],
  ["Pacific/Apia", [2011]],
];

const DAY = 86_400;

/** An instant near an event on the clocks of a zone. */
export interface Anchor {
  readonly zone: string;
  readonly time: number;
  /** The clocks change at the instant, forwards or backwards. */
  readonly change: boolean;
}

/** A change of clocks, or midnight, or any minute. */
export function anchor(random: Random): Anchor {
  const [zone, years] = random.pick(ZONES);
  const changes = clockChanges(zone, random.pick(years));
  if (changes.length > 0 && random.chance(0.5)) return { zone, time: random.pick(changes), change: true };
  const day = Date.UTC(random.pick(years), 0, random.whole(1, 365)) / 1000;
  const time = random.chance(0.7) ? midnightNear(zone, day + DAY / 2) : day + random.whole(0, 1439) * 60;
  return { zone, time, change: false };
}

/** The time of a decision. At most of these times, a policy made then is still valid at the anchor. */
export function decisionNear({ time }: Anchor, random: Random): number {
  const distance = random.pick([0, 1, -1, 59, 60, 300, 900, 1800, random.whole(0, 3700), random.whole(-600, 3700)]);
  return time - distance;
}

function midnightNear(zone: string, time: number): number {
  const [hours = 0, minutes = 0] = clockAt(zone, time).clock.split(":").map(Number);
  return Math.floor(time / 60) * 60 - (hours * 60 + minutes) * 60;
}

const known = new Map<string, number[]>();

/** Instants of a year at which the clocks of a zone change. */
function clockChanges(zone: string, year: number): number[] {
  const key = `${zone} ${year}`;
  let changes = known.get(key);
  if (!changes) {
    changes = [];
    const start = Date.UTC(year, 0, 1) / 1000;
    for (let time = start; time < start + 366 * DAY; time += DAY) {
      if (goesOn(zone, time, time + DAY)) continue;
      changes.push(changeBetween(zone, time, time + DAY));
    }
    known.set(key, changes);
  }
  return changes;
}

function changeBetween(zone: string, before: number, after: number): number {
  let [low, high] = [before, after];
  while (high - low > 60) {
    const middle = Math.floor((low + high) / 120) * 60;
    if (goesOn(zone, low, middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Whether the local time of a zone advances between two instants by the elapsed time. */
export function goesOn(zone: string, before: number, after: number): boolean {
  const shown = minuteOfWeek(zone, after) - minuteOfWeek(zone, before);
  const passed = Math.floor(after / 60) - Math.floor(before / 60);
  return (((passed - shown) % 10_080) + 10_080) % 10_080 === 0;
}

function minuteOfWeek(zone: string, time: number): number {
  const { day, clock } = clockAt(zone, time);
  const [hours = 0, minutes = 0] = clock.split(":").map(Number);
  return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].indexOf(day) * 1440 + hours * 60 + minutes;
}

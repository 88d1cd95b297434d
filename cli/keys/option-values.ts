import { UsageError } from "../usage-error.ts";

/** Seconds of each unit. */
const UNITS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60 };

/** Seconds of a text such as `90d`. @throws {UsageError} */
export function readDuration(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,4})([dhm])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError("--expires-in takes a number with d, h or m behind it, such as 90d.");
  return Number(count) * (UNITS[unit] ?? 0);
}

/** An attribute of a text such as `plan=gold`. @throws {UsageError} */
export function readAttribute(text: string): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError("--attribute takes NAME=TEXT.");
  return Object.fromEntries([[name, value]]);
}

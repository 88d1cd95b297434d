import { UsageError } from "./usage-error.ts";

/** The instant that `--time` names, in seconds since the epoch. @throws {UsageError} */
export function readTime(text: string): number {
  if (!/^\d{1,11}$/.test(text)) throw new UsageError("--time takes seconds since the epoch.");
  return Number(text);
}

import { UsageError } from "./usage-error.ts";

/** Parses the value of `--time`, in seconds since the epoch. @throws {UsageError} */
export function readTime(text: string): number {
  if (!/^\d{1,11}$/.test(text)) throw new UsageError("--time takes seconds since the epoch.");
  return Number(text);
}

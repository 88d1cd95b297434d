import { expect } from "vitest";
import type { Key } from "./key.ts";

/** What answers, lists and events show of a key, as the documentation has it. */

export const instant = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
const optional = (seconds: number | undefined) => seconds !== undefined && instant(seconds);

/** Members that are missing have to be missing. */
function members(key: Key, now: number) {
  const { version, status, name, previous } = key;
  // Until the grace or the key ends, whichever is first.
  const end = Math.min(previous?.until ?? 0, key.expiresAt ?? Number.POSITIVE_INFINITY);
  const accepted = now < end ? end : undefined;
  const times = {
    ...{ createdAt: key.createdAt, expiresAt: key.expiresAt, rotatedAt: key.rotatedAt, revokedAt: key.revokedAt },
    previousSecretUntil: status === "revoked" ? undefined : accepted,
  };
  return { version, status, name, times };
}

export function expectShown(shown: Readonly<Record<string, unknown>>, key: Key, now: number): void {
  const { times, ...others } = members(key, now);
  expect(shown).toMatchObject(others);
  for (const [name, time] of Object.entries(times))
    expect([name, shown[name] ?? false]).toEqual([name, optional(time)]);
}

/** Events have no `expired`. */
export function expectKey(shown: Readonly<Record<string, unknown>>, key: Key, now: number): void {
  expectShown(shown, key, now);
  const hasEnded = key.expiresAt !== undefined && key.expiresAt <= now;
  if (key.status === "active") expect(["expired", shown.expired ?? false]).toEqual(["expired", hasEnded]);
}

/** Whether a key is in a list with a status. Undefined: the documentation leaves it open. */
export function isListed(key: Key, status: string, now: number): boolean | undefined {
  const hasEnded = key.expiresAt !== undefined && key.expiresAt <= now;
  if (key.isDeleted) return false;
  if (key.status !== "active" && hasEnded && status === "expired") return undefined;
  if (key.status === "active") return status === (hasEnded ? "expired" : "active");
  return status === key.status;
}

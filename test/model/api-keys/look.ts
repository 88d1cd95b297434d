import { expect } from "vitest";
import { type Key, verdictsOf } from "./key.ts";
import { expectKey, instant, isListed } from "./shown.ts";
import type { World } from "./world.ts";

export interface Subject {
  readonly id: string;
  readonly secrets: string[];
  readonly eventIds: Set<string>;
  key: Key;
}

/** The key as it is shown, and every secret that it ever had, now and at each limit. */
export async function look(world: World, { id, key, secrets }: Subject, now: number): Promise<void> {
  const { status, body } = await world.send("GET /keys/{id}", id);
  expect(status).toBe(key.isDeleted ? 404 : 200);
  if (status === 200) expectKey(body, key, now);
  const limits = [key.expiresAt, key.previous?.until].flatMap((limit = 0) => [limit - 1, limit, limit + 1]);
  for (const time of new Set([now, ...limits.filter((limit) => limit > now)])) {
    for (const [n, secret] of secrets.entries()) {
      const found = await world.verdict(secret, time);
      expect(verdictsOf(key, n, time), JSON.stringify({ n, time, key, found })).toContain(found);
    }
  }
}

/** The lists of an owner, with each filter. */
export async function list(world: World, owner: string, subjects: readonly Subject[], now: number): Promise<void> {
  const query = async (more: string) => {
    const { body } = await world.send("GET /keys", undefined, { query: `owner=${owner}${more}` });
    return (body.keys as Record<string, unknown>[]).map(({ id }) => id);
  };
  const all = await query("");
  for (const { id, key } of subjects) expect(all.includes(id)).toBe(!key.isDeleted);
  for (const status of ["active", "expired", "disabled", "revoked"]) {
    const found = await query(`&status=${status}`);
    for (const { id, key } of subjects) {
      const isFound = found.includes(id);
      expect([status, isFound]).toEqual([status, isListed(key, status, now) ?? isFound]);
    }
  }
  const soon = await query(`&expiringBefore=${instant(now + 3600)}`);
  for (const { id, key } of subjects) {
    const { expiresAt = 0 } = key;
    const isSoon = !key.isDeleted && expiresAt > now && expiresAt < now + 3600;
    if (expiresAt !== now && expiresAt !== now + 3600) expect(["soon", soon.includes(id)]).toEqual(["soon", isSoon]);
  }
}

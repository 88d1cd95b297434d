import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { revokeKey } from "../../../providers/api-key/management/status.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import type { EventBus } from "../../../shared/infrastructure/event-bus/event-bus.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { NOW } from "../../fixtures.ts";
import { createWatchFixture, DAY, oneDatabase, type WatchFixture } from "./fixture.ts";

let watch: WatchFixture;
let database: { close(): Promise<void> };
beforeAll(async () => {
  database = await oneDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  for (const method of ["info", "error"] as const) vi.spyOn(logger, method).mockImplementation(() => {});
  watch = await createWatchFixture();
  await watch.startAt(NOW);
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await watch.close();
});

const issue = async (days: number) => (await watch.issue({ expiresIn: days * DAY })).record.id;
const change = { by: "test", time: NOW };

const news = () => watch.news("KeyExp");

/** Runs the schedule at each of these days. It has done its work until a quarter of a day before the first. */
async function days(...list: number[]): Promise<string[]> {
  await watch.startAt(NOW + ((list[0] ?? 0) - 1 / 4) * DAY);
  for (const day of list) await watch.runAt(NOW + day * DAY);
  return news();
}

describe("a key that ends", () => {
  test("is announced 30, 14 and 3 days before, and when it has ended; each once", async () => {
    const id = await issue(40);
    expect(await days(9.75)).toEqual([]);
    expect(await days(10, 10.25, 11)).toEqual([`KeyExpiringSoon 30 ${id}`]);
    expect(await days(25.75)).toEqual([]);
    expect(await days(26, 26.25, 27)).toEqual([`KeyExpiringSoon 14 ${id}`]);
    expect(await days(36.75)).toEqual([]);
    expect(await days(37, 37.25, 38)).toEqual([`KeyExpiringSoon 3 ${id}`]);
    expect(await days(39.75)).toEqual([]);
    expect(await days(40, 40.25, 41)).toEqual([`KeyExpired ${id}`]);
    const ends = watch.sent.filter(({ name }) => name.startsWith("KeyExp"));
    expect(ends.map(({ detail }) => detail.id)).toEqual([
      `${id}:2026-04-11T10:00:00Z:KeyExpiringSoon:30`,
      `${id}:2026-04-11T10:00:00Z:KeyExpiringSoon:14`,
      `${id}:2026-04-11T10:00:00Z:KeyExpiringSoon:3`,
      `${id}:2026-04-11T10:00:00Z:KeyExpired`,
    ]);
  });

  test("is announced by the tightest notice if the schedule did not run for days", async () => {
    const [soon, ended] = [await issue(22), await issue(18)];
    expect(await days(0, 20)).toEqual([`KeyExpired ${ended}`, `KeyExpiringSoon 3 ${soon}`]);
  });

  test("is not announced by a notice as long as its own life", async () => {
    const id = await issue(14);
    expect(await days(0, 1 / 24, 1, 2)).toEqual([]);
    expect(await days(11)).toEqual([`KeyExpiringSoon 3 ${id}`]);
  });

  test("is announced anew if its end was moved, and not for the end that it no longer has", async () => {
    const id = await issue(40);
    expect(await days(10)).toEqual([`KeyExpiringSoon 30 ${id}`]);
    await updateKey(watch.store, id, { expiresIn: 60 * DAY }, change);
    expect(await days(26)).toEqual([]);
    expect(await days(30)).toEqual([`KeyExpiringSoon 30 ${id}`]);
  });

  test("is announced by the tightest notice if its end was moved into a window", async () => {
    const [far, near] = [await issue(400), await issue(400)];
    await updateKey(watch.store, far, { expiresIn: 25 * DAY }, change);
    await updateKey(watch.store, near, { expiresIn: 2 * DAY }, { ...change, time: NOW + 5 });
    expect(await days(10 / 24, 11 / 24, 12 / 24)).toEqual(
      [`KeyExpiringSoon 30 ${far}`, `KeyExpiringSoon 3 ${near}`].sort(),
    );
  });

  test("is announced if it was imported, as old as it was, within a window", async () => {
    const ids = await Promise.all(
      [25, 13, 2].map(async (left) => {
        const { record } = await watch.issue({ expiresIn: left * DAY });
        await watch.put({ ...record, createdAt: NOW - 300 * DAY });
        return record.id;
      }),
    );
    expect(await days(10 / 24, 11 / 24)).toEqual(
      [30, 14, 3].map((notice, index) => `KeyExpiringSoon ${notice} ${ids[index]}`).sort(),
    );
  });

  test("is not announced twice because it is looked at with each run", async () => {
    const id = await issue(40);
    expect(await days(10, 11, 12, 13, 20)).toEqual([`KeyExpiringSoon 30 ${id}`]);
  });

  test("is not announced if it is revoked, also if the index does not know it yet", async () => {
    const [id, late] = [await issue(40), await issue(40)];
    await revokeKey(watch.store, id, change);
    const page: typeof watch.store.page = async (query, options) => {
      const answer = await watch.store.page(query, options);
      if ("expiryBucket" in query && answer.keys.some((key) => key.id === late))
        await revokeKey(watch.store, late, change);
      return answer;
    };
    await watch.startAt(NOW + 9.9 * DAY);
    await watch.runAt(NOW + 10 * DAY, { keys: { page } });
    expect(await days(40)).toEqual([]);
    expect((await watch.store.get(late, new AbortController().signal)).record).toMatchObject({ status: "revoked" });
  });

  test("is announced if the record of another key of its day is damaged", async () => {
    const damaged = await watch.issue({ expiresIn: 40 * DAY });
    await watch.put(damaged.record, { unknown: { S: "x" } });
    const id = await issue(40);
    expect(await days(10)).toEqual([`KeyExpiringSoon 30 ${id}`]);
  });
});

describe("an event", () => {
  beforeEach(() => watch.startAt(NOW + 9.9 * DAY));

  test("that the bus does not take comes with the next run, and the others are not sent again", async () => {
    const [refused = "", taken = ""] = [await issue(40), await issue(40)];
    const put: EventBus["put"] = async (events) => {
      const isRefused = events.map(({ detail }) => "key" in detail && detail.key.id === refused);
      await watch.bus.put(events.filter((_, index) => !isRefused[index]));
      return isRefused.map((each) => (each ? new Error("throttled") : undefined));
    };
    await expect(watch.runAt(NOW + 10 * DAY, { bus: { put } })).rejects.toThrow("parts failed");
    for (const day of [10.1, 10.2]) await watch.runAt(NOW + day * DAY);
    expect(news()).toEqual([`KeyExpiringSoon 30 ${refused}`, `KeyExpiringSoon 30 ${taken}`].sort());
  });

  test("that was sent before a crash, and not noted, comes once more with the same id", async () => {
    const id = await issue(40);
    const noteSent = () => Promise.reject(new Error("crash"));
    await expect(watch.runAt(NOW + 10 * DAY, { table: { noteSent } })).rejects.toThrow();
    const before = news().length;
    for (const day of [10.1, 10.2, 10.3]) await watch.runAt(NOW + day * DAY);
    expect([before > 0, news()]).toEqual([true, [`KeyExpiringSoon 30 ${id}`]]);
    const ends = watch.sent.filter(({ name }) => name === "KeyExpiringSoon");
    expect(new Set(ends.map(({ detail }) => detail.id)).size).toBe(1);
  });

  test("for which there was no time comes with the next run", async () => {
    const id = await issue(40);
    await watch.runAt(NOW + 10 * DAY, { remaining: () => 20_000 });
    expect(news()).toEqual([]);
    await watch.runAt(NOW + 10.1 * DAY);
    expect(news()).toEqual([`KeyExpiringSoon 30 ${id}`]);
  });

  test("has nothing of the key's secrets", async () => {
    const { key, record } = await watch.issue({ expiresIn: 40 * DAY, attributes: { plan: "gold" } });
    await watch.runAt(NOW + 10 * DAY);
    const text = JSON.stringify(watch.sent);
    expect(text).toContain(record.id);
    const hash = Buffer.from(record.hash);
    for (const secret of [key, key.slice(-49), hash.toString("hex"), hash.toString("base64"), "gold", '"pepper"'])
      expect(text).not.toContain(secret);
  });
});

test("a key that ended before the first run is not announced", async () => {
  const other = await createWatchFixture();
  await other.issue({ expiresIn: 10 * DAY });
  await other.runAt(NOW + 20 * DAY);
  expect(other.news("KeyExp")).toEqual([]);
  await other.close();
});

test("a run says how many events it sent, for who runs it by hand", async () => {
  await issue(40);
  await watch.startAt(NOW + 9.9 * DAY);
  expect(await watch.runAt(NOW + 10 * DAY)).toEqual({ sent: watch.news().length });
  expect(await watch.runAt(NOW + 10 * DAY)).toEqual({ sent: 0 });
});

test("a key that ends soon is announced by the first run, whenever it was issued", async () => {
  const other = await createWatchFixture();
  const { record } = await other.issue({ expiresIn: 40 * DAY });
  await other.runAt(NOW + 20 * DAY);
  expect(other.news("KeyExp")).toEqual([`KeyExpiringSoon 30 ${record.id}`]);
  await other.close();
});

test("a run looks at so many keys at most, and the next one goes on where it stopped", async () => {
  const moved = await Promise.all(Array.from({ length: 5 }, () => issue(400)));
  for (const id of moved) await updateKey(watch.store, id, { expiresIn: 2 * DAY }, change);
  for (const hour of [1, 2, 3]) {
    await watch.runAt(NOW + hour * 3600, { keysOfARun: 2 });
    expect(news()).toHaveLength(hour === 3 ? 1 : 2);
  }
});

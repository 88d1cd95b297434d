import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { rotateKey } from "../../../providers/api-key/management/rotate.ts";
import { disableKey, revokeKey } from "../../../providers/api-key/management/status.ts";
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

const change = { by: "test", time: NOW };
const hour = (time: number) => Math.floor(time / 3600) * 3600;

/** Runs the schedule at each of these days. It has done its work until a quarter of a day before the first. */
async function days(...list: number[]): Promise<void> {
  await watch.startAt(NOW + ((list[0] ?? 0) - 1 / 4) * DAY);
  for (const day of list) await watch.runAt(NOW + day * DAY);
}

describe("a key that was used", () => {
  const unused = () => watch.news("KeyUnused");

  test("is announced 90 days after its last use, once", async () => {
    const { record } = await watch.issue();
    await watch.use(record.id, hour(NOW + 5 * DAY));
    await days(94);
    expect(unused()).toEqual([]);
    await days(95, 95.5, 96, 104);
    expect(unused()).toEqual([`KeyUnused ${record.id}`]);
    const { detail } = watch.sent.find(({ name }) => name === "KeyUnused") ?? {};
    expect(detail).toMatchObject({
      id: `${record.id}:2026-03-07T10:00:00Z:KeyUnused`,
      ...{ lastUsedAt: "2026-03-07T10:00:00Z", unusedDays: 90 },
    });
  });

  test("is announced if the schedule did not run on that day", async () => {
    const { record } = await watch.issue();
    await watch.use(record.id, hour(NOW + DAY));
    await days(90, 100);
    expect(unused()).toEqual([`KeyUnused ${record.id}`]);
  });

  test("is announced again after another use and another 90 days", async () => {
    const { record } = await watch.issue();
    await watch.use(record.id, hour(NOW));
    await days(90, 90.5);
    await watch.use(record.id, hour(NOW + 91 * DAY));
    await days(92, 92.5);
    await days(181, 182);
    expect(unused()).toEqual([`KeyUnused ${record.id}`, `KeyUnused ${record.id}`]);
  });

  test("is not announced if nobody can use it: disabled, revoked, expired or gone", async () => {
    const [disabled, revoked, expired] = [
      await watch.issue(),
      await watch.issue(),
      await watch.issue({ expiresIn: DAY }),
    ];
    await disableKey(watch.store, disabled.record.id, change);
    await revokeKey(watch.store, revoked.record.id, change);
    for (const { record } of [disabled, revoked, expired]) await watch.use(record.id, hour(NOW));
    await watch.use("0".repeat(16), hour(NOW));
    await days(90, 91);
    expect(unused()).toEqual([]);
  });
});

describe("a key that was never used", () => {
  const unused = () => watch.news("KeyUnused");

  test("is announced with the next walk after 90 days from its issue, once", async () => {
    const { record } = await watch.issue();
    await days(89.5);
    expect(unused()).toEqual([]);
    await days(90, 90.5, 97, 104);
    expect(unused()).toEqual([`KeyUnused ${record.id}`]);
    const { detail } = watch.sent.find(({ name }) => name === "KeyUnused") ?? {};
    expect(detail).not.toHaveProperty("lastUsedAt");
  });

  test("is not announced before uses have been recorded for 90 days", async () => {
    const { record } = await watch.issue();
    await watch.put({ ...record, createdAt: NOW - 400 * DAY });
    await days(8, 16);
    await days(89);
    expect(unused()).toEqual([]);
    await days(90);
    expect(unused()).toEqual([`KeyUnused ${record.id}`]);
  });

  test("is found by a walk that goes on with the next run where it stopped", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 6; count++) ids.push((await watch.issue()).record.id);
    const cursors: (string | undefined)[] = [];
    let remaining = 0;
    const page: typeof watch.store.page = (query, options) => {
      if (!("all" in query)) return watch.store.page(query, options);
      cursors.push(options?.cursor);
      // The time is over after one page.
      remaining = 10_000;
      return watch.store.page(query, { ...options, limit: 2 });
    };
    await watch.startAt(NOW + 100 * DAY);
    for (let run = 1; run <= 5; run++) {
      remaining = 300_000;
      await watch.runAt(NOW + 100 * DAY + run * 60, { keys: { page }, remaining: () => remaining });
    }
    expect(unused()).toEqual(ids.map((id) => `KeyUnused ${id}`).sort());
    expect(cursors.length).toBeGreaterThanOrEqual(3);
    expect(new Set(cursors).size).toBe(cursors.length);
  });
});

describe("a pepper", () => {
  const peppers = () => watch.news("PepperUnused");
  const issueWithOld = async () => {
    const { record } = await watch.issue();
    await watch.put({ ...record, pepper: "old" });
    return record.id;
  };

  test("that no key needs is announced after a walk, once; the first one never", async () => {
    await watch.issue();
    await days(8, 16, 24);
    expect(watch.sent).toMatchObject([
      { name: "PepperUnused", detail: { position: 1, id: "pepper:1:2026-03-10:PepperUnused" } },
    ]);
    expect(JSON.stringify(watch.sent)).not.toContain('"old"');
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ["an active key has it", async () => {}],
    ["a disabled key has it, which can be enabled", (id) => disableKey(watch.store, id, change)],
    [
      "the secret of before a rotation has it, while it is accepted",
      (id) => rotateKey(watch.store, id, watch.config, { ...change, time: NOW + 8 * DAY }),
    ],
    [
      "a damaged record may have it",
      async (id) => {
        const { record } = await watch.store.get(id, new AbortController().signal);
        if (record) await watch.put({ ...record, pepper: "new" }, { unknown: { S: "x" } });
      },
    ],
  ])("is not announced if %s", async (_what, run) => {
    await run(await issueWithOld());
    await days(8);
    expect(peppers()).toEqual([]);
  });

  test("is announced when its last key was revoked, or when the grace after its rotation is over", async () => {
    const [revoked, rotated] = [await issueWithOld(), await issueWithOld()];
    await revokeKey(watch.store, revoked, change);
    await rotateKey(watch.store, rotated, watch.config, { ...change, time: NOW + 6 * DAY });
    await days(8);
    expect(peppers()).toEqual(["PepperUnused"]);
  });
});

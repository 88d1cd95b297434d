import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { INDEX_LAG, MEANT_AFTER } from "../../../functions/key-commands/revoke-keys-of.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { commandEvent, keptQueues, send } from "./fixture.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());
beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000, toFake: ["Date"] });
  for (const method of ["info", "warn", "error"] as const) vi.spyOn(logger, method).mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const { signal } = new AbortController();
const status = async (id: string) => (await table.store.get(id, signal)).record?.status;
const tools = (changes: Partial<KeyTable> = {}) => ({ config: table.config, table: { ...table.store, ...changes } });
const reason = "left the programme";
let count = 0;
const newOwner = () => `owner-${count++}`;
const issue = async (options: object, times = 1) =>
  Promise.all(Array.from({ length: times }, async () => (await table.issue(options)).record.id));

/** Delivers the messages that the function sends itself, until there are none. */
async function drain(queues: ReturnType<typeof keptQueues>, remaining = 60_000): Promise<number> {
  for (let runs = 0; ; runs++) {
    const next = queues.waiting.shift();
    if (!next) return runs;
    if (runs > 50) throw new Error("a command without end");
    expect(await send(tools(), queues.queues, [next.body], { remaining })).toEqual([]);
  }
}

describe.each([
  ["RevokeKeysOfOwner", "owner"],
  ["RevokeKeysOfTenant", "tenant"],
])("%s", (name, field) => {
  const command = (value: string) => commandEvent(name, { [field]: value, reason });

  test("revokes all keys, and no others", async () => {
    const [mine, other] = [newOwner(), newOwner()];
    const ids = await issue({ [field]: mine }, 3);
    const [spared] = await issue({ [field]: other });
    const queues = keptQueues();
    await send(tools(), queues.queues, [command(mine)]);
    for (const id of ids) expect(await status(id)).toBe("revoked");
    expect(await status(spared ?? "")).toBe("active");
  });

  test("goes on in another message when its time is over, and begins nothing anew", async () => {
    const mine = newOwner();
    const ids = await issue({ [field]: mine }, 5);
    const queues = keptQueues();
    // The page of the tests: two keys.
    const page: KeyTable["page"] = (query, options) => table.store.page(query, { ...options, limit: 2 });
    await send(tools({ page }), queues.queues, [command(mine)], { remaining: 10_000 });
    expect(queues.waiting).toMatchObject([{ delay: 0 }]);
    expect(JSON.parse(queues.waiting[0]?.body ?? "").continuation).toMatchObject({
      pass: 1,
      cursor: expect.any(String),
    });
    expect((await Promise.all(ids.map(status))).filter((each) => each === "revoked")).toHaveLength(2);
    await drain(queues);
    for (const id of ids) expect(await status(id)).toBe("revoked");
  });

  test("looks a second time, after the lag of the index, and then ends", async () => {
    const mine = newOwner();
    const [first = ""] = await issue({ [field]: mine });
    const queues = keptQueues();
    await send(tools(), queues.queues, [command(mine)]);
    const [late = ""] = await issue({ [field]: mine });
    expect(queues.waiting).toMatchObject([{ delay: INDEX_LAG }]);
    expect(await drain(queues)).toBe(1);
    expect([await status(first), await status(late)]).toEqual(["revoked", "revoked"]);
  });

  test("of nobody ends among the dead letters after the second pass: a typing error is no success", async () => {
    const queues = keptQueues();
    await send(tools(), queues.queues, [command(newOwner())]);
    expect(queues.buried).toEqual([]);
    expect(await drain(queues)).toBe(1);
    expect(queues.buried).toMatchObject([{ reason: "nothing_found" }]);
    expect(logger.warn).toHaveBeenCalledWith("command refused", { reason: "nothing_found", mistakes: [] });
  });

  test("that comes a second time finds revoked keys, and is no mistake", async () => {
    const mine = newOwner();
    await issue({ [field]: mine });
    const queues = keptQueues();
    for (let time = 0; time < 2; time++) {
      await send(tools(), queues.queues, [command(mine)]);
      await drain(queues);
    }
    expect(queues.buried).toEqual([]);
  });

  test("that found keys in its first pass is no mistake if the second finds none, or does not know", async () => {
    const queues = keptQueues();
    for (const continuation of [{ pass: 2, found: true }, { pass: 2 }]) {
      await send(tools(), queues.queues, [JSON.stringify({ ...JSON.parse(command(newOwner())), continuation })]);
    }
    expect(queues.buried).toEqual([]);
  });

  test("does not revoke what was issued long after it, when it is replayed", async () => {
    const mine = newOwner();
    const [early = ""] = await issue({ [field]: mine });
    const body = commandEvent(
      name,
      { [field]: mine, reason },
      { time: new Date((NOW - MEANT_AFTER - 1) * 1000).toISOString() },
    );
    const queues = keptQueues();
    await send(tools(), queues.queues, [body]);
    expect(await status(early)).toBe("active");
  });

  test("revokes an imported key that says it was issued in the future", async () => {
    const mine = newOwner();
    const { record } = await table.issue({ [field]: mine });
    await table.store.replace({ ...record, createdAt: NOW + 86_400 }, record);
    await send(tools(), keptQueues().queues, [command(mine)]);
    expect(await status(record.id)).toBe("revoked");
  });

  test("leaves a key alone that has moved elsewhere while the index still lists it", async () => {
    const mine = newOwner();
    const [moved = ""] = await issue({ [field]: mine });
    const listed = await table.store.page({ [field]: mine } as { owner: string });
    await updateKey(table.store, moved, { [field]: newOwner() }, { by: "test", time: NOW });
    const queues = keptQueues();
    await send(tools({ page: async () => listed }), queues.queues, [command(mine)]);
    expect(await status(moved)).toBe("active");
  });

  test("tries a key that fails again alone, and revokes the others", async () => {
    const mine = newOwner();
    const [bad = "", ...others] = await issue({ [field]: mine }, 3);
    const replace: KeyTable["replace"] = (record, before) =>
      record.id === bad ? Promise.reject(new Error("poisoned")) : table.store.replace(record, before);
    const queues = keptQueues();
    expect(await send(tools({ replace }), queues.queues, [command(mine)])).toEqual([]);
    for (const id of others) expect(await status(id)).toBe("revoked");
    const [alone] = queues.waiting;
    expect(JSON.parse(alone?.body ?? "").continuation).toEqual({ key: bad });
    // Alone it fails, and is delivered again until the dead letters get it.
    expect(await send(tools({ replace }), queues.queues, [alone?.body ?? ""])).toEqual(["0"]);
    await drain(queues);
    expect(await status(bad)).toBe("revoked");
  });

  test("fails as a whole if the table is in trouble", async () => {
    const mine = newOwner();
    await issue({ [field]: mine }, 12);
    const replace = () => Promise.reject(new TroubleError("key_store_unavailable"));
    const queues = keptQueues();
    expect(await send(tools({ replace }), queues.queues, [command(mine)])).toEqual(["0"]);
    expect(queues.waiting).toEqual([]);
  });
});

test("a sender cannot say where a command goes on", async () => {
  const queues = keptQueues();
  const detail = { owner: newOwner(), reason, continuation: { key: "0123456789abcdef" } };
  await send(tools(), queues.queues, [commandEvent("RevokeKeysOfOwner", detail)]);
  expect(queues.buried).toMatchObject([{ reason: "command_invalid" }]);
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeClocks, moveWallClock, pass } from "./clocks.ts";
import { RemoteServer, TIMES } from "./remote-server.ts";

beforeEach(fakeClocks);
afterEach(() => vi.useRealTimers());

const { size, refill } = TIMES.budget;

/** A value that was just fetched. */
async function freshValue(server: RemoteServer) {
  const value = server.value();
  const known = await value.current();
  server.requests = 0;
  return { value, known };
}

describe("a newer value", () => {
  test("is fetched at once, before the age limit", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    server.version = 2;
    expect(await value.newer(known, "key")).toEqual({ version: 2 });
    expect(await value.current()).toEqual({ version: 2 });
    expect(server.requests).toBe(1);
  });

  test("is the known one if the server has no other", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    expect(await value.newer(known, "key")).toBe(known);
    expect(server.requests).toBe(1);
  });

  test("is not fetched if it is there already", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    server.version = 2;
    await value.newer(known, "one");
    expect(await value.newer(known, "two")).toEqual({ version: 2 });
    expect(server.requests).toBe(1);
  });

  test("is fetched once for all who ask at the same time, and counts once", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    const asking = Array.from({ length: 100 }, (_, index) => value.newer(known, `${index}`));
    expect(new Set(await Promise.all(asking))).toEqual(new Set([known]));
    expect(server.requests).toBe(1);
    for (let index = 1; index < size; index++) await value.newer(known, "again");
    expect(server.requests).toBe(size);
  });

  test("of a value that was never fetched is fetched", async () => {
    const server = new RemoteServer();
    expect(await server.value().newer({ version: 0 })).toEqual({ version: 1 });
  });
});

describe("a flood of questions", () => {
  test("causes no more fetches than the budget, for as long as it lasts", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let time = 0; time < 55_000; time += 10) {
      await value.newer(known, `forged ${time}`).catch(() => known);
      await pass(10);
    }
    expect(server.requests).toBe(size + 55_000 / refill - 1);
  });

  test("delays a rotation by no more than one refill", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 0; index < 1000; index++) await value.newer(known, `forged ${index}`).catch(() => known);
    server.version = 2;
    await pass(refill);
    expect(await value.newer(known, "real")).toEqual({ version: 2 });
  });

  test("does not delay a rotation at all while it is smaller than the budget", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 1; index < size; index++) await value.newer(known, "forged");
    server.version = 2;
    expect(await value.newer(known, "real")).toEqual({ version: 2 });
  });

  test("leaves a new question open, which is trouble and no refusal", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 0; index < size; index++) await value.newer(known, "forged");
    await expect(value.newer(known, "real")).rejects.toMatchObject({
      name: "TroubleError",
      reason: "key_set_unavailable",
      cause: { name: "BudgetError" },
    });
  });

  test("leaves a question decided that a fetch has answered since it was first asked", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 0; index < 100; index++) expect(await value.newer(known, "withdrawn")).toBe(known);
    expect(server.requests).toBe(size);
  });

  test("leaves a question open until a fetch has succeeded after it", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 0; index < size; index++) await value.newer(known, "forged");
    await expect(value.newer(known, "late")).rejects.toThrow("key_set_unavailable");
    await expect(value.newer(known, "late")).rejects.toThrow("key_set_unavailable");
    await pass(refill);
    await value.newer(known, "forged");
    expect(await value.newer(known, "late")).toBe(known);
  });

  test("is bounded also if the wall clock is set back", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 0; index < size; index++) await value.newer(known, "forged");
    moveWallClock(-3_600_000);
    await expect(value.newer(known, "new")).rejects.toThrow("key_set_unavailable");
    await pass(refill);
    server.version = 2;
    expect(await value.newer(known, "new")).toEqual({ version: 2 });
  });
});

describe("a newer value while the server fails", () => {
  test("is unavailable, and the server is asked after its pause only", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    server.mood = "failing";
    for (let index = 0; index < 10; index++) {
      await expect(value.newer(known, `${index}`)).rejects.toMatchObject({ cause: new Error("status 503") });
    }
    expect(server.requests).toBe(1);
  });

  test("is found within two seconds of the server's return, although the budget was used up before", async () => {
    const server = new RemoteServer();
    const { value, known } = await freshValue(server);
    for (let index = 1; index < size; index++) await value.newer(known, "forged");
    server.mood = "failing";
    for (let time = 0; time < 4000; time += 100) {
      await value.newer(known, "real").catch(() => {});
      await pass(100);
    }
    server.mood = "well";
    server.version = 2;
    await pass(2000);
    expect(await value.newer(known, "real")).toEqual({ version: 2 });
  });
});

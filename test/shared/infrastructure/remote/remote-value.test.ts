import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RemoteValue } from "../../../../shared/infrastructure/remote/remote-value.ts";
import { fakeClocks, moveWallClock, pass } from "./clocks.ts";
import { type Document, RemoteServer, TIMES } from "./remote-server.ts";

beforeEach(fakeClocks);
afterEach(() => vi.useRealTimers());

const UNAVAILABLE = "key_set_unavailable";
const versionOf = (document: Promise<Document>) => document.then(({ version }) => version, String);
const current = (value: RemoteValue<Document>) => versionOf(value.current());

/** The result of a request if it is there at once. */
async function atOnce<T>(request: Promise<T>): Promise<T | "still waiting"> {
  const turns = async () => {
    for (let turn = 0; turn < 50; turn++) await null;
    return "still waiting" as const;
  };
  return Promise.race([request, turns()]);
}

/** A value that was fetched once, and has just reached its age limit. */
async function oldValue(server: RemoteServer, age = TIMES.maxAge) {
  const value = server.value();
  await value.current();
  await pass(age);
  server.requests = 0;
  return value;
}

describe("a remote value", () => {
  test("is fetched at its first use, once for all who ask at the same time", async () => {
    const server = new RemoteServer();
    const value = server.value();
    expect(server.requests).toBe(0);
    expect(await Promise.all([current(value), current(value), current(value)])).toEqual([1, 1, 1]);
    expect(server.requests).toBe(1);
  });

  test("is not fetched again before its age limit, and is then", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server, TIMES.maxAge - 1);
    server.version = 2;
    expect(await current(value)).toBe(1);
    expect(server.requests).toBe(0);
    await pass(1);
    expect(await current(value)).toBe(2);
    expect(server.requests).toBe(1);
  });

  test("counts its age from the last fetch, also if nothing has changed", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    await value.current();
    await pass(TIMES.maxAge - 1);
    await value.current();
    expect(server.requests).toBe(1);
  });

  test("reaches its age limit although the wall clock was set back", async () => {
    const server = new RemoteServer();
    const value = server.value();
    await value.current();
    moveWallClock(-86_400_000);
    await pass(TIMES.maxAge);
    server.version = 2;
    expect(await current(value)).toBe(2);
  });

  test("reaches its age limit although the process was frozen and its monotonic clock stood still", async () => {
    const server = new RemoteServer();
    const value = server.value();
    await value.current();
    moveWallClock(TIMES.maxAge);
    server.version = 2;
    expect(await current(value)).toBe(2);
  });
});

describe("an old value", () => {
  test("is served after a quarter of a second if the server hangs, and at once to all others", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "hanging";
    const first = current(value);
    expect(await atOnce(current(value))).toBe(1);
    await pass(249);
    expect(await atOnce(first)).toBe("still waiting");
    await pass(1);
    expect(await atOnce(first)).toBe(1);
    expect(await atOnce(current(value))).toBe(1);
    expect(server.requests).toBe(1);
  });

  test("makes room for a newer one that arrives after its request was answered", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "hanging";
    const first = current(value);
    await pass(1000);
    expect(await first).toBe(1);
    server.open[0]?.resolve({ version: 2 });
    await pass(0);
    expect(await atOnce(current(value))).toBe(2);
    expect(server.requests).toBe(1);
  });

  test("is served at once while the server fails, and the server is asked once in two seconds", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    expect(await atOnce(current(value))).toBe(1);
    for (let time = 0; time < 120_000; time += 100) {
      await pass(100);
      expect(await atOnce(current(value))).toBe(1);
    }
    // At 0, 0.5, 1.5, 3.5, 5.5 … 119.5 seconds.
    expect(server.requests).toBe(62);
  });

  test("is served at once while the server hangs after a failure", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    await value.current();
    server.mood = "hanging";
    await pass(2000);
    expect(await atOnce(current(value))).toBe(1);
    expect(server.open).toHaveLength(1);
  });

  test("is replaced within two seconds of the server's return", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    for (let time = 0; time < 150_000; time += 100) {
      await value.current();
      await pass(100);
    }
    server.mood = "well";
    server.version = 2;
    await pass(2000);
    await value.current();
    await pass(0);
    expect(await current(value)).toBe(2);
  });

  test("is not used beyond its limit, and is then unavailable", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    await pass(TIMES.staleIfError - TIMES.maxAge - 1);
    expect(await current(value)).toBe(1);
    await pass(2000);
    expect(await current(value)).toContain(UNAVAILABLE);
    server.mood = "well";
    await pass(2000);
    expect(await current(value)).toBe(1);
  });

  test("is used until its limit, and not at it", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    await pass(TIMES.staleIfError - TIMES.maxAge);
    expect(await current(value)).toContain(UNAVAILABLE);
  });

  test("is not used beyond its limit if the wall clock was set back", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "failing";
    moveWallClock(-86_400_000);
    await pass(TIMES.staleIfError);
    expect(await current(value)).toContain(UNAVAILABLE);
  });
});

describe("a value that was never fetched", () => {
  test("is unavailable with the cause, also during the pause", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    const expected = { name: "TroubleError", reason: UNAVAILABLE, cause: new Error("status 503") };
    await expect(value.current()).rejects.toMatchObject(expected);
    await expect(value.current()).rejects.toMatchObject(expected);
    expect(server.requests).toBe(1);
  });

  test("is there half a second after a single failure", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    await current(value);
    server.mood = "well";
    await pass(499);
    expect(await current(value)).toContain(UNAVAILABLE);
    await pass(1);
    expect(await current(value)).toBe(1);
  });

  test("is asked for after half a second, one, two and two again, counted from the start of an attempt", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    await current(value);
    for (const pause of [500, 1000, 2000, 2000, 2000]) {
      const { requests } = server;
      await pass(pause - 1);
      await current(value);
      expect(server.requests).toBe(requests);
      await pass(1);
      await current(value);
      expect(server.requests).toBe(requests + 1);
    }
  });

  test("is asked for after the same pause if the wall clock is set back", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    await current(value);
    server.mood = "well";
    moveWallClock(-3_600_000);
    expect(await current(value)).toContain(UNAVAILABLE);
    await pass(500);
    expect(await current(value)).toBe(1);
  });

  test("starts with the short pause again after a success", async () => {
    const server = new RemoteServer();
    const value = server.value({ maxAge: 0, staleIfError: 0 });
    server.mood = "failing";
    for (let attempt = 0; attempt < 5; attempt++) {
      await current(value);
      await pass(2000);
    }
    server.mood = "well";
    await value.current();
    server.mood = "failing";
    await current(value);
    server.mood = "well";
    await pass(500);
    expect(await current(value)).toBe(1);
  });

  test("is waited for with the first request, and half a second by each later one while the server hangs", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "hanging";
    const first = current(value);
    await pass(2999);
    expect(await atOnce(first)).toBe("still waiting");
    server.timeOut();
    expect(await first).toContain(UNAVAILABLE);
    const second = value.current().catch((error: unknown) => error);
    await pass(499);
    expect(await atOnce(second)).toBe("still waiting");
    await pass(1);
    expect(await second).toMatchObject({ message: UNAVAILABLE, cause: { name: "TimeoutError" } });
    expect(server.requests).toBe(2);
  });

  test("that comes in that half second is served", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    await current(value);
    await pass(500);
    server.mood = "hanging";
    const second = current(value);
    await pass(400);
    server.open[0]?.resolve({ version: 1 });
    expect(await second).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("has one fetch in flight, however long the server hangs", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "hanging";
    const waiting: Promise<unknown>[] = [];
    for (let time = 0; time < 4000; time += 100) {
      waiting.push(current(value));
      await pass(100);
      expect(server.open).toHaveLength(1);
    }
    server.timeOut();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([`TroubleError: ${UNAVAILABLE}`]));
  });

  test("has another fetch in flight as soon as the first one is a second older than its timeout", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "hanging";
    const first = current(value);
    await pass(TIMES.timeout + 1000);
    const second = current(value);
    expect(server.open).toHaveLength(1);
    await pass(1);
    const third = current(value);
    expect(server.open).toHaveLength(2);
    for (const { resolve } of server.open) resolve({ version: 1 });
    expect(await Promise.all([first, second, third])).toEqual([1, 1, 1]);
  });

  test("is fetched with a timeout", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout");
    const server = new RemoteServer();
    await server.value().current();
    expect(timeout).toHaveBeenCalledWith(TIMES.timeout);
    expect(server.signals).toEqual([timeout.mock.results[0]?.value]);
    timeout.mockRestore();
  });
});

describe("a process that Lambda froze during a fetch", () => {
  const FREEZE = 60_000;

  test("starts another fetch and waits for it, although an old value is there", async () => {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "hanging";
    const first = current(value);
    await pass(250);
    expect(await first).toBe(1);
    moveWallClock(FREEZE);
    server.version = 2;
    const second = current(value);
    await pass(2000);
    expect(await atOnce(second)).toBe("still waiting");
    server.open[1]?.resolve({ version: 2 });
    expect(await second).toBe(2);
    expect(server.requests).toBe(2);
  });

  test("does not count the aborted fetch as a failure of the server", async () => {
    const { server, value } = await frozenProcess();
    // Its timer runs before the next request arrives.
    server.timeOut();
    await pass(0);
    server.mood = "well";
    server.version = 2;
    expect(await current(value)).toBe(2);
  });

  test("keeps the result of the later fetch if the earlier one ends after all", async () => {
    const { server, value } = await frozenProcess();
    server.mood = "well";
    server.version = 3;
    expect(await current(value)).toBe(3);
    server.open[0]?.resolve({ version: 2 });
    await pass(0);
    expect(await current(value)).toBe(3);
  });

  test("serves the old value if the later fetch fails, and counts that as a failure", async () => {
    const { server, value } = await frozenProcess();
    server.mood = "failing";
    expect(await current(value)).toBe(1);
    expect(await current(value)).toBe(1);
    expect(server.requests).toBe(2);
    server.timeOut();
    await pass(500);
    server.mood = "hanging";
    expect(await atOnce(current(value))).toBe(1);
  });

  test("is as patient as before after a fetch has succeeded again", async () => {
    const { server, value } = await frozenProcess();
    server.mood = "well";
    await value.current();
    await pass(TIMES.maxAge);
    server.mood = "hanging";
    const next = current(value);
    await pass(250);
    expect(await atOnce(next)).toBe(1);
  });

  test("starts with the short pause, because the frozen fetch was no failure", async () => {
    const { server, value } = await frozenProcess();
    server.timeOut();
    await pass(0);
    server.mood = "failing";
    await value.current();
    server.mood = "well";
    server.version = 2;
    await pass(500);
    await value.current();
    await pass(0);
    expect(await current(value)).toBe(2);
  });

  test("has one fetch in flight although the frozen one ends during it", async () => {
    const { server, value } = await frozenProcess();
    const second = current(value);
    server.timeOut();
    await pass(0);
    expect(await atOnce(current(value))).toBe(1);
    expect(server.requests).toBe(2);
    server.open[0]?.resolve({ version: 2 });
    expect(await second).toBe(2);
  });

  test("waits for the whole of the next fetch if there is no value", async () => {
    const server = new RemoteServer();
    const value = server.value();
    server.mood = "failing";
    await current(value);
    await pass(500);
    server.mood = "hanging";
    const first = current(value);
    await pass(500);
    expect(await first).toContain(UNAVAILABLE);
    moveWallClock(FREEZE);
    const second = current(value);
    await pass(2900);
    expect(await atOnce(second)).toBe("still waiting");
    server.open[1]?.resolve({ version: 1 });
    expect(await second).toBe(1);
  });

  /** An old value whose fetch was in flight when the process was frozen for a minute. */
  async function frozenProcess() {
    const server = new RemoteServer();
    const value = await oldValue(server);
    server.mood = "hanging";
    const first = current(value);
    await pass(250);
    await first;
    moveWallClock(FREEZE);
    return { server, value };
  }
});

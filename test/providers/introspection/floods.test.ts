import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { GUESSES } from "../../../providers/introspection/introspector.ts";
import { NOW } from "../../fixtures.ts";
import { entryOf, judgeBy, SECRET, TokenServer, USER } from "./fixture.ts";

let server: TokenServer;
beforeAll(() => {
  process.env[SECRET] = "s3cret";
});
afterAll(() => {
  delete process.env[SECRET];
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW * 1000 });
  // Only the wall clock counts here, so that a slow machine refills no budget.
  vi.spyOn(performance, "now").mockReturnValue(0);
  server = new TokenServer();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds);

/** Guesses tokens until the server is not asked any more. */
async function guess(status: (token: string) => Promise<string>, count = GUESSES.size + 5): Promise<string[]> {
  const seen: string[] = [];
  for (let index = 0; index < count; index++) seen.push(await status(`guess-${Math.random()}-${index}`));
  return seen;
}

/** Math.random makes tokens with a dot, which are a JWT's provider's: these have a prefix. */
const ENTRY = entryOf({ tokens: { prefix: ["guess-", "real-"] } });

describe("a flood of made-up tokens", () => {
  test("costs the server a hundred questions, and then ten a second", async () => {
    const { status } = judgeBy(server, ENTRY);
    const seen = await guess(status);
    expect(seen.slice(0, GUESSES.size)).toEqual(Array(GUESSES.size).fill("token_inactive"));
    expect(seen.slice(GUESSES.size)).toEqual(Array(5).fill("introspection_unavailable"));
    expect(server.asked).toHaveLength(GUESSES.size);
    pass(1000);
    await guess(status, 20);
    expect(server.asked).toHaveLength(GUESSES.size + 10);
  });

  test("does not stop questions about tokens that were active before", async () => {
    server.know({ "real-1": USER });
    const { status } = judgeBy(server, ENTRY);
    expect(await status("real-1")).toBe("authenticated");
    await guess(status);
    expect(await status("real-2")).toBe("introspection_unavailable");
    for (let minute = 0; minute < 5; minute++) {
      pass(60_000);
      await guess(status, GUESSES.size + 5);
      const before = server.asked.length;
      expect(await status("real-1")).toBe("authenticated");
      expect(server.asked).toHaveLength(before + 1);
    }
  });

  test("stops a token that was active once only until it is not: it is a guess like others afterwards", async () => {
    server.know({ "real-1": USER });
    const { status } = judgeBy(server, ENTRY);
    await status("real-1");
    await guess(status);
    server.know({});
    pass(30_000);
    await guess(status, 2 * GUESSES.size);
    expect(await status("real-1")).toBe("token_inactive");
    pass(5000);
    await guess(status, 2 * GUESSES.size);
    expect(await status("real-1")).toBe("introspection_unavailable");
  });

  test("is none if the tokens are active, however many", async () => {
    server.say({ active: true, ...USER });
    const { status } = judgeBy(server, ENTRY);
    expect(new Set(await guess(status, 5 * GUESSES.size))).toEqual(new Set(["authenticated"]));
  });
});

describe("a token that the server fails at", () => {
  test.each([400, 403, 404, 413, 414, 500, 502])("with %i does not stop questions about others", async (failure) => {
    server.answer = (token) =>
      token.startsWith("guess-") ? new Response("", { status: failure }) : Response.json({ active: true, ...USER });
    const { status } = judgeBy(server, ENTRY);
    for (let index = 0; index < 10; index++) {
      expect(await status(`guess-${index}`)).toBe("introspection_unavailable");
      expect(await status(`real-${index}`)).toBe("authenticated");
    }
  });

  test("is a guess: the budget limits it", async () => {
    server.fail(500);
    await guess(judgeBy(server, ENTRY).status);
    expect(server.asked).toHaveLength(GUESSES.size);
  });

  test("by a timeout does not stop questions about tokens that were active before", async () => {
    server.know({ "real-1": USER });
    const { status } = judgeBy(server, ENTRY);
    await status("real-1");
    server.answer = (token) =>
      token.startsWith("guess-")
        ? Promise.reject(new DOMException("", "TimeoutError"))
        : Response.json({ active: true, ...USER });
    pass(30_000);
    expect(await status("guess-1")).toBe("introspection_unavailable");
    expect(await status("guess-2")).toBe("introspection_unavailable");
    expect(await status("real-1")).toBe("authenticated");
  });
});

describe("a server that is down", () => {
  const DOWN: [string, (by: TokenServer) => void][] = [
    ["does not answer", (by) => (by.answer = () => Promise.reject(new TypeError("fetch failed")))],
    ["does not know the client (401)", (by) => by.fail(401)],
    ["has too many questions (429)", (by) => by.fail(429)],
    ["is overloaded (503)", (by) => by.fail(503)],
  ];

  test.each(DOWN)("because it %s is asked once in two seconds at most", async (_how, fail) => {
    fail(server);
    const { status } = judgeBy(server, ENTRY);
    const asked: number[] = [];
    for (let tenths = 0; tenths < 100; tenths++) {
      const before = server.asked.length;
      expect(await status(`real-${tenths}`)).toBe("introspection_unavailable");
      if (server.asked.length > before) asked.push(tenths);
      pass(100);
    }
    expect(asked).toEqual([0, 5, 15, 35, 55, 75, 95]);
  });

  test.each(DOWN)("because it %s uses up no budget, and serves all as soon as it answers", async (_how, fail) => {
    fail(server);
    const { status } = judgeBy(server, ENTRY);
    for (let index = 0; index < 2 * GUESSES.size; index++) {
      await status(`real-${index}`);
      pass(2000);
    }
    server.say({ active: true, ...USER });
    expect(await status("real-1")).toBe("authenticated");
    expect(new Set(await guess(status))).toEqual(new Set(["authenticated"]));
  });

  test("gets one question at a time after its pause", async () => {
    server.fail(503);
    const { status } = judgeBy(server, ENTRY);
    await status("real-1");
    pass(500);
    server.hang();
    void status("real-2");
    await vi.waitFor(() => expect(server.asked).toHaveLength(2));
    expect(await status("real-3")).toBe("introspection_unavailable");
    expect(server.asked).toHaveLength(2);
  });

  test("decides nothing by an answer that has ended", async () => {
    server.know({ "real-1": USER });
    const { status } = judgeBy(server, ENTRY);
    await status("real-1");
    server.fail(503);
    pass(29_000);
    expect(await status("real-1")).toBe("authenticated");
    pass(1000);
    expect(await status("real-1")).toBe("introspection_unavailable");
  });

  test("with 500 for tokens that were active before gets pauses too", async () => {
    server.know({ "real-1": USER, "real-2": USER });
    const { status } = judgeBy(server, ENTRY);
    await status("real-1");
    await status("real-2");
    pass(30_000);
    server.fail(500);
    await status("real-1");
    await status("real-2");
    expect(server.asked).toHaveLength(3);
  });
});

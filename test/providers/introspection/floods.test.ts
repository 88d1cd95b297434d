import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { GUESSES } from "../../../providers/introspection/permits.ts";
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

const ENTRY_UNCACHED = entryOf({ tokens: { prefix: ["guess-", "real-"] }, cacheAge: 0 });

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

  test("with 500 is asked once about each token that was active before, and then ten times a second", async () => {
    const names = Array.from({ length: 2 * GUESSES.size }, (_, index) => `real-${index}`);
    server.say({ active: true, ...USER });
    const { status } = judgeBy(server, ENTRY);
    for (const name of names) await status(name);
    server.fail(500);
    const asked: number[] = [];
    for (const wait of [30_000, 500, 2000, 2000]) {
      pass(wait);
      const before = server.asked.length;
      for (const name of names) await status(name);
      asked.push(server.asked.length - before);
    }
    expect(asked).toEqual([names.length, GUESSES.size, 20, 20]);
  });
});

describe("a token that was active before and that the server fails at", () => {
  const FAILURES: [string, () => Response][] = [
    ...[400, 403, 404, 413, 414, 500, 502].map((status): [string, () => Response] => [
      `with ${status}`,
      () => new Response("", { status }),
    ]),
    ["with more than 64 KB", () => Response.json({ active: true, ...USER, nickname: "x".repeat(70_000) })],
    ["with no JSON", () => new Response("<html>")],
    ["with a malformed answer", () => Response.json({ active: true, ...USER, exp: "soon" })],
  ];

  /** Answers about all tokens but those of one owner, who had good answers before. */
  async function withEvil(failure: () => Response | Promise<Response>, count: number) {
    server.say({ active: true, ...USER });
    const { status } = judgeBy(server, ENTRY_UNCACHED);
    const evil = Array.from({ length: count }, (_, index) => `guess-evil-${index}`);
    for (const token of ["real-alice", ...evil]) expect(await status(token)).toBe("authenticated");
    server.answer = (token) => (evil.includes(token) ? failure() : Response.json({ active: true, ...USER }));
    return { status, evil };
  }

  test.each(FAILURES)("%s does not stop questions about others", async (_how, failure) => {
    const { status, evil } = await withEvil(failure, 1);
    for (let index = 0; index < 50; index++) {
      expect(await status(evil[0] ?? "")).toBe("introspection_unavailable");
      expect(await status("real-alice")).toBe("authenticated");
      expect(await status(`real-${index}`)).toBe("authenticated");
      pass(50);
    }
  });

  test("does not stop questions about others, however many the owner has", async () => {
    const { status, evil } = await withEvil(() => new Response("", { status: 500 }), 3 * GUESSES.size);
    for (let round = 0; round < 5; round++) {
      for (const token of evil) expect(await status(token)).toBe("introspection_unavailable");
      expect(await status("real-alice")).toBe("authenticated");
      pass(3000);
    }
  });

  test("by no answer stops the questions about others once, and not again", async () => {
    const { status, evil } = await withEvil(() => Promise.reject(new DOMException("", "TimeoutError")), 1);
    const [token = ""] = evil;
    expect(await status(token)).toBe("introspection_unavailable");
    expect(await status("real-alice")).toBe("introspection_unavailable");
    for (let index = 0; index < 50; index++) {
      pass(500);
      expect(await status("real-alice")).toBe("authenticated");
      expect(await status(token)).toBe("introspection_unavailable");
    }
  });

  test("is asked about once in two seconds, until the server answers", async () => {
    const { status, evil } = await withEvil(() => new Response("", { status: 500 }), 1);
    const [token = ""] = evil;
    const asked: number[] = [];
    for (let tenths = 0; tenths < 100; tenths++) {
      const before = server.asked.length;
      await status(token);
      if (server.asked.length > before) asked.push(tenths);
      pass(100);
    }
    expect(asked).toEqual([0, 5, 15, 35, 55, 75, 95]);
    server.say({ active: true, ...USER });
    pass(2000);
    expect(await status(token)).toBe("authenticated");
    expect(await status(token)).toBe("authenticated");
  });

  test("does not keep a server that failed altogether from being asked again", async () => {
    const { status, evil } = await withEvil(() => new Response("", { status: 500 }), 1);
    const mixed = server.answer;
    server.fail(503);
    expect(await status("real-alice")).toBe("introspection_unavailable");
    server.answer = mixed;
    pass(500);
    expect(await status(evil[0] ?? "")).toBe("introspection_unavailable");
    expect(await status("real-alice")).toBe("authenticated");
  });
});

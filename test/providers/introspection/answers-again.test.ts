import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Answers, digestOf } from "../../../providers/introspection/answers.ts";
import { instantNow } from "../../../shared/infrastructure/remote/elapsed.ts";
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
  server = new TokenServer();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);

describe("an answer about an active token", () => {
  test("counts for cacheAge seconds", async () => {
    server.know({ token1: USER });
    const { status } = judgeBy(server, entryOf({ cacheAge: 30 }));
    for (const seconds of [0, 29]) {
      pass(seconds);
      expect(await status("token1")).toBe("authenticated");
    }
    expect(server.asked).toHaveLength(1);
    server.know({});
    expect(await status("token1")).toBe("authenticated");
    pass(1);
    expect(await status("token1")).toBe("token_inactive");
    expect(server.asked).toHaveLength(2);
  });

  test("counts for 30 seconds by default", async () => {
    server.know({ token1: USER });
    const { status } = judgeBy(server);
    await status("token1");
    pass(29);
    await status("token1");
    expect(server.asked).toHaveLength(1);
    pass(1);
    await status("token1");
    expect(server.asked).toHaveLength(2);
  });

  test("does not outlive its token", async () => {
    server.know({ token1: { ...USER, exp: NOW + 10 } });
    const { status } = judgeBy(server, entryOf({ cacheAge: 300 }));
    expect(await status("token1")).toBe("authenticated");
    pass(10);
    expect(await status("token1")).toBe("token_expired");
  });

  test("counts once if cacheAge is 0", async () => {
    server.know({ token1: USER });
    const { status } = judgeBy(server, entryOf({ cacheAge: 0 }));
    await status("token1");
    server.know({});
    expect(await status("token1")).toBe("token_inactive");
    server.know({ token1: USER });
    expect(await status("token1")).toBe("authenticated");
  });

  test("is not another token's", async () => {
    server.know({ token1: USER, token2: { ...USER, sub: "bob" } });
    const { judge, status } = judgeBy(server);
    expect(await judge("token1")).toMatchObject({ subject: "alice" });
    expect(await judge("token2")).toMatchObject({ subject: "bob" });
    expect(await status("Token1")).toBe("token_inactive");
  });

  test("is not another issuer's: each entry has its own", async () => {
    server.know({ a_1: USER, b_1: { ...USER, iss: "https://b.example.com" } });
    const own = (prefix: string) => entryOf({ tokens: { prefix } });
    const { judge } = judgeBy(server, own("a_"), { ...own("b_"), issuer: "https://b.example.com" });
    expect(await judge("a_1")).toMatchObject({ issuer: "https://id.example.com" });
    expect(await judge("b_1")).toMatchObject({ issuer: "https://b.example.com" });
  });

  test("counts no longer after the clock was set back", async () => {
    server.know({ token1: USER });
    const { status } = judgeBy(server);
    await status("token1");
    pass(-3600);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 31_000);
    await status("token1");
    vi.restoreAllMocks();
    expect(server.asked).toHaveLength(2);
  });
});

describe("an answer that a token is not active", () => {
  test("counts for 5 seconds", async () => {
    const { status } = judgeBy(server);
    for (const seconds of [0, 4]) {
      pass(seconds);
      expect(await status("token1")).toBe("token_inactive");
    }
    expect(server.asked).toHaveLength(1);
    server.know({ token1: USER });
    pass(1);
    expect(await status("token1")).toBe("authenticated");
  });

  test("counts no longer than cacheAge", async () => {
    const { status } = judgeBy(server, entryOf({ cacheAge: 1 }));
    await status("token1");
    pass(1);
    await status("token1");
    expect(server.asked).toHaveLength(2);
  });

  test("takes the place of the answer that it was active", async () => {
    server.know({ token1: USER });
    const { status } = judgeBy(server, entryOf({ cacheAge: 30 }));
    await status("token1");
    server.know({});
    pass(30);
    expect(await status("token1")).toBe("token_inactive");
    expect(await status("token1")).toBe("token_inactive");
  });
});

describe("what an instance remembers", () => {
  const active = (length = 100) => ({ claims: USER, length, askedAt: instantNow() });

  test("is at most 1,000 active tokens, the last ones", () => {
    const answers = new Answers(30_000);
    for (let index = 0; index < 1001; index++) answers.addActive(`${index}`, active());
    expect(answers.find("0")).toBeUndefined();
    expect(answers.find("1")).toBeDefined();
    expect(answers.find("1000")).toBeDefined();
  });

  test("is at most 2 MiB of answers", () => {
    const answers = new Answers(30_000);
    for (let index = 0; index < 33; index++) answers.addActive(`${index}`, active(65_536));
    expect(answers.find("0")).toBeUndefined();
    expect(answers.find("1")).toBeDefined();
    for (let index = 0; index < 1000; index++) answers.addActive("1", active(65_536));
    expect(answers.find("2")).toBeDefined();
  });

  test("of tokens that are not active does not push out the others", () => {
    const answers = new Answers(30_000);
    answers.addActive("active", active());
    for (let index = 0; index < 5000; index++) answers.addInactive(`${index}`, instantNow());
    expect(answers.find("active")).toBeDefined();
    expect(answers.isInactive("0")).toBe(false);
    expect(answers.isInactive("4999")).toBe(true);
  });

  test("has no token, but its digest", () => {
    expect(digestOf("token1")).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });
});

describe("requests at one time", () => {
  test("with one token share one question, and one that ends early does not end it for the others", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    server.answer = () => promise;
    const { verdictOn } = judgeBy(server);
    const leaving = new AbortController();
    const all = [verdictOn("token1", leaving.signal), verdictOn("token1"), verdictOn("token1")];
    leaving.abort();
    resolve(Response.json({ active: true, ...USER }));
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(3).fill("authenticated"));
    expect(server.asked).toHaveLength(1);
  });

  test("with one token share a refusal and trouble too", async () => {
    const { status } = judgeBy(server);
    expect(await Promise.all([status("token1"), status("token1")])).toEqual(["token_inactive", "token_inactive"]);
    server.fail(500);
    expect(new Set(await Promise.all([status("token2"), status("token2")]))).toEqual(
      new Set(["introspection_unavailable"]),
    );
    expect(server.tokens).toEqual(["token1", "token2"]);
  });

  test("with different tokens do not wait for one another", async () => {
    server.answer = (token) => (token === "slow" ? new Promise(() => {}) : Response.json({ active: true, ...USER }));
    const { status } = judgeBy(server);
    void status("slow");
    expect(await status("token1")).toBe("authenticated");
  });

  test("do not join a question that was frozen with the process", async () => {
    server.hang();
    const { status } = judgeBy(server);
    void status("token1");
    await vi.waitFor(() => expect(server.asked).toHaveLength(1));
    pass(5);
    server.know({ token1: USER });
    expect(await status("token1")).toBe("authenticated");
  });
});

describe("the age of what decides", () => {
  test("is not limited to a second where an answer may count for longer", async () => {
    server.know({ token1: USER });
    const { verdictOn } = judgeBy(server, entryOf({ cacheAge: 30 }));
    expect(await verdictOn("token1")).not.toHaveProperty("readAt");
    expect(await verdictOn("token1")).not.toHaveProperty("readAt");
  });

  test("is known, from the question on, if no answer counts again", async () => {
    const askedAt = NOW * 1000;
    server.answer = () => {
      pass(2);
      return Response.json({ active: true, ...USER });
    };
    const { verdictOn } = judgeBy(server, entryOf({ cacheAge: 0 }));
    expect(await verdictOn("token1")).toMatchObject({ readAt: { wall: askedAt } });
  });

  test("is known if the server took longer than an answer counts", async () => {
    server.answer = () => {
      pass(2);
      return Response.json({ active: true, ...USER });
    };
    expect(await judgeBy(server, entryOf({ cacheAge: 1 })).verdictOn("token1")).toHaveProperty("readAt");
  });
});

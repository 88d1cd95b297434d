import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFlusher } from "../../../functions/cache-flush/flusher.ts";
import { FakeTools, HTTP, REST, T } from "./fake-tools.ts";

const at = (tools: FakeTools) => tools.calls.map((call) => call.at);

test("flushes a stage, and not again for a request that the flush was late enough for", async () => {
  const tools = new FakeTools();
  const flush = createFlusher(tools);
  expect(await flush(REST, T)).toBe(true);
  expect(await flush(REST, T)).toBe(true);
  expect(await flush(REST, T - 5000)).toBe(true);
  expect(tools.calls).toEqual([{ stage: "restapis/rest1/stages/prod", at: 0 }]);
});

test("flushes again for a request of after the flush, at least a second after it", async () => {
  const tools = new FakeTools();
  const flush = createFlusher(tools);
  await flush(REST, T);
  tools.clock = 10;
  expect(await flush(REST, T + 10)).toBe(true);
  expect(at(tools)).toEqual([0, 1000]);
});

test("does not flush before the instant that the request names", async () => {
  const tools = new FakeTools();
  expect(await createFlusher(tools)(REST, T + 2000)).toBe(true);
  expect(at(tools)).toEqual([2000]);
});

test("gives a request back whose instant is too far away to wait for", async () => {
  const tools = new FakeTools();
  expect(await createFlusher(tools)(REST, T + 60_000)).toBe(false);
  expect(tools.calls).toEqual([]);
});

test("a thousand requests of one burst make a handful of calls", async () => {
  const tools = new FakeTools();
  const flush = createFlusher(tools);
  // A revocation every three milliseconds, each asking for a flush then and for one two seconds later.
  const requests = Array.from({ length: 1000 }, (_, index) => [index * 3, index * 3 + 2000]).flat();
  for (const after of requests.toSorted((a, b) => a - b)) {
    tools.clock = Math.max(tools.clock, after);
    expect(await flush(REST, T + after)).toBe(true);
  }
  expect(tools.calls.length).toBeLessThanOrEqual(7);
  expect(at(tools).at(-1)).toBeGreaterThanOrEqual(2997 + 2000);
});

test("whatever is asked for: a request is done only by a flush of its instant or later, and starts are a second apart", async () => {
  const request = fc.record({
    after: fc.integer({ min: -3000, max: 3000 }),
    wait: fc.integer({ min: 0, max: 1500 }),
    fails: fc.boolean(),
    isTableDown: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 20 }), async (requests) => {
      const tools = new FakeTools();
      const flush = createFlusher(tools);
      const succeeded: number[] = [];
      for (const { after, wait, fails, isTableDown } of requests) {
        tools.clock += wait;
        Object.assign(tools, { fails: () => fails, isTableDown });
        const instant = tools.clock + after;
        const count = tools.calls.length;
        const isDone = await flush(REST, T + instant);
        if (!fails) succeeded.push(...tools.calls.slice(count).map((call) => call.at));
        expect(isDone && !succeeded.some((start) => start >= instant)).toBe(false);
      }
      const starts = at(tools);
      for (const [index, start] of starts.entries()) {
        if (index > 0) expect(start - (starts[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
      }
    }),
  );
});

describe("a flush that fails", () => {
  test("is not done, and a later request tries again, a second later at the earliest", async () => {
    const tools = new FakeTools();
    const flush = createFlusher(tools);
    tools.fails = ({ at: time }) => time < 60_000;
    for (let count = 0; count < 3; count++) expect(await flush(REST, T)).toBe(false);
    expect(at(tools)).toEqual([0, 1000, 2000]);
    tools.clock = 61_000;
    expect(await flush(REST, T)).toBe(true);
    expect(tools.reports.map(([, failed]) => failed)).toEqual([true, true, true, false]);
  });

  test("leaves the other stages alone: only the one that failed is flushed again", async () => {
    const tools = new FakeTools();
    const flush = createFlusher(tools);
    tools.fails = ({ stage, at: time }) => stage === HTTP.path && time < 5000;
    expect([await flush(REST, T), await flush(HTTP, T)]).toEqual([true, false]);
    tools.clock = 5000;
    expect([await flush(REST, T), await flush(HTTP, T)]).toEqual([true, true]);
    expect(tools.calls.map(({ stage }) => stage)).toEqual([REST.path, HTTP.path, HTTP.path]);
  });
});

describe("two instances", () => {
  test("share what they did: the second has nothing to do", async () => {
    const first = new FakeTools();
    const second = new FakeTools(first.stored);
    await createFlusher(first)(REST, T);
    second.clock = 300;
    expect(await createFlusher(second)(REST, T)).toBe(true);
    expect(second.calls).toEqual([]);
  });

  test("do not flush within a second of each other, although one has not come to its end", async () => {
    const first = new FakeTools();
    const second = new FakeTools(first.stored);
    await first.times.claim(REST, T, 1000);
    expect(await createFlusher(second)(REST, T)).toBe(true);
    expect(at(second)).toEqual([1000]);
  });

  test("one of which takes the turn of the other: the other asks again", async () => {
    const tools = new FakeTools();
    const { claim } = tools.times;
    let turns = 0;
    tools.times.claim = async (stage, now, interval) => {
      if (turns++ === 0) await claim(stage, now, interval);
      return claim(stage, now, interval);
    };
    expect(await createFlusher(tools)(REST, T)).toBe(true);
    expect(at(tools)).toEqual([1000]);
  });
});

describe("without the table", () => {
  test("stages are flushed all the same, once a second for each instance", async () => {
    const tools = new FakeTools();
    tools.isTableDown = true;
    const flush = createFlusher(tools);
    expect(await flush(REST, T)).toBe(true);
    expect(await flush(REST, T)).toBe(true);
    expect(await flush(REST, T + 1)).toBe(true);
    expect(at(tools)).toEqual([0, 1000]);
  });
});

test("a time in the table that a wrong clock wrote holds up nothing", async () => {
  const tools = new FakeTools();
  tools.stored.set(REST.path, { attempted: T + 9e9, lastStart: T + 9e9 });
  expect(await createFlusher(tools)(REST, T)).toBe(true);
  expect(at(tools)).toEqual([0]);
});

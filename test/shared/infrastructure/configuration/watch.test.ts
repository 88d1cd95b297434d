import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ConfigChange, watchConfig } from "../../../../shared/infrastructure/configuration/watch.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const MAX_AGE = 60;
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

/** Watches a source whose next text, or failure, is `next`. A text with "bad" in it has a mistake. */
async function watched(first: string) {
  const source = { next: first as string | undefined | Error, reads: 0 };
  const reports: [ConfigChange, string?][] = [];
  const read = async () => {
    source.reads++;
    if (source.next instanceof Error) throw source.next;
    return source.next;
  };
  const build = (text: string) => {
    if (text.includes("bad")) throw new Error(`mistake in ${text}`);
    return { text };
  };
  const current = await watchConfig({ read }, build, MAX_AGE, (change, error) => {
    reports.push(error === undefined ? [change] : [change, (error as Error).message]);
  });
  return { source, reports, current, textNow: async () => (await current()).text };
}

test("within its age limit a configuration is not read again", async () => {
  const { source, textNow } = await watched("one");
  source.next = "two";
  await pass(MAX_AGE - 1);
  expect(await textNow()).toBe("one");
  expect(source.reads).toBe(1);
});

test("the first request after the age limit reads it again, and decides by the new one", async () => {
  const { source, reports, textNow } = await watched("one");
  source.next = "two";
  await pass(MAX_AGE);
  expect(await textNow()).toBe("two");
  expect(reports).toEqual([["changed"]]);
  await pass(MAX_AGE - 1);
  await textNow();
  expect(source.reads).toBe(2);
});

test("requests at the same moment cause one reading", async () => {
  const { source, current } = await watched("one");
  await pass(MAX_AGE);
  await Promise.all([current(), current(), current()]);
  expect(source.reads).toBe(2);
});

test.each([["the text again"], ["that it has not changed"]])(
  "a configuration whose reading outlived its limit is in use after the next one, which says %s",
  async (said) => {
    const readings: ((text: string | undefined) => void)[] = [];
    const read = () => new Promise<string | undefined>((resolve) => readings.push(resolve));
    const watching = watchConfig(
      { read },
      (text) => ({ text }),
      MAX_AGE,
      () => {},
    );
    readings[0]?.("one");
    const current = await watching;
    await pass(MAX_AGE);
    const slow = current();
    // Longer than the limit of a reading: the process was frozen, or its clock was set forward.
    vi.setSystemTime(Date.now() + 10_000);
    const next = current();
    readings[1]?.("two");
    await pass(0);
    readings[2]?.(said === "the text again" ? "two" : undefined);
    await Promise.all([slow, next]);
    expect((await current()).text).toBe("two");
  },
);

describe("a text that has not changed", () => {
  test.each([
    ["the same text", "one"],
    ["a source that says so", undefined],
  ])("(%s) is not built again", async (_, next) => {
    const { source, reports, current } = await watched("one");
    const before = await current();
    source.next = next;
    await pass(MAX_AGE);
    expect(await current()).toBe(before);
    expect(source.reads).toBe(2);
    expect(reports).toEqual([]);
  });
});

describe("a configuration with a mistake", () => {
  test("is refused, and the one before it serves on", async () => {
    const { source, reports, textNow } = await watched("one");
    source.next = "bad";
    await pass(MAX_AGE);
    expect(await textNow()).toBe("one");
    expect(reports).toEqual([["refused", "mistake in bad"]]);
  });

  test.each([["bad"], [undefined]])(
    "is reported at each reading, also where the source says that it has not changed (%s)",
    async (next) => {
      const { source, reports, textNow } = await watched("one");
      source.next = "bad";
      await pass(MAX_AGE);
      await textNow();
      source.next = next;
      await pass(MAX_AGE);
      expect(await textNow()).toBe("one");
      expect(reports).toEqual([
        ["refused", "mistake in bad"],
        ["refused", "mistake in bad"],
      ]);
    },
  );

  test("is forgotten when the one before it comes back", async () => {
    const { source, reports, textNow } = await watched("one");
    for (const next of ["bad", "one", undefined]) {
      source.next = next;
      await pass(MAX_AGE);
      expect(await textNow()).toBe("one");
    }
    expect(reports).toEqual([["refused", "mistake in bad"]]);
  });

  test("is refused also if it is empty", async () => {
    const { source, reports, textNow } = await watched("one");
    source.next = "";
    await pass(MAX_AGE);
    expect(await textNow()).toBe("one");
    expect(reports).toEqual([["refused", expect.stringContaining("an empty configuration")]]);
  });

  test("stops the start", async () => {
    await expect(watched("bad")).rejects.toThrow("mistake in bad");
  });
});

describe("a source that fails", () => {
  test("leaves the last configuration in use, however long it fails, and is noticed when it is back", async () => {
    const { source, reports, textNow } = await watched("one");
    source.next = new Error("down");
    await pass(MAX_AGE);
    expect(await textNow()).toBe("one");
    await pass(7 * 86_400);
    expect(await textNow()).toBe("one");
    expect(reports).toEqual([
      ["unreadable", "down"],
      ["unreadable", "down"],
    ]);
    source.next = "two";
    await pass(2);
    // While a source fails, nobody waits for it.
    await textNow();
    await pass(0);
    expect(await textNow()).toBe("two");
  });

  test("stops the start with its own error", async () => {
    const read = () => Promise.reject(new Error("down"));
    await expect(watchConfig({ read }, Object, MAX_AGE, () => {})).rejects.toThrow("down");
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoDbKeyTable } from "../../../../providers/api-key/management/dynamodb-key-table.ts";
import { allPages, wholePage } from "../../../../providers/api-key/management/whole-page.ts";
import {
  answer,
  CONSUMED,
  LONG,
  startFaultyDatabase,
} from "../../../shared/infrastructure/dynamodb/faulty-database.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../fixture.ts";

/** Keys that are so large that few of them are a page. */
const LARGE = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`a${n}`, "x".repeat(1024)]));

describe("large keys", () => {
  let table: KeyTableFixture;
  beforeAll(async () => {
    table = await createKeyTableFixture();
  });
  afterAll(() => table.close());

  test("are all listed, on pages that end early", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 16; n++) {
      ids.push((await table.issue({ name: `n${n}`, owner: "large", attributes: LARGE })).record.id);
    }
    const { keys, cursor } = await table.store.page({ owner: "large" }, { limit: 1000 });
    expect(keys.length).toBeLessThan(16);
    expect(cursor).toBeDefined();
    expect((await wholePage(table.store, { owner: "large" }, { limit: 1000 })).keys).toHaveLength(16);
    const all: string[] = [];
    for await (const page of allPages(table.store, { all: true })) all.push(...page.keys.map(({ id }) => id));
    expect(all.toSorted()).toEqual(ids.toSorted());
  });

  test("that are larger than an authorizer reads are not issued", async () => {
    const attributes = {
      ...LARGE,
      ...Object.fromEntries(Object.keys(LARGE).map((name) => [`b${name}`, "x".repeat(1024)])),
    };
    await expect(table.issue({ attributes })).rejects.toThrow("A key has up to 100000 characters.");
  });
});

describe("a page that is longer than a reader takes", () => {
  const endless = answer(`{"pad":"${"x".repeat(4 * 1024 * 1024)}"}`);
  const whole = answer({ ...CONSUMED, Items: [], Count: 0 });

  test("is asked for again with half as many keys", async () => {
    const { inputs } = await startFaultyDatabase(endless, endless, whole);
    expect(await dynamoDbKeyTable("table", LONG).page({ owner: "a" }, { limit: 1000 })).toEqual({ keys: [] });
    expect(inputs.map(({ Limit }) => Limit)).toEqual([1000, 500, 250]);
  });

  test("is given up if it is too long with one key", async () => {
    const { inputs } = await startFaultyDatabase(endless);
    await expect(dynamoDbKeyTable("table", LONG).page({ all: true }, { limit: 3 })).rejects.toThrow(
      expect.objectContaining({ code: "ANSWER_TOO_LONG" }),
    );
    expect(inputs.map(({ Limit }) => Limit)).toEqual([3, 1]);
  });
});

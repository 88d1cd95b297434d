import { afterAll, beforeAll, expect, test } from "vitest";
import { ANSWER_LENGTH, pageWithin } from "../../../functions/api-keys/operations/page-within.ts";
import type { DamagedKey } from "../../../providers/api-key/management/key-table.ts";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness } from "./harness.ts";

/** Lambda answers with 6 MB at most: pages of large keys end early. */

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

const LARGE = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`a${n}`, '"'.repeat(500)]));
const DAY = 86_400;

test.each([
  ["by owner", "owner=large"],
  [
    "by end, over several days and parts",
    `expiringBefore=${new Date((NOW + 9 * DAY) * 1000).toISOString().slice(0, 19)}Z`,
  ],
])("a list %s has each large key once, and no answer is longer than the bound", async (_, filter) => {
  const owner = filter.startsWith("owner") ? "large" : "ending";
  const ids: string[] = [];
  for (let n = 0; n < 40; n++) {
    const { id } = await api.issue({
      owner,
      attributes: LARGE,
      expiresIn: (owner === "large" ? 20 : 1) * DAY + n * 9000,
    });
    ids.push(id);
  }
  const found: string[] = [];
  let pages = 0;
  for (let cursor = ""; ; pages++) {
    const { status, body } = await api.send("GET /keys", undefined, { query: `${filter}&limit=100${cursor}` });
    expect(status).toBe(200);
    expect(JSON.stringify(body).length).toBeLessThan(ANSWER_LENGTH + 1000);
    const { keys, cursor: next } = body as { keys: { id: string }[]; cursor?: string };
    found.push(...keys.map(({ id }) => id));
    if (next === undefined) break;
    cursor = `&cursor=${next}`;
  }
  expect(pages).toBeGreaterThan(0);
  expect(found.toSorted()).toEqual(ids.toSorted());
});

test("a key that is larger than the bound is a page of its own", async () => {
  const keys: DamagedKey[] = ["a", "b", "c"].map((id) => ({ id, status: "damaged" }));
  const limits: number[] = [];
  const page = await pageWithin(
    { limit: 100 },
    async ({ limit }) => {
      limits.push(limit);
      return { keys: keys.slice(0, limit), cursor: "c" };
    },
    (each) => each.keys.map(() => ({ text: "x".repeat(ANSWER_LENGTH) })),
  );
  expect(page.keys).toEqual(keys.slice(0, 1));
  expect(limits).toEqual([100, 1]);
});

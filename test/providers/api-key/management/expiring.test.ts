import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expiringPage } from "../../../../providers/api-key/management/expiring.ts";
import { CursorError } from "../../../../shared/infrastructure/dynamodb/cursor.ts";
import { NOW } from "../../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../fixture.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

const DAY = 86_400;
/** Seconds before midnight, so that the span has an end in each of two days. */
const END = NOW - (NOW % DAY) + 100 * DAY;

describe("keys that end in a span", () => {
  test.each([1, 2, 3, 7, 18, 100])(
    "are each on one page of %i, although several share a partition of a day",
    async (limit) => {
      const name = `limit ${limit}`;
      // Nine keys of one day share eight partitions.
      const ends = [-2, 1].flatMap((second) => Array.from({ length: 9 }, () => END + second + limit * 3 * DAY));
      const issued = await Promise.all(ends.map((end) => table.issue({ name, expiresIn: end - NOW })));
      const span = { from: END - 10 + limit * 3 * DAY, until: END + 10 + limit * 3 * DAY };
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await expiringPage(table.store, span, { limit, ...(cursor !== undefined && { cursor }) });
        expect(page.keys.length).toBeLessThanOrEqual(limit);
        found.push(...page.keys.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(found.toSorted()).toEqual(issued.map(({ record }) => record.id).toSorted());
    },
  );
});

test.each([
  ["nothing that was made here", "x"],
  ["a span of years", cursorOf([0, 10 ** 9, 0, 0, null])],
  ["a day long before the span", cursorOf([END, END + 10, 0, 0, null])],
  ["no beginning of a day", cursorOf([END, END + 10, END + 1, 0, null])],
  ["a partition that is not there", cursorOf([END, END + 10, END, 8, null])],
])("a cursor with %s is refused", async (_what, cursor) => {
  await expect(expiringPage(table.store, { from: END, until: END + 10 }, { cursor })).rejects.toThrow(CursorError);
});

function cursorOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

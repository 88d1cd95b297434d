import * as v from "valibot";
import { CursorError } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import { dayBuckets } from "../../../shared/infrastructure/dynamodb/day-buckets.ts";
import type { KeyPage, KeyTable, ListedKey, PageOptions } from "./key-table.ts";
import { wholePage } from "./whole-page.ts";

const DAY = 86_400;

/** Longest span in seconds. Each of its days is eight queries. */
export const MAX_SPAN = 400 * DAY;

/** Seconds since the epoch, both inclusive. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(253_402_300_799));

/** Where a page ended: the span, a day and one of its partitions, and the cursor in it. */
const position = v.strictTuple([whole, whole, whole, v.pipe(whole, v.maxValue(7)), v.nullable(v.string())]);

/**
 * A page of the keys that end in a span, day by day. The keys of a page are in the order of their ends; two pages of
 * one day may overlap. The partitions of a day are read at the same time.
 *
 * @param options the cursor knows its span, so that the next page is of the same one although time goes on
 * @throws {CursorError}
 */
export async function expiringPage(
  table: Pick<KeyTable, "page">,
  span: Span,
  { limit = 100, cursor }: PageOptions = {},
): Promise<KeyPage> {
  const [from, until, firstDay, firstPart, firstAt] = startOf(span, cursor);
  const keys: ListedKey[] = [];
  for (let day = firstDay; day <= until; day += DAY) {
    const isFirst = day === firstDay;
    const parts = dayBuckets(day).slice(isFirst ? firstPart : 0);
    const offset = isFirst ? firstPart : 0;
    const left = limit - keys.length;
    const pages = await Promise.all(
      parts.map((expiryBucket, index) => {
        const begin = isFirst && index === 0 ? firstAt : null;
        return wholePage(
          table,
          { expiryBucket, from, until },
          { limit: left, ...(begin !== null && { cursor: begin }) },
        );
      }),
    );
    for (const [index, page] of pages.entries()) {
      const room = limit - keys.length;
      // A page that has no room is read again: its keys were read in vain.
      if (page.keys.length > room) return ended(keys, [from, until, day, offset + index, null]);
      keys.push(...page.keys);
      if (page.cursor !== undefined) return ended(keys, [from, until, day, offset + index, page.cursor]);
    }
    if (keys.length >= limit && day + DAY <= until) return ended(keys, [from, until, day + DAY, 0, null]);
  }
  return { keys: keys.toSorted(byEnd) };
}

const ended = (keys: readonly ListedKey[], place: v.InferOutput<typeof position>): KeyPage => ({
  keys: keys.toSorted(byEnd),
  cursor: Buffer.from(JSON.stringify(place)).toString("base64url"),
});

const endOf = (key: ListedKey) => ("expiresAt" in key ? (key.expiresAt ?? 0) : 0);
const byEnd = (one: ListedKey, other: ListedKey) => endOf(one) - endOf(other);

function startOf({ from, until }: Span, cursor: string | undefined): v.InferOutput<typeof position> {
  if (cursor === undefined) return [from, until, from - (from % DAY), 0, null];
  const found = v.safeParse(position, parsed(cursor));
  const [begin, end, day] = found.success ? found.output : [0, MAX_SPAN + 1, 0];
  if (found.success && end - begin <= MAX_SPAN && day > begin - DAY && day % DAY === 0) return found.output;
  throw new CursorError("The cursor is none that a page of this list ended with.");
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

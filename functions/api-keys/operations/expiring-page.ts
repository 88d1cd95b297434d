import * as v from "valibot";
import type { KeyPage, KeyTable, ListedKey } from "../../../providers/api-key/management/key-table.ts";
import { CursorError, positionOf } from "../../../shared/infrastructure/dynamodb/cursor.ts";
import { dayBuckets } from "../../../shared/infrastructure/dynamodb/day-buckets.ts";
import { invalid } from "../http/problem.ts";
import type { ListQuery } from "../schema/requests.ts";

const DAY = 86_400;

/** Days that a list of ends may span. */
export const MAX_DAYS = 92;

/** Partitions that one page reads at most. */
const MAX_READS = 32;

const bucketPosition = v.strictTuple([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.optional(v.string())]);

/**
 * One page of the keys that end from now until an instant: day by day, and within a day part by part. A page may be
 * empty and still have a cursor.
 *
 * @throws {CursorError}
 * @throws {ProblemError} if the span is too long
 */
export async function expiringPage(
  table: Pick<KeyTable, "page">,
  { expiringBefore = 0 }: ListQuery,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  now: number,
): Promise<KeyPage> {
  if (expiringBefore > now + MAX_DAYS * DAY) {
    const allowed = `an instant within the next ${MAX_DAYS} days`;
    throw invalid({ in: "query", field: "expiringBefore", found: "a later instant", allowed });
  }
  // DynamoDB refuses a span that ends before it begins.
  if (expiringBefore <= now) return { keys: [] };
  const start = cursor === undefined ? { day: dayOf(now), inner: undefined } : readCursor(cursor, now);
  const buckets = bucketsBetween(start.day, expiringBefore);
  const span = { from: now, until: expiringBefore - 1 };
  const keys: ListedKey[] = [];
  let inner = start.inner;
  for (const [reads, at] of buckets.entries()) {
    if (reads === MAX_READS || keys.length >= limit) return { keys, cursor: cursorOf(at.position, inner) };
    const from = startWithin(inner, span);
    const page = await table.page(
      { expiryBucket: at.bucket, ...span },
      { limit: limit - keys.length, ...(from !== undefined && { cursor: from }) },
    );
    keys.push(...page.keys);
    inner = page.cursor;
    if (inner !== undefined) return { keys, cursor: cursorOf(at.position, inner) };
  }
  return { keys };
}

/** A partition, and its number among all partitions since the epoch. */
interface Bucket {
  readonly bucket: string;
  readonly position: number;
}

const PARTS = dayBuckets(0).length;
const dayOf = (time: number) => Math.floor(time / DAY) * PARTS;

function bucketsBetween(first: number, until: number): Bucket[] {
  const found: Bucket[] = [];
  for (let position = first; Math.floor(position / PARTS) * DAY < until; position++) {
    const bucket = dayBuckets(Math.floor(position / PARTS) * DAY)[position % PARTS] ?? "";
    found.push({ bucket, position });
  }
  return found;
}

const cursorOf = (position: number, inner: string | undefined) =>
  Buffer.from(JSON.stringify(inner === undefined ? [position] : [position, inner])).toString("base64url");

function readCursor(cursor: string, now: number) {
  try {
    const [day, inner] = v.parse(bucketPosition, JSON.parse(Buffer.from(cursor, "base64url").toString()));
    // Days before today have no keys to come.
    return day < dayOf(now) ? { day: dayOf(now), inner: undefined } : { day, inner };
  } catch {
    throw new CursorError("The cursor is none that a page of this list ended with.");
  }
}

/**
 * Where a partition is read on. DynamoDB refuses a start outside of the query: keys before it have ended since.
 *
 * @throws {CursorError} for the cursor of another list
 */
function startWithin(inner: string | undefined, { from, until }: { readonly from: number; readonly until: number }) {
  if (inner === undefined) return undefined;
  const [, sorted] = positionOf(inner);
  if (typeof sorted !== "number" || sorted > until) throw new CursorError("The cursor is of another list.");
  return sorted < from ? undefined : inner;
}

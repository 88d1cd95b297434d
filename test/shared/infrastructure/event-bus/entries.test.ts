import fc from "fast-check";
import { expect, test } from "vitest";
import type { SallyportEvent } from "../../../../shared/domain/events/events.ts";
import { entryOf, groupsOf } from "../../../../shared/infrastructure/event-bus/entries.ts";

const KIBIBYTE = 1024;
const LIMIT = 256 * KIBIBYTE;

const event = (metadata: Record<string, string> = {}): SallyportEvent<"KeyDeleted"> => ({
  name: "KeyDeleted",
  detail: {
    ...{ id: "k:1:KeyDeleted", schemaVersion: 1, time: "2026-03-02T10:00:00Z" },
    key: { id: "k", version: 7, status: "revoked", name: "Partner", metadata },
  },
});
const bytesOf = (entries: readonly object[]) =>
  entries.flatMap((entry) => Object.values(entry)).reduce((sum, text) => sum + Buffer.byteLength(String(text)), 0);

test("an entry has the source, the name and the detail of the event", () => {
  const { Detail, ...entry } = entryOf(event({ a: "b" }));
  expect(entry).toEqual({ Source: "sallyport", DetailType: "KeyDeleted" });
  expect(JSON.parse(Detail)).toEqual(event({ a: "b" }).detail);
});

test("an event that is too large for the bus has of its key what is certain", () => {
  // 32 texts of 1,024 characters are within the limits of a record, and 4 bytes a character are not within the bus's.
  const large = Object.fromEntries(
    Array.from({ length: 65 }, (_, index) => [`m${index}`, "\u{1f511}".repeat(KIBIBYTE)]),
  );
  const entry = entryOf(event(large));
  expect(bytesOf([entry])).toBeLessThan(KIBIBYTE);
  const key = { id: "k", version: 7, status: "revoked", incomplete: true };
  expect(JSON.parse(entry.Detail)).toEqual({ ...event().detail, key });
});

test("an event of exactly the limit is whole, and one byte more is not", () => {
  const room = LIMIT - bytesOf([entryOf(event({ a: "" }))]);
  expect(bytesOf([entryOf(event({ a: "x".repeat(room) }))])).toBe(LIMIT);
  expect(entryOf(event({ a: "x".repeat(room + 1) })).Detail).toContain("incomplete");
});

test("groups have the entries in their order, ten at most, within the bytes of a request", () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 250 * KIBIBYTE }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const entries = sizes.map((length) => ({ Source: "s", DetailType: "t", Detail: "x".repeat(length) }));
      const groups = groupsOf(entries);
      expect(groups.flat()).toEqual(entries);
      for (const [index, group] of groups.entries()) {
        expect(group.length).toBeGreaterThan(0);
        expect(group.length).toBeLessThanOrEqual(10);
        expect(bytesOf(group)).toBeLessThanOrEqual(LIMIT);
        // No request is made that the one before had room for.
        const next = groups[index + 1]?.[0];
        if (next && group.length < 10) expect(bytesOf([...group, next])).toBeGreaterThan(LIMIT);
      }
    }),
    { numRuns: 50 },
  );
});

import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { eventsOf, TIME_TO_LIVE } from "../../../functions/key-events/events-of.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { tombstoneItem, tombstoneOf } from "../../../providers/api-key/management/tombstone.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { EVENTS, type SallyportEvent } from "../../../shared/domain/events/events.ts";
import { NOW } from "../../fixtures.ts";
import { changed, damaged, type Given, markOf, RECORD, streamRecord } from "./stream-record.ts";

const ID = RECORD.id;
const SEQUENCE = "4421584500000000017450439091";
const NEW_SECRET = { hash: new Uint8Array(32).fill(8), pepper: "pepper-2" };
const REVOKED: KeyRecord = { ...RECORD, status: "revoked" };
const TOMBSTONE = tombstoneOf(REVOKED, { by: "dora", reason: "old", time: NOW, id: "d4" });
const PREVIOUS = { previousHash: RECORD.hash, previousPepper: RECORD.pepper };

function tell(given: Given) {
  const told = eventsOf(streamRecord(given));
  for (const { name, detail } of told.events) expect(v.parse(EVENTS[name], detail)).toEqual(detail);
  return told;
}
const only = (given: Given): SallyportEvent => {
  const { events, isUnreadable } = tell(given);
  expect(isUnreadable).toBe(false);
  expect(events).toHaveLength(1);
  return events[0] as SallyportEvent;
};

describe("the event of a change", () => {
  test("KeyIssued names who issued the key and why", () => {
    const record = { ...RECORD, version: 1, changeReason: "new partner" };
    expect(only({ after: record })).toEqual({
      name: "KeyIssued",
      detail: {
        id: `${ID}:1:KeyIssued:${markOf("c3")}`,
        schemaVersion: 1,
        time: "2026-03-02T10:00:00Z",
        by: "alice",
        why: "new partner",
        key: expect.objectContaining({ id: ID, version: 1, status: "active", owner: "team-a", tenant: "acme" }),
      },
    });
  });

  test("KeyIssued of an imported record names its version and the import, which has a mark of its own", () => {
    expect(only({ after: RECORD }).detail.id).toBe(`${ID}:3:KeyIssued:${markOf("c3")}`);
  });

  test.each<[string, Partial<KeyRecord>, Partial<KeyRecord>, object]>([
    ["KeyRevoked", {}, { status: "revoked", revokedAt: NOW, revokedBy: "carol" }, { previousStatus: "active" }],
    ["KeyRevoked", { status: "disabled" }, { status: "revoked" }, { previousStatus: "disabled" }],
    ["KeyDisabled", {}, { status: "disabled" }, { previousStatus: "active" }],
    ["KeyEnabled", { status: "disabled" }, { status: "active" }, { previousStatus: "disabled" }],
    ["KeyRotated", {}, { ...NEW_SECRET, ...PREVIOUS, previousUntil: NOW + 60, rotatedAt: NOW }, {}],
    ["KeyUpdated", {}, { scopes: ["orders:read"], name: "Other" }, { changed: ["name", "scopes"] }],
    ["KeyUpdated", {}, { expiresAt: NOW + 86_400 }, { changed: ["expiresAt"] }],
    ["KeyUpdated", {}, { attributes: { plan: "silver" } }, { changed: ["attributes"] }],
    ["KeyUpdated", {}, { usageIdentifierKey: "u".repeat(20) }, { changed: ["usageIdentifierKey"] }],
  ])("%s of version 4 has its id, who and why", (name, before, fields, others) => {
    const old = { ...RECORD, ...before };
    const event = only({ before: old, after: changed(old, fields) });
    expect(event.name).toBe(name);
    const common = { id: `${ID}:4:${name}:${markOf("c4")}`, time: "2026-03-02T10:00:00Z", by: "carol", why: "because" };
    expect(event.detail).toMatchObject({ ...common, ...others, key: { id: ID, version: 4 } });
  });

  test("a change by hand that leaves the version has the stream's number, and nobody who made it", () => {
    const { detail } = only({ before: RECORD, after: { ...RECORD, status: "revoked" } });
    expect(detail.id).toBe(`${ID}:${SEQUENCE}:KeyRevoked`);
    expect(detail).not.toHaveProperty("by");
    expect(detail).not.toHaveProperty("why");
  });

  test("several changes in one write are several events, with ids of their own", () => {
    const { events } = tell({
      before: RECORD,
      after: changed(RECORD, { ...NEW_SECRET, status: "disabled", name: "Other" }),
    });
    expect(events.map(({ detail }) => detail.id)).toEqual([
      `${ID}:4:KeyDisabled:${markOf("c4")}`,
      `${ID}:4:KeyRotated:${markOf("c4")}`,
      `${ID}:4:KeyUpdated:${markOf("c4")}`,
    ]);
  });

  test("never has the id of another one: a version that comes a second time, after an import, is another change", () => {
    const [one, other] = ["one", "other"].map((changeId) =>
      only({ before: RECORD, after: { ...changed(RECORD, { status: "disabled" }), changeId } }),
    );
    expect(one?.detail.id).not.toBe(other?.detail.id);
    const byHand = { ...changed(RECORD, { status: "disabled" }), changeId: "c3" };
    expect(only({ before: RECORD, after: byHand }).detail.id).toBe(`${ID}:${SEQUENCE}:KeyDisabled`);
  });

  test("KeyDeleted has the key as it was, with the version of its deletion, who and why", () => {
    const event = only({ before: REVOKED, after: tombstoneItem(TOMBSTONE) });
    expect(event).toEqual({
      name: "KeyDeleted",
      detail: {
        ...{ id: `${ID}:4:KeyDeleted:${markOf("d4")}`, schemaVersion: 1, time: "2026-03-02T10:00:00Z" },
        ...{ key: expect.objectContaining({ status: "revoked", version: 4, owner: "team-a" }), by: "dora", why: "old" },
      },
    });
  });

  test("KeyIssued of a key that is restored has the version after that of the deletion, and who restored it", () => {
    const restored = { ...changed({ ...RECORD, version: 4 }, {}), changeReason: undefined };
    const event = only({ before: tombstoneItem(TOMBSTONE), after: restored as never });
    expect(event).toMatchObject({ name: "KeyIssued", detail: { key: { version: 5, status: "active" }, by: "carol" } });
    expect(event.detail.id).toBe(`${ID}:5:KeyIssued:${markOf("c5")}`);
  });

  test("KeyDeleted of a record that was removed by hand has the stream's number, and nobody who did it", () => {
    const event = only({ before: REVOKED });
    expect(event).toMatchObject({ name: "KeyDeleted", detail: { key: { status: "revoked", version: 3 } } });
    expect(event.detail.id).toBe(`${ID}:${SEQUENCE}:KeyDeleted`);
    expect(event.detail).not.toHaveProperty("by");
  });

  test("KeyDeleted says that the table's time to live deleted the record", () => {
    const ended = { ...RECORD, createdAt: NOW - 9e6, expiresAt: NOW - 3e6 };
    expect(only({ before: ended, isTimeToLive: true }).detail).toMatchObject({ by: TIME_TO_LIVE });
  });

  test("a record of before there were versions counts as the first", () => {
    const { version: _, changeId: __, changedAt: ___, changedBy: ____, changeReason: _____, ...old } = RECORD;
    expect(only({ after: old }).detail).toMatchObject({ id: `${ID}:${SEQUENCE}:KeyIssued`, key: { version: 1 } });
    const { detail } = only({ before: old, after: changed(old, { status: "disabled" }) });
    expect(detail.id).toBe(`${ID}:2:KeyDisabled:${markOf("c2")}`);
  });
});

describe("no event", () => {
  test.each<[string, Given]>([
    ["a write of the same record", { before: RECORD, after: RECORD }],
    ["the partition of an index", { before: damaged({ ...RECORD, expiresAt: NOW + 9 }, {}), after: withoutBucket() }],
    ["a new version with the same values", { before: RECORD, after: changed(RECORD, {}) }],
    ["an empty list in place of none", { before: without("roles"), after: { ...RECORD, roles: [] } }],
    ["an item that is no key", { after: { pk: { S: "OTHER#1" } } }],
    ["an item that is no key, deleted", { before: { pk: { S: "OTHER#1" } } }],
    ["what stays of a key that was deleted elsewhere", { after: tombstoneItem(TOMBSTONE) }],
    ["what stayed of a deleted key, and is removed by hand", { before: tombstoneItem(TOMBSTONE) }],
    ["an edit of it", { before: tombstoneItem(TOMBSTONE), after: tombstoneItem({ ...TOMBSTONE, deletedBy: "x" }) }],
  ])("comes of %s, and no flush", (_, given) => {
    expect(tell(given)).toMatchObject({ events: [], needsFlush: false, isUnreadable: false });
  });

  function withoutBucket() {
    const { expiryBucket: _, ...item } = itemOf({ ...RECORD, expiresAt: NOW + 9 });
    return item;
  }
  function without(name: string) {
    return Object.fromEntries(Object.entries(itemOf({ ...RECORD, roles: [] })).filter(([each]) => each !== name));
  }
});

describe("a damaged record", () => {
  test("is an error, and asks for a flush, since it may have been a revocation", () => {
    for (const given of [
      { before: RECORD, after: damaged(RECORD) },
      { before: damaged(RECORD), after: damaged(RECORD, { name: { NULL: true } }) },
      { before: RECORD, after: damaged(RECORD, { status: { S: "Revoked" } }) },
      { after: damaged(RECORD) },
      { before: damaged(RECORD, { status: { NULL: true } }) },
      { before: RECORD, after: { ...tombstoneItem(TOMBSTONE), colour: { S: "red" } } },
    ])
      expect(tell(given)).toEqual({ keyId: ID, events: [], needsFlush: true, isUnreadable: true });
  });

  test("that is revoked leads to KeyRevoked with what is certain, and to a flush", () => {
    for (const before of [RECORD, damaged(RECORD), damaged(RECORD, { status: { N: "1" } })]) {
      const told = tell({ before, after: damaged(RECORD, { scopes: { NULL: true }, status: { S: "revoked" } }) });
      expect(told).toMatchObject({ needsFlush: true, isUnreadable: false });
      expect(told.events).toHaveLength(1);
      const { name, detail } = told.events[0] as SallyportEvent;
      expect(name).toBe("KeyRevoked");
      expect(detail).toMatchObject({
        id: `${ID}:${SEQUENCE}:KeyRevoked`,
        key: { id: ID, version: 3, status: "revoked", incomplete: true },
      });
      expect(detail).not.toHaveProperty("by");
    }
  });

  test("that is deleted leads to KeyDeleted, if its status is certain", () => {
    const { detail } = only({ before: damaged(RECORD) });
    expect(detail).toMatchObject({ key: { id: ID, version: 3, status: "active", incomplete: true } });
    expect(tell({ before: damaged(RECORD) }).needsFlush).toBe(true);
  });

  test("that is repaired leads to the events of what changed, and to a flush", () => {
    const told = tell({ before: damaged(RECORD), after: changed(RECORD, { scopes: [] }) });
    expect(told.events.map(({ name }) => name)).toEqual(["KeyUpdated"]);
    expect(told.needsFlush).toBe(true);
  });

  test("whose version cannot be read counts as the first", () => {
    const after = damaged(RECORD, { status: { S: "revoked" }, version: { S: "x" }, scopes: { NULL: true } });
    expect(only({ before: RECORD, after }).detail).toMatchObject({ key: { version: 1 } });
  });
});

test.each([
  ["nothing", {}],
  ["no keys", { eventName: "MODIFY" as const, dynamodb: {} }],
  ["a key of another type", { eventName: "MODIFY" as const, dynamodb: { Keys: { pk: { N: "1" } } } }],
  ["no images", { eventName: "MODIFY" as const, dynamodb: { Keys: { pk: { S: "KEY#1" } }, SequenceNumber: "1" } }],
  [
    "an image of null",
    { eventName: "INSERT" as const, dynamodb: { Keys: { pk: { S: "KEY#1" } }, NewImage: { pk: null } } },
  ],
])("a record of the stream with %s is an error, and never an exception", (_, record) => {
  expect(eventsOf(record as never)).toMatchObject({ events: [], isUnreadable: true, needsFlush: true });
});

import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { eventsOf } from "../../../functions/key-events/events-of.ts";
import { handleBatch } from "../../../functions/key-events/handle-batch.ts";
import { rememberedFor } from "../../../functions/key-events/remembered.ts";
import { type Item, itemOf } from "../../../providers/entitlements/item.ts";
import type { EntitlementRecord } from "../../../providers/entitlements/record.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import { EVENTS, type EventName } from "../../../shared/domain/events/events.ts";
import { NOW } from "../../fixtures.ts";
import { anyEntitlement } from "../../providers/entitlements/any-entitlement.ts";
import { subjectRecord, tenantRecord, tokenRecord } from "../../providers/entitlements/fixture.ts";
import { fakeBus } from "./fake-bus.ts";
import { markOf } from "./stream-record.ts";

interface Given {
  readonly before?: EntitlementRecord | undefined;
  readonly after?: EntitlementRecord | undefined;
  readonly beforeItem?: Item;
  readonly afterItem?: Item;
  readonly isTimeToLive?: boolean;
}

const SEQUENCE = "4421584500000000017450439091";

function streamRecord({ before, after, isTimeToLive, ...given }: Given): DynamoDBRecord {
  const { beforeItem = before && itemOf(before), afterItem = after && itemOf(after) } = given;
  const image = (item: Item) => item as Record<string, AttributeValue>;
  return {
    eventName: beforeItem ? (afterItem ? "MODIFY" : "REMOVE") : "INSERT",
    dynamodb: {
      ApproximateCreationDateTime: NOW,
      Keys: { pk: image(afterItem ?? beforeItem ?? {}).pk ?? { S: "" } },
      ...(afterItem && { NewImage: image(afterItem) }),
      ...(beforeItem && { OldImage: image(beforeItem) }),
      SequenceNumber: SEQUENCE,
    },
    ...(isTimeToLive && { userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } }),
  };
}

function toldOf(given: Given) {
  const told = eventsOf(streamRecord(given));
  for (const { name, detail } of told.events) expect(v.parse(EVENTS[name], detail)).toEqual(detail);
  return { ...told, names: told.events.map(({ name }) => name) };
}

const next = <Kind extends EntitlementRecord>(record: Kind, fields: Partial<Kind>): Kind => ({
  ...record,
  ...{ version: record.version + 1, changeId: `c${record.version + 1}`, changedBy: "carol", changeReason: "left" },
  ...fields,
});
const plain = subjectRecord({ roles: ["admin"] });

describe("a change", () => {
  test.each<[string, Given, EventName[], boolean]>([
    ["that makes a record with rights", { after: plain }, ["EntitlementsChanged"], true],
    ["that adds a scope", { before: plain, after: next(plain, { scopes: ["a"] }) }, ["EntitlementsChanged"], true],
    ["that removes the rights", { before: plain }, ["EntitlementsChanged"], true],
    [
      "that locks a subject out",
      { before: plain, after: next(plain, { disabledSince: NOW }) },
      ["SubjectDisabled"],
      true,
    ],
    ["that makes a record for a lockout", { after: subjectRecord({ disabledSince: NOW }) }, ["SubjectDisabled"], true],
    [
      "that ends a lockout, after which nobody has a cached answer",
      { before: subjectRecord({ disabledSince: NOW }), after: next(subjectRecord(), {}) },
      ["SubjectEnabled"],
      false,
    ],
    ["that removes a lockout", { before: subjectRecord({ disabledSince: NOW }) }, ["SubjectEnabled"], false],
    ["that revokes", { before: plain, after: next(plain, { revokedBefore: NOW }) }, ["TokensRevoked"], true],
    [
      "that takes a revocation back",
      { before: next(plain, { revokedBefore: NOW }), after: next(plain, { version: 3, changeId: "c3" }) },
      ["TokensReinstated"],
      false,
    ],
    [
      "that does everything at once",
      { before: plain, after: next(plain, { disabledSince: NOW, revokedBefore: NOW, roles: [] }) },
      ["SubjectDisabled", "TokensRevoked", "EntitlementsChanged"],
      true,
    ],
    [
      "of the order of roles",
      { before: next(plain, { roles: ["a", "b"] }), after: next(plain, { roles: ["b", "a"] }) },
      [],
      false,
    ],
    ["that locks a tenant out", { after: tenantRecord({ disabledSince: NOW }) }, ["TenantDisabled"], true],
    ["that ends the lockout of a tenant", { before: tenantRecord({ disabledSince: NOW }) }, ["TenantEnabled"], false],
    ["that revokes for a tenant", { after: tenantRecord({ revokedBefore: NOW }) }, ["TokensRevoked"], true],
    ["that revokes a token", { after: tokenRecord() }, ["TokensRevoked"], true],
    ["of a revoked token's end", { before: tokenRecord(), after: next(tokenRecord(), { expiresAt: NOW }) }, [], false],
    ["that takes the revocation of a token back", { before: tokenRecord() }, ["TokensReinstated"], false],
    [
      "by which the table forgets a token that has ended",
      { before: tokenRecord({ expiresAt: NOW }), isTimeToLive: true },
      [],
      false,
    ],
  ])("%s", (_what, given, names, flush) => {
    expect(toldOf(given)).toMatchObject({ names, needsFlush: flush, isUnreadable: false });
  });

  test("says what is there now, who made it and why, and has an id of its own", () => {
    const { events } = toldOf({ before: plain, after: next(plain, { disabledSince: NOW, tenant: "acme" }) });
    const [disabled, changed] = events;
    expect(disabled?.detail).toEqual({
      id: `${recordKey(plain)}:2:SubjectDisabled:${markOf("c2")}`,
      schemaVersion: 1,
      time: "2026-03-02T10:00:00Z",
      subject: {
        ...{ issuer: "https://id.example.com", subject: "alice", version: 2, createdAt: "2026-03-02T10:00:00Z" },
        ...{ roles: ["admin"], scopes: [], tenant: "acme", disabledSince: "2026-03-02T10:00:00Z" },
      },
      by: "carol",
      why: "left",
    });
    expect(changed?.detail).toMatchObject({ changed: ["tenant"] });
  });

  test("by hand, or a removal, has the place in the stream in its id, and nobody's name", () => {
    const byHand = toldOf({ before: plain, after: { ...plain, disabledSince: NOW } });
    expect(byHand.events[0]?.detail.id).toBe(`${recordKey(plain)}:${SEQUENCE}:SubjectDisabled`);
    expect(byHand.events[0]?.detail).not.toHaveProperty("by");
    expect(toldOf({ before: plain }).events[0]?.detail.id).toBe(`${recordKey(plain)}:${SEQUENCE}:EntitlementsChanged`);
  });
});

describe("a record that cannot be read", () => {
  const damaged = { ...itemOf(plain), roles: { S: "admin" } };

  test("asks for a flush, since it may have been a lockout, and comes again", () => {
    expect(toldOf({ before: plain, afterItem: damaged })).toMatchObject({
      ...{ events: [], needsFlush: true, isUnreadable: true, isRemembered: true },
    });
  });

  test("and is repaired tells what it is now, and asks for a flush", () => {
    expect(toldOf({ beforeItem: damaged, after: plain })).toMatchObject({
      ...{ names: ["EntitlementsChanged"], needsFlush: true, isUnreadable: false },
    });
  });

  test("and is removed asks for a flush", () => {
    expect(toldOf({ beforeItem: damaged })).toMatchObject({ needsFlush: true, isUnreadable: false });
  });

  test("in any way never throws", () => {
    fc.assert(
      fc.property(
        fc.option(fc.object(), { nil: undefined }),
        fc.option(fc.object(), { nil: undefined }),
        (old, young) => {
          const pk = recordKey(plain);
          const record = {
            eventName: "MODIFY",
            dynamodb: { Keys: { pk: { S: pk } }, OldImage: old, NewImage: young },
          } as unknown as DynamoDBRecord;
          expect(eventsOf(record).needsFlush).toBe(true);
        },
      ),
    );
  });
});

test("after every change, who would be refused or has other rights is flushed, whatever the records are", () => {
  fc.assert(
    fc.property(anyEntitlement, anyEntitlement, (before, other) => {
      if (before.kind !== "subject" || other.kind !== "subject") return;
      const after = { ...other, issuer: before.issuer, subject: before.subject };
      const { needsFlush } = toldOf({ before, after });
      const isLockedOut = after.disabledSince !== undefined && before.disabledSince === undefined;
      const isRevoked = (after.revokedBefore ?? 0) > (before.revokedBefore ?? 0);
      const rights = ({ roles, scopes, tenant }: typeof before) =>
        JSON.stringify([[...new Set(roles)].sort(), [...new Set(scopes)].sort(), tenant ?? null]);
      expect(needsFlush).toBe(isLockedOut || isRevoked || rights(before) !== rights(after));
    }),
  );
});

describe("the second flush", () => {
  const asked = async (record: DynamoDBRecord) => {
    const requests: [number, number][] = [];
    const queue = { request: async (now: number, remembered: number) => void requests.push([now, remembered]) };
    await handleBatch([record], { bus: fakeBus(), queue, remembered: 5, now: () => 1000, pause: async () => {} });
    return requests;
  };

  test("waits for as long as authorizers may remember entitlements", async () => {
    expect(await asked(streamRecord({ after: tokenRecord() }))).toEqual([[1000, 5]]);
  });

  test("waits for as long if nothing at all is known of a change", async () => {
    expect(await asked({ eventName: "MODIFY", dynamodb: {} })).toEqual([[1000, 5]]);
  });
});

test("authorizers may remember entitlements for a minute unless the function is told otherwise", () => {
  expect([undefined, "0", "5", "60"].map(rememberedFor)).toEqual([60, 0, 5, 60]);
  for (const text of ["", "61", "-1", "5s", "1e1"]) expect(() => rememberedFor(text)).toThrow("0 to 60");
});

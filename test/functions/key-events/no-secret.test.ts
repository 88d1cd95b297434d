import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { eventsOf } from "../../../functions/key-events/events-of.ts";
import { EVENTS } from "../../../shared/domain/events/events.ts";
import { anyRecord, secretsOf } from "../../providers/api-key/any-record.ts";
import { damaged, streamRecord } from "./stream-record.ts";

const id = "8J2kQp0vXnYd3RtL";
const records = fc.option(anyRecord({ id }), { nil: undefined });
const isDamaged = fc.record({ before: fc.boolean(), after: fc.boolean() });

test("whatever changes, no event has a secret of the record before or after, and each is as its schema says", () => {
  let made = 0;
  fc.assert(
    fc.property(records, records, isDamaged, fc.boolean(), (before, after, broken, isTimeToLive) => {
      const record = streamRecord({
        ...(before && { before: broken.before ? damaged(before) : before }),
        ...(after && { after: broken.after ? damaged(after) : after }),
        isTimeToLive,
      });
      const { events } = eventsOf(record);
      made += events.length;
      const text = JSON.stringify(events);
      for (const each of [before, after]) {
        for (const secret of each ? secretsOf(each) : []) expect(text).not.toContain(secret);
      }
      for (const { name, detail } of events) expect(v.parse(EVENTS[name], detail)).toEqual(detail);
    }),
    { numRuns: 500 },
  );
  expect(made).toBeGreaterThan(100);
});

test("the events of one record of the stream are the same each time, with ids of their own", () => {
  fc.assert(
    fc.property(records, records, (before, after) => {
      const record = streamRecord({ ...(before && { before }), ...(after && { after }) });
      const { events } = eventsOf(record);
      expect(eventsOf(structuredClone(record)).events).toEqual(events);
      expect(new Set(events.map(({ detail }) => detail.id)).size).toBe(events.length);
    }),
  );
});

import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { eventKeyOf } from "../../../../providers/api-key/management/event-key.ts";
import { eventKey } from "../../../../shared/domain/events/event-key.ts";
import { anyRecord, secretsOf } from "../any-record.ts";

test("an event's key has what the schema of events says, and nothing else of a record", () => {
  fc.assert(
    fc.property(anyRecord(), (record) => {
      const key = eventKeyOf(record);
      expect(v.parse(eventKey, key)).toEqual(key);
    }),
  );
});

test("no secret of a record is in an event's key: neither a hash nor a pepper's id, a usage identifier or an attribute", () => {
  fc.assert(
    fc.property(anyRecord(), (record) => {
      const text = JSON.stringify(eventKeyOf(record));
      for (const secret of secretsOf(record)) expect(text).not.toContain(secret);
    }),
  );
});

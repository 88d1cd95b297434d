import { describe, expect, test } from "vitest";
import { dynamoDbEntitlements } from "../../../providers/entitlements/dynamodb-store.ts";
import { itemOf } from "../../../providers/entitlements/item.ts";
import { recordKey } from "../../../providers/entitlements/record-key.ts";
import { NOW } from "../../fixtures.ts";
import {
  answer,
  FAULTS,
  LONG,
  SHORT,
  startFaultyDatabase,
} from "../../shared/infrastructure/dynamodb/faulty-database.ts";
import { subjectRecord, tenantRecord } from "./fixture.ts";

const { signal } = new AbortController();
const UNAVAILABLE = expect.objectContaining({ reason: "entitlements_unavailable" });
const CONSUMED = { ConsumedCapacity: [{ TableName: "table", CapacityUnits: 1 }] };
const disabled = subjectRecord({ disabledSince: NOW });
const key = recordKey(disabled);

const read = (limits = LONG, keys = [key]) => dynamoDbEntitlements("table", limits).read(keys, signal);

test.each(Object.keys(FAULTS))("nobody is entitled or refused by a table that %s", async (name) => {
  await startFaultyDatabase(FAULTS[name] ?? (() => {}));
  await expect(read(SHORT)).rejects.toThrow(UNAVAILABLE);
});

test.each<[string, object]>([
  [
    "leaves a key unprocessed",
    { Responses: { table: [] }, UnprocessedKeys: { table: { Keys: [{ pk: { S: key } }] } } },
  ],
  ["has no answer about the table", { Responses: {}, UnprocessedKeys: {} }],
  ["says nothing of responses", {}],
  ["answers about two tables", { Responses: { table: [], other: [] } }],
  ["answers with an item that was not asked for", { Responses: { table: [itemOf(tenantRecord())] } }],
  ["answers with an item twice", { Responses: { table: [itemOf(disabled), itemOf(disabled)] } }],
  ["answers with an item without a key", { Responses: { table: [{}] } }],
])("nobody is entitled or refused by a table that %s", async (_what, body) => {
  await startFaultyDatabase(answer({ ...CONSUMED, ...body }));
  await expect(read()).rejects.toThrow(UNAVAILABLE);
});

test("nobody is entitled or refused by an answer of two tables' capacities", async () => {
  const ConsumedCapacity = [{ TableName: "table" }, { TableName: "other" }];
  await startFaultyDatabase(answer({ ConsumedCapacity, Responses: { table: [] } }));
  await expect(read()).rejects.toThrow(UNAVAILABLE);
});

describe("an answer", () => {
  test("without an item for a key says that there is no record", async () => {
    await startFaultyDatabase(answer({ ...CONSUMED, Responses: { table: [] }, UnprocessedKeys: {} }));
    expect((await read()).stored).toEqual(new Map([[key, undefined]]));
  });

  test("with a damaged item says so for its key alone", async () => {
    const broken = { ...itemOf(disabled), disabledSince: { NULL: true } };
    await startFaultyDatabase(answer({ ...CONSUMED, Responses: { table: [broken, itemOf(tenantRecord())] } }));
    expect((await read(LONG, [key, recordKey(tenantRecord())])).stored).toEqual(
      new Map<string, unknown>([
        [key, "damaged"],
        [recordKey(tenantRecord()), tenantRecord()],
      ]),
    );
  });

  test("is one consistent read of all keys, so that a lockout counts from the next decision on", async () => {
    const database = await startFaultyDatabase(answer({ ...CONSUMED, Responses: { table: [itemOf(disabled)] } }));
    await read(LONG, [key, recordKey(tenantRecord())]);
    expect(database.inputs).toEqual([
      {
        RequestItems: {
          table: { Keys: [{ pk: { S: key } }, { pk: { S: recordKey(tenantRecord()) } }], ConsistentRead: true },
        },
        ReturnConsumedCapacity: "TOTAL",
      },
    ]);
  });
});

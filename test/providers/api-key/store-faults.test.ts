import { describe, expect, test } from "vitest";
import { dynamoDbStore } from "../../../providers/api-key/dynamodb-store.ts";
import { itemOf } from "../../../providers/api-key/item.ts";
import { dynamoDbKeyTable } from "../../../providers/api-key/management/dynamodb-key-table.ts";
import type { KeyRecord } from "../../../providers/api-key/record.ts";
import { NOW } from "../../fixtures.ts";
import {
  answer,
  CONSUMED,
  FAULTS,
  LONG,
  SHORT,
  startFaultyDatabase,
} from "../../shared/infrastructure/dynamodb/faulty-database.ts";

const { signal } = new AbortController();
const UNAVAILABLE = expect.objectContaining({ reason: "key_store_unavailable" });
const record: KeyRecord = {
  id: "a",
  hash: new Uint8Array(32),
  pepper: "new",
  environment: "live",
  status: "active",
  name: "Partner",
  scopes: [],
  roles: [],
  attributes: {},
  createdAt: NOW,
};

/** The item as DynamoDB sends it: bytes are base64. */
const itemFor = (given: KeyRecord) => ({ ...itemOf(given), hash: { B: Buffer.from(given.hash).toString("base64") } });

describe.each(Object.keys(FAULTS))("with a table that %s", (name) => {
  const fault = FAULTS[name] ?? (() => {});

  test("a key is neither known nor unknown", async () => {
    await startFaultyDatabase(fault);
    await expect(dynamoDbStore("table", SHORT).get("a", signal)).rejects.toThrow(UNAVAILABLE);
  });

  test("no key counts as issued or revoked", async () => {
    await startFaultyDatabase(fault);
    const store = dynamoDbKeyTable("table", SHORT);
    await expect(store.add(record)).rejects.toThrow();
    await expect(store.revokeDamaged("a")).rejects.toThrow();
  });
});

test("a key is unknown only if DynamoDB says so", async () => {
  await startFaultyDatabase(answer(CONSUMED));
  expect(await dynamoDbStore("table", LONG).get("a", signal)).not.toHaveProperty("record");
});

test("a key is read consistently, so that a revocation counts from the next request on", async () => {
  const database = await startFaultyDatabase(answer(CONSUMED));
  await dynamoDbStore("table", LONG).get("a", signal);
  expect(database.inputs).toMatchObject([{ TableName: "table", Key: { pk: { S: "KEY#a" } }, ConsistentRead: true }]);
});

test("an item of another key is trouble, and not a record of this one", async () => {
  const other = itemFor({ ...record, id: "b" });
  await startFaultyDatabase(
    answer({ ...CONSUMED, Item: itemFor(record) }),
    answer({ ...CONSUMED, Item: other }),
    answer({ ...CONSUMED, Item: { ...other, pk: undefined } }),
    answer({ ...CONSUMED, Attributes: { ...other, status: { S: "revoked" } } }),
  );
  const store = dynamoDbKeyTable("table", LONG);
  expect(await store.get("a", signal)).toMatchObject({ record: { id: "a" }, readAt: { wall: expect.any(Number) } });
  await expect(store.get("a", signal)).rejects.toThrow(UNAVAILABLE);
  await expect(store.get("a", signal)).rejects.toThrow(UNAVAILABLE);
  await expect(store.revokeDamaged("a")).rejects.toThrow();
});

test("a status that DynamoDB does not confirm is not set", async () => {
  await startFaultyDatabase(
    answer(CONSUMED),
    answer({ ...CONSUMED, Attributes: itemFor(record) }),
    answer({ ...CONSUMED, Attributes: itemFor({ ...record, status: "revoked" }) }),
  );
  const store = dynamoDbKeyTable("table", LONG);
  await expect(store.revokeDamaged("a")).rejects.toThrow();
  await expect(store.revokeDamaged("a")).rejects.toThrow();
  expect(await store.revokeDamaged("a")).toBe(true);
});

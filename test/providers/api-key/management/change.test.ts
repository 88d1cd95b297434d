import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { generateApiKey } from "../../../../providers/api-key/format.ts";
import { itemOf } from "../../../../providers/api-key/item.ts";
import { type Changed, readKey } from "../../../../providers/api-key/management/change.ts";
import { issueApiKey } from "../../../../providers/api-key/management/issue.ts";
import { type KeyTable, VersionConflict } from "../../../../providers/api-key/management/key-table.ts";
import { rotateKey } from "../../../../providers/api-key/management/rotate.ts";
import { deleteKey, disableKey, enableKey, revokeKey } from "../../../../providers/api-key/management/status.ts";
import { type Tombstone, tombstoneOf } from "../../../../providers/api-key/management/tombstone.ts";
import { updateKey } from "../../../../providers/api-key/management/update.ts";
import type { KeyRecord } from "../../../../providers/api-key/record.ts";
import { NOW } from "../../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../fixture.ts";

let table: KeyTableFixture;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

const { signal } = new AbortController();
const alice = { by: "alice", reason: "ticket 1", time: NOW + 10 };
const bob = { by: "bob", time: NOW + 20 };
const read = async (id: string) => (await table.store.get(id, signal)).record;

/** The table, in which somebody else changes a key between the reading and the writing of a change. */
function overtaken(by: (id: string) => Promise<unknown>, times = 1): KeyTable {
  let left = times;
  return {
    ...table.store,
    replace: async (record, before) => {
      if (left-- > 0) await by(record.id);
      await table.store.replace(record, before);
    },
  };
}

describe("a change", () => {
  test("raises the version and says who, when and why", async () => {
    const { record } = await table.issue();
    expect(record).toMatchObject({ version: 1, createdBy: "test" });
    await updateKey(table.store, record.id, { owner: "team-a", scopes: ["a"] }, alice);
    expect(await read(record.id)).toMatchObject({
      ...{ version: 2, owner: "team-a", scopes: ["a"] },
      ...{ changedBy: "alice", changedAt: NOW + 10, changeReason: "ticket 1" },
    });
    const { record: second } = await updateKey(table.store, record.id, { owner: null, expiresIn: 60 }, bob);
    expect(second).not.toHaveProperty("owner");
    expect(second).not.toHaveProperty("changeReason");
    expect(second).toMatchObject({ version: 3, expiresAt: NOW + 80 });
  });

  test("leaves keys in the names of those who make it out of the record", async () => {
    const { record, key } = await table.issue();
    const change = { by: `bot ${key}`, reason: key, time: NOW + 10 };
    await disableKey(table.store, record.id, change);
    await revokeKey(table.store, record.id, change);
    const changed = await read(record.id);
    for (const text of [changed?.changedBy, changed?.revokedBy]) expect(text).toBe(`bot sp_live_${record.id}_…`);
    const last = await deleteKey(table.store, record.id, change);
    expect(JSON.stringify([last, await table.store.deletionOf(record.id)])).not.toContain(key);
  });

  test("that changes nothing writes nothing", async () => {
    const { record } = await table.issue({ scopes: ["a"] });
    const { isChanged } = await updateKey(table.store, record.id, { scopes: ["a"], owner: null, addresses: [] }, alice);
    expect(isChanged).toBe(false);
    expect(await enableKey(table.store, record.id, alice)).toMatchObject({ isChanged: false });
    expect(await read(record.id)).toEqual(record);
  });

  test("never overwrites another one: the second operator is told who was first", async () => {
    const { record } = await table.issue();
    const slow = overtaken((id) => updateKey(table.store, id, { owner: "team-a" }, alice));
    const error = await updateKey(slow, record.id, { owner: "team-b" }, bob).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(VersionConflict);
    expect((error as VersionConflict).current).toMatchObject({ version: 2, changedBy: "alice", owner: "team-a" });
    expect(await read(record.id)).toMatchObject({ owner: "team-a" });
  });

  test.each<[string, (id: string, expected: number) => Promise<unknown>]>([
    ["an update", (id, expected) => updateKey(table.store, id, { owner: "x" }, bob, { expected })],
    ["a rotation", (id, expected) => rotateKey(table.store, id, table.config, bob, { expected })],
    ["a disabling", (id, expected) => disableKey(table.store, id, bob, { expected })],
    ["a revocation", (id, expected) => revokeKey(table.store, id, bob, { expected })],
  ])("of another version than the expected one is refused: %s", async (_what, run) => {
    const { record } = await table.issue();
    await updateKey(table.store, record.id, { owner: "team-a" }, alice);
    await expect(run(record.id, 1)).rejects.toThrow(VersionConflict);
    expect(await read(record.id)).toMatchObject({ version: 2, status: "active", owner: "team-a" });
    await run(record.id, 2);
    expect(await read(record.id)).toMatchObject({ version: 3 });
  });

  test("whose answer was lost is recognised when it is repeated", async () => {
    const { record } = await table.issue();
    const { before, record: changed } = await updateKey(table.store, record.id, { owner: "team-a" }, alice);
    await table.store.replace(changed, before);
    await expect(table.store.replace({ ...changed, changeId: "another" }, before)).rejects.toThrow(VersionConflict);
    await revokeKey(table.store, record.id, alice);
    const revoked = await readKey(table.store, record.id);
    const tombstone = tombstoneOf(revoked, { ...alice, id: "first" });
    await table.store.remove(revoked, tombstone);
    await table.store.remove(revoked, tombstone);
    // Of two operators who delete a key at once, only one did.
    await expect(table.store.remove(revoked, tombstoneOf(revoked, { ...bob, id: "second" }))).rejects.toThrow(
      expect.objectContaining({ name: "VersionConflict", deletion: expect.objectContaining({ deletedBy: alice.by }) }),
    );
  });

  test("of a record of before there were versions makes it the second", async () => {
    const { record } = await table.issue();
    const { version: _, changeId: __, createdBy: ___, ...old } = record;
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const { expiryBucket: ____, ...item } = itemOf(old as KeyRecord);
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: item }));
    client.destroy();
    await disableKey(table.store, record.id, alice);
    expect(await read(record.id)).toMatchObject({ version: 2, status: "disabled" });
  });

  test("of a key that does not exist is refused", async () => {
    const { id } = generateApiKey("sp", "live");
    for (const run of [disableKey, enableKey, revokeKey]) {
      await expect(run(table.store, id, alice)).rejects.toThrow(`The key ${id} does not exist.`);
    }
  });

  test("with a value that no record may have writes nothing", async () => {
    const { record } = await table.issue();
    const wrong = [{ scopes: ["a b"] }, { metadata: { a: "x".repeat(1025) } }, { expiresIn: 0 }, { status: "active" }];
    for (const update of wrong) {
      await expect(updateKey(table.store, record.id, update as object, alice)).rejects.toThrow();
    }
    expect(await read(record.id)).toEqual(record);
  });
});

test("a record that updates would make too large is refused, and a large one can be made smaller", async () => {
  const { record } = await table.issue();
  const attributes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, "x".repeat(1000)]));
  await updateKey(table.store, record.id, { attributes: attributes(80) }, alice);
  await expect(updateKey(table.store, record.id, { attributes: attributes(140) }, alice)).rejects.toThrow(
    "A key has up to 100000 characters.",
  );
  const large = { ...(await read(record.id)), attributes: attributes(200), version: 3 } as KeyRecord;
  await table.store.replace(large, { ...large, version: 2 });
  await updateKey(table.store, record.id, { attributes: attributes(190) }, alice);
  await revokeKey(table.store, record.id, alice);
  expect(await read(record.id)).toMatchObject({ status: "revoked" });
});

test("a key in the reason of a change is left out of the record, and so of every event", async () => {
  const { key, record } = await table.issue();
  const leaked = { ...alice, reason: `found ${key} on a page` };
  await updateKey(table.store, record.id, { owner: "team-a" }, leaked);
  const { record: issued } = await issueApiKey({ name: "New" }, table.config, table.store, leaked);
  const { record: revoked } = (await revokeKey(table.store, record.id, leaked)) as Changed;
  const reason = `found sp_live_${record.id}_… on a page`;
  expect(revoked).toMatchObject({ changeReason: reason, revokeReason: reason });
  expect(issued.changeReason).toBe(reason);
});

describe("a revocation", () => {
  test("is not stopped by changes at the same time", async () => {
    const { record } = await table.issue();
    const busy = overtaken((id) => updateKey(table.store, id, { owner: `team-${Math.random()}` }, alice), 3);
    await revokeKey(busy, record.id, bob);
    expect(await read(record.id)).toMatchObject({ status: "revoked", revokedBy: "bob", revokedAt: NOW + 20 });
  });

  test("gives up after five changes of others, and says so", async () => {
    const { record } = await table.issue();
    const change = vi.fn((id: string) => updateKey(table.store, id, { owner: `team-${Math.random()}` }, alice));
    await expect(revokeKey(overtaken(change, 9), record.id, bob)).rejects.toThrow(VersionConflict);
    expect(change).toHaveBeenCalledTimes(5);
  });

  test("keeps who revoked the key first", async () => {
    const { record } = await table.issue();
    await revokeKey(table.store, record.id, alice);
    expect(await revokeKey(table.store, record.id, bob)).toMatchObject({ isChanged: false });
    expect(await read(record.id)).toMatchObject({ revokedBy: "alice", revokeReason: "ticket 1", version: 2 });
  });

  test("ends a key that was imported with the last of all versions", async () => {
    const { record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const last = itemOf({ ...record, version: Number.MAX_SAFE_INTEGER });
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: last }));
    client.destroy();
    await revokeKey(table.store, record.id, alice);
    expect(await read(record.id)).toMatchObject({ status: "revoked", version: Number.MAX_SAFE_INTEGER });
  });

  test("ends a key whose record is damaged", async () => {
    const { record } = await table.issue();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const damaged = { ...itemOf(record), unknown: { S: "x" } };
    await client.send(new PutItemCommand({ TableName: table.config.table, Item: damaged }));
    client.destroy();
    expect(await revokeKey(table.store, record.id, bob)).toEqual({ damaged: record.id });
    await expect(disableKey(table.store, record.id, bob)).rejects.toThrow("key_record_invalid");
    const { keys } = await table.store.page({ all: true }, { limit: 1000 });
    expect(keys).toContainEqual({ id: record.id, status: "damaged" });
  });
});

describe("a deletion", () => {
  const deleted = async () => {
    const { record, key } = await table.issue({ expiresIn: 60 });
    await revokeKey(table.store, record.id, alice);
    await deleteKey(table.store, record.id, bob);
    return { record, key };
  };

  test("is of revoked keys alone", async () => {
    const { record } = await table.issue();
    await expect(deleteKey(table.store, record.id, alice)).rejects.toThrow("only a revoked key can be deleted");
    await revokeKey(table.store, record.id, alice);
    expect(await deleteKey(table.store, record.id, alice)).toMatchObject({ id: record.id, status: "revoked" });
    expect(await read(record.id)).toBeUndefined();
  });

  test("leaves in its place that there was a key, without a secret, an index and a time to live", async () => {
    const { record } = await deleted();
    const client = new DynamoDBClient({ endpoint: table.endpoint });
    const Key = { pk: { S: `KEY#${record.id}` } };
    const { Item } = await client.send(new GetItemCommand({ TableName: table.config.table, Key }));
    client.destroy();
    expect(Item).toEqual({
      ...{ ...Key, version: { N: "3" }, changeId: { S: expect.any(String) } },
      ...{ deletedAt: { N: String(NOW + 20) }, deletedBy: { S: "bob" } },
    });
    expect(await table.store.deletionOf(record.id)).toMatchObject({ id: record.id, version: 3, deletedBy: "bob" });
  });

  test("is no key to lists and changes, and its id is issued to nobody", async () => {
    const { record } = await deleted();
    const { keys, entries = [] } = await table.store.page({ all: true }, { limit: 1000 });
    expect(keys.map(({ id }) => id)).not.toContain(record.id);
    expect(entries.map(({ id }) => id)).toContain(record.id);
    for (const run of [disableKey, enableKey, revokeKey]) {
      await expect(run(table.store, record.id, alice)).rejects.toThrow("does not exist");
    }
    await expect(deleteKey(table.store, record.id, alice)).rejects.toThrow("does not exist");
    await expect(table.store.add(record)).rejects.toThrow(VersionConflict);
    await expect(table.store.replace(record, { ...record, version: 3 })).rejects.toThrow(VersionConflict);
    expect(await table.store.revokeDamaged(record.id)).toBe(false);
  });

  test("is undone only for whoever knows it, and only once", async () => {
    const { record } = await deleted();
    const tombstone = (await table.store.deletionOf(record.id)) as Tombstone;
    const back = { ...record, version: 4, changeId: "back" };
    await expect(table.store.restore(back, { ...tombstone, version: 2 })).rejects.toThrow(VersionConflict);
    await table.store.restore(back, tombstone);
    await table.store.restore(back, tombstone);
    await expect(table.store.restore({ ...back, changeId: "other" }, tombstone)).rejects.toThrow(VersionConflict);
    expect(await read(record.id)).toEqual(back);
  });
});

test("the table does not forget by itself that a key was revoked", async () => {
  const { record } = await table.issue({ expiresIn: 60 });
  expect(itemOf(record)).toHaveProperty("ttl");
  const { record: revoked } = (await revokeKey(table.store, record.id, alice)) as Changed;
  expect(itemOf(revoked)).not.toHaveProperty("ttl");
  expect(await read(record.id)).toEqual(revoked);
});

test("pages by owner and tenant have the newest first, and each key once", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) {
    const issued = { name: `n${n}`, owner: "pages", tenant: "pages-tenant", expiresIn: 86_400 + n };
    const { record } = await issueApiKey(issued, table.config, table.store, { by: "test", time: NOW + (n >> 1) });
    ids.push(record.id);
  }
  await table.issue({ owner: "other", tenant: "other" });
  for (const query of [{ owner: "pages" }, { tenant: "pages-tenant" }]) {
    const seen: (number | undefined)[] = [];
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await table.store.page(query, { limit: 3, ...(cursor !== undefined && { cursor }) });
      expect(page.keys.length).toBeLessThanOrEqual(3);
      for (const key of page.keys) {
        found.push(key.id);
        seen.push("createdAt" in key ? key.createdAt : undefined);
      }
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(found.toSorted()).toEqual(ids.toSorted());
    expect(seen).toEqual(seen.toSorted((one = 0, other = 0) => other - one));
  }
  await expect(table.store.page({ owner: "pages" }, { cursor: "eyJwayI6MX0" })).rejects.toThrow("cursor");
});

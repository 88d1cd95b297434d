import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findDrift } from "../../../functions/usage-sync/drift.ts";
import { type Mended, mendDrift } from "../../../functions/usage-sync/mend.ts";
import type { Planned } from "../../../functions/usage-sync/subject.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import { revokeKey } from "../../../providers/api-key/management/status.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { type FakeGateway, fakeGateway } from "./fixture.ts";

let table: KeyTableFixture;
let gateway: FakeGateway;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());

let run = 0;
let acme = "";
beforeEach(() => {
  gateway = fakeGateway("gold", "silver");
  acme = `acme-${run++}`;
});

const change = { by: "usage-sync", reason: "usage plan", time: NOW };
const goldOf = (tenant: string): Planned => ({ subject: { kind: "tenant", name: tenant }, plan: "gold" });
const drift = async (...planned: Planned[]) => (await findDrift(planned, gateway, table.store)).drift;
const kinds = async (...planned: Planned[]) => (await drift(...planned)).map(({ kind }) => kind);
const usageOf = async (id: string) =>
  (await table.store.get(id, new AbortController().signal)).record?.usageIdentifierKey;

async function mend(planned: readonly Planned[], keys: KeyTable = table.store): Promise<Mended["outcome"][]> {
  const outcomes: Mended["outcome"][] = [];
  const survey = await findDrift(planned, gateway, keys);
  for await (const { outcome } of mendDrift(survey, gateway, keys)) outcomes.push(outcome);
  return outcomes;
}

describe("usage plans in step with the configuration", () => {
  test("each tenant has one API Gateway key, in its plan, however many keys it has; and all its records name it", async () => {
    const ids = [(await table.issue({ tenant: acme })).record.id, (await table.issue({ tenant: acme })).record.id];
    expect(await kinds(goldOf(acme))).toEqual(["missing_key", "wrong_record", "wrong_record"]);
    expect(gateway.changes).toEqual([]);
    expect(await mend([goldOf(acme)])).toEqual(["mended", "mended", "mended"]);
    expect(gateway.changes).toEqual([`create ${acme}`, "attach k0 gold"]);
    for (const id of ids) expect(await usageOf(id)).toBe("value-of-k0-0123456789");
    expect(await drift(goldOf(acme))).toEqual([]);
  });

  test("a record with an API Gateway key of its own keeps it", async () => {
    const usageIdentifierKey = "given-by-hand-0123456789";
    const { record } = await table.issue({ tenant: acme, usageIdentifierKey });
    await mend([goldOf(acme)]);
    expect(await usageOf(record.id)).toBe(usageIdentifierKey);
  });

  test("a revoked key is left alone", async () => {
    const { record } = await table.issue({ tenant: acme });
    await revokeKey(table.store, record.id, change);
    expect(await mend([goldOf(acme)])).toEqual(["mended"]);
  });

  test("the first entry that applies to a key counts", async () => {
    const { record } = await table.issue({ tenant: acme, owner: `owner-${acme}` });
    const owner: Planned = { subject: { kind: "owner", name: `owner-${acme}` }, plan: "silver" };
    await mend([owner, goldOf(acme)]);
    expect(await usageOf(record.id)).toBe("value-of-k0-0123456789");
    expect(gateway.members.get("silver")).toEqual(new Set(["k0"]));
    await mend([goldOf(acme), owner]);
    expect(await usageOf(record.id)).toBe("value-of-k1-0123456789");
  });

  test("a key in another plan moves, and leaves the old one first", async () => {
    await mend([goldOf(acme)]);
    const silver = { ...goldOf(acme), plan: "silver" };
    expect(await drift(silver)).toMatchObject([{ kind: "wrong_plan", plan: "silver", found: ["gold"] }]);
    await mend([silver]);
    expect(gateway.changes.slice(2)).toEqual(["detach k0 gold", "attach k0 silver"]);
    expect(await drift(silver)).toEqual([]);
  });

  test("a key that was created before a crash is put into its plan", async () => {
    await gateway.create({ kind: "tenant", name: acme });
    expect(await drift(goldOf(acme))).toMatchObject([{ kind: "wrong_plan", found: [] }]);
    await mend([goldOf(acme)]);
    expect(gateway.keys.size).toBe(1);
    expect(await drift(goldOf(acme))).toEqual([]);
  });

  test("a tenant that the configuration no longer names: its records first, and then its API Gateway key", async () => {
    const { record } = await table.issue({ tenant: acme });
    await mend([goldOf(acme)]);
    expect(await kinds()).toEqual(["wrong_record", "left_over_key"]);
    expect(await mend([])).toEqual(["mended", "mended"]);
    expect(await usageOf(record.id)).toBeUndefined();
    expect(gateway.keys.size).toBe(0);
  });

  test("an API Gateway key stays while a record may still name it", async () => {
    await table.issue({ tenant: acme });
    await mend([goldOf(acme)]);
    const assignUsage: KeyTable["assignUsage"] = async (id, version, value) => {
      await updateKey(table.store, id, { name: "Renamed" }, { by: "alice", time: NOW });
      await table.store.assignUsage(id, version, value);
    };
    expect(await mend([], { ...table.store, assignUsage })).toEqual(["overtaken", "overtaken"]);
    expect(gateway.keys.size).toBe(1);
    expect(await mend([])).toEqual(["mended", "mended"]);
  });

  test("of two API Gateway keys of one tenant the older one is used", async () => {
    const { record } = await table.issue({ tenant: acme });
    await gateway.create({ kind: "tenant", name: acme });
    const second = await gateway.create({ kind: "tenant", name: acme });
    await updateKey(table.store, record.id, { usageIdentifierKey: second.value }, change);
    expect(await kinds(goldOf(acme))).toEqual(["wrong_plan", "wrong_record", "left_over_key"]);
    await mend([goldOf(acme)]);
    expect(await usageOf(record.id)).toBe("value-of-k0-0123456789");
    expect([...gateway.keys.keys()]).toEqual(["k0"]);
  });

  test("a plan that is not there is said, and nothing is created for it", async () => {
    await table.issue({ tenant: acme });
    const planned = { ...goldOf(acme), plan: "platinum" };
    expect(await mend([planned])).toEqual(["impossible"]);
    expect(gateway.changes).toEqual([]);
  });
});

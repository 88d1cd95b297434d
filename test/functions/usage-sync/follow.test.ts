import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createHandler } from "../../../functions/usage-sync/create-handler.ts";
import { follower } from "../../../functions/usage-sync/follow.ts";
import type { Planned } from "../../../functions/usage-sync/subject.ts";
import { revokeKey } from "../../../providers/api-key/management/status.ts";
import { updateKey } from "../../../providers/api-key/management/update.ts";
import { logger } from "../../../shared/infrastructure/telemetry/telemetry.ts";
import { NOW } from "../../fixtures.ts";
import { createKeyTableFixture, type KeyTableFixture } from "../../providers/api-key/fixture.ts";
import { lambdaContext } from "../authorizer/lambda-context.ts";
import { type FakeGateway, fakeGateway } from "./fixture.ts";

let table: KeyTableFixture;
let gateway: FakeGateway;
beforeAll(async () => {
  table = await createKeyTableFixture();
});
afterAll(() => table.close());
beforeEach(() => {
  gateway = fakeGateway("gold");
  vi.spyOn(logger, "error").mockImplementation(() => {});
});

const planned: Planned[] = ["acme", "globex"].map((name) => ({ subject: { kind: "tenant", name }, plan: "gold" }));
const change = { by: "test", time: NOW };
const recordOf = async (id: string) => (await table.store.get(id, new AbortController().signal)).record;

/** The handler of one function, to which events about keys are sent. @returns the places of those that failed */
function subscriber(store = table.store) {
  const handler = createHandler(follower(planned, gateway, store));
  return async (...ids: string[]): Promise<string[]> => {
    const Records = ids.map((id, index) => {
      const body = JSON.stringify({ source: "sallyport", "detail-type": "KeyIssued", detail: { key: { id } } });
      return { body, messageId: String(index), eventSource: "aws:sqs" } as SQSRecord;
    });
    const { batchItemFailures } = (await handler({ Records }, lambdaContext())) as SQSBatchResponse;
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
}

describe("after a change of a key", () => {
  test("its record names the API Gateway key of its tenant, which is created once", async () => {
    const [one, two, other] = await Promise.all(["acme", "acme", "globex"].map((tenant) => table.issue({ tenant })));
    const send = subscriber();
    for (const issued of [one, two, other]) expect(await send(issued?.record.id ?? "")).toEqual([]);
    expect(gateway.changes).toEqual(["create acme", "attach k0 gold", "create globex", "attach k1 gold"]);
    const found = await Promise.all([one, two, other].map((issued) => recordOf(issued?.record.id ?? "")));
    expect(found.map((record) => record?.usageIdentifierKey?.slice(9, 11))).toEqual(["k0", "k0", "k1"]);
    // Whoever issued a key may change its first version.
    expect(found[0]).toMatchObject({ version: 1 });
    expect(found[0]).not.toHaveProperty("changedBy");
  });

  test("the event about its own change changes nothing more", async () => {
    const { record } = await table.issue({ tenant: "acme" });
    const send = subscriber();
    for (let times = 0; times < 3; times++) await send(record.id);
    expect(await recordOf(record.id)).toMatchObject({ version: 1, usageIdentifierKey: expect.any(String) });
  });

  test("a key that moved to another tenant counts there; one that moved away from all names none", async () => {
    const { record } = await table.issue({ tenant: "acme" });
    const send = subscriber();
    await send(record.id);
    await updateKey(table.store, record.id, { tenant: "globex" }, change);
    await send(record.id);
    expect((await recordOf(record.id))?.usageIdentifierKey).toContain("k1");
    await updateKey(table.store, record.id, { tenant: "initech" }, change);
    await send(record.id);
    expect(await recordOf(record.id)).not.toHaveProperty("usageIdentifierKey");
  });

  test("an API Gateway key that was created before a crash is used, and put into its plan", async () => {
    await gateway.create({ kind: "tenant", name: "acme" });
    const { record } = await table.issue({ tenant: "acme" });
    await subscriber()(record.id);
    expect(gateway.changes).toEqual(["create acme", "attach k0 gold"]);
  });

  test("keys that are gone, revoked, of nobody, or have an API Gateway key of their own are left alone", async () => {
    const own = await table.issue({ tenant: "acme", usageIdentifierKey: "given-by-hand-0123456789" });
    const [revoked, nobody] = [await table.issue({ tenant: "acme" }), await table.issue()];
    await revokeKey(table.store, revoked.record.id, change);
    const send = subscriber();
    expect(await send("0".repeat(16), own.record.id, revoked.record.id, nobody.record.id)).toEqual([]);
    for (const [{ record }, version] of [
      [own, 1],
      [revoked, 2],
      [nobody, 1],
    ] as const)
      expect(await recordOf(record.id)).toMatchObject({ version });
  });

  test("an event fails alone, and is delivered again, if somebody else changes its key at the same time", async () => {
    const [one, two] = [await table.issue({ tenant: "acme" }), await table.issue({ tenant: "acme" })];
    let isFirst = true;
    const assignUsage: typeof table.store.assignUsage = async (id, version, value) => {
      if (id === one.record.id && isFirst) await updateKey(table.store, id, { name: "Renamed" }, change);
      if (id === one.record.id) isFirst = false;
      await table.store.assignUsage(id, version, value);
    };
    const send = subscriber({ ...table.store, assignUsage });
    expect(await send(one.record.id, two.record.id)).toEqual(["0"]);
    expect(await send(one.record.id)).toEqual([]);
    expect(await recordOf(one.record.id)).toMatchObject({ name: "Renamed", usageIdentifierKey: expect.any(String) });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { LEASE } from "../../../functions/api-keys/idempotency/once.ts";
import type { Services } from "../../../functions/api-keys/operations/call.ts";
import type { KeyTable } from "../../../providers/api-key/management/key-table.ts";
import { NOW } from "../../fixtures.ts";
import { acme, createHarness, type Harness, operator } from "./harness.ts";

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
beforeEach(() => void vi.setSystemTime(NOW * 1000));
afterAll(() => api.close());

let count = 0;
/** A new Idempotency-Key, and the headers with it. */
const headersOf = (key: string, version?: number) => ({
  "idempotency-key": key,
  ...(version !== undefined && { "if-match": `"${version}"` }),
});
const newKey = () => `request-${++count}`;

const issue = (key: string, more: object = {}, services: Partial<Services> = {}) =>
  api.send(
    "POST /keys",
    undefined,
    { body: { name: "Partner", owner: key }, headers: headersOf(key), ...more },
    services,
  );

/** Keys that were issued with this Idempotency-Key, which is their owner. */
async function issuedWith(key: string) {
  const { keys } = await api.services.table.page({ owner: key });
  return keys;
}

describe("an issue with an Idempotency-Key", () => {
  test("makes one key: a repetition answers with its id, without the secret, and says how to rotate", async () => {
    const key = newKey();
    const first = await issue(key);
    expect(first.status).toBe(201);
    const second = await issue(key);
    expect(second).toMatchObject({ status: 200, headers: { "Cache-Control": "no-store", ETag: '"1"' } });
    expect(second.body).toEqual({
      ...{ id: first.body.id, version: 1, repeated: true, rotate: `keys/${first.body.id}/rotate` },
      detail: expect.stringMatching(/shown once.*rotate/),
    });
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("is refused with another request, even one that differs in one field", async () => {
    const key = newKey();
    await issue(key);
    const other = await issue(key, { body: { name: "Partner", owner: key, scopes: ["a"] } });
    expect(other).toMatchObject({ status: 422, body: { type: "urn:sallyport:problem:idempotency-key-reused" } });
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("is another caller's own: two callers may use one text", async () => {
    const key = newKey();
    const [first, second] = [await issue(key), await issue(key, { as: { ...operator, subject: "bob" } })];
    expect([first.status, second.status]).toEqual([201, 201]);
    const third = await issue(key, { as: { ...operator, issuer: "https://other.example.com" } });
    expect(third.status).toBe(201);
  });

  test("sent many times at once makes one key, and shows one secret", async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 8 }, () => issue(key)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 201 && status !== 200 && status !== 409)).toEqual([]);
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("in progress is 409, and changes nothing", async () => {
    const key = newKey();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: KeyTable = {
      ...api.services.table,
      add: (record) => promise.then(() => api.services.table.add(record)),
    };
    const first = issue(key, {}, { table: slow });
    await vi.waitUntil(async () => (await api.tables()).includes("changeId"), { interval: 5 });
    await vi.waitUntil(async () => (await issue(key)).status === 409, { interval: 5 });
    const second = await issue(key);
    expect(second).toMatchObject({ status: 409, body: { type: "urn:sallyport:problem:request-in-progress" } });
    expect(second.headers["Retry-After"]).toBe("2");
    resolve();
    expect((await first).status).toBe(201);
    expect((await issue(key)).status).toBe(200);
    expect(await issuedWith(key)).toHaveLength(1);
  });

  const crash = new Error("crash");

  test("that was cut off before the key was made is made by a later repetition, once", async () => {
    const key = newKey();
    const down: KeyTable = { ...api.services.table, add: () => Promise.reject(crash) };
    expect((await issue(key, {}, { table: down })).status).toBe(503);
    expect((await issue(key)).status).toBe(409);
    vi.setSystemTime((NOW + LEASE) * 1000);
    const later = await Promise.all([issue(key), issue(key)]);
    expect(later.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("that was cut off after the key was made is found by the next repetition", async () => {
    const key = newKey();
    const cut: KeyTable = {
      ...api.services.table,
      add: async (record) => {
        await api.services.table.add(record);
        throw crash;
      },
    };
    expect((await issue(key, {}, { table: cut })).status).toBe(503);
    expect(await issue(key)).toMatchObject({ status: 200, body: { repeated: true, version: 1 } });
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("whose end could not be noted shows its secret all the same, and is found by a repetition", async () => {
    const key = newKey();
    const requests = { ...api.services.requests, finish: () => Promise.reject(crash) };
    expect((await issue(key, {}, { requests })).status).toBe(201);
    expect((await issue(key)).status).toBe(200);
  });

  test("that comes late, after another attempt took over, makes no second key", async () => {
    const key = newKey();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slow: KeyTable = {
      ...api.services.table,
      add: (record) => promise.then(() => api.services.table.add(record)),
    };
    const begun = Promise.withResolvers<void>();
    const requests = {
      ...api.services.requests,
      begin: (...request: Parameters<typeof api.services.requests.begin>) =>
        api.services.requests.begin(...request).finally(begun.resolve),
    };
    const first = issue(key, {}, { table: slow, requests });
    await begun.promise;
    expect((await issue(key)).status).toBe(409);
    vi.setSystemTime((NOW + LEASE) * 1000);
    expect((await issue(key)).status).toBe(201);
    resolve();
    expect(await first).toMatchObject({ status: 200, body: { repeated: true } });
    expect(await issuedWith(key)).toHaveLength(1);
  });

  test("changes nothing if the requests cannot be remembered", async () => {
    const key = newKey();
    const requests = { ...api.services.requests, begin: () => Promise.reject(crash) };
    expect((await issue(key, {}, { requests })).status).toBe(503);
    expect(await issuedWith(key)).toHaveLength(0);
  });

  test("that was refused can be sent again, corrected or not", async () => {
    const key = newKey();
    expect((await issue(key, { as: acme })).status).toBe(403);
    expect((await issue(key, { body: { name: "" } })).status).toBe(400);
    expect((await issue(key)).status).toBe(201);
  });

  test("is remembered for a day, and not by how late the table deletes", async () => {
    const key = newKey();
    await issue(key);
    vi.setSystemTime((NOW + 86_399) * 1000);
    expect((await issue(key)).status).toBe(200);
    vi.setSystemTime((NOW + 86_400) * 1000);
    expect((await issue(key)).status).toBe(201);
  });
});

describe("a rotation with an Idempotency-Key", () => {
  const rotate = (id: string, key: string, services: Partial<Services> = {}) =>
    api.send("POST /keys/{id}/rotate", id, { body: { grace: 60 }, headers: headersOf(key, 1) }, services);

  test("makes one secret: a repetition is no conflict, although the version is another one by now", async () => {
    const { id } = await api.issue();
    const key = newKey();
    expect((await rotate(id, key)).status).toBe(201);
    const second = await rotate(id, key);
    expect(second).toMatchObject({ status: 200, body: { id, version: 2, repeated: true } });
    expect(second.body).not.toHaveProperty("secret");
    expect((await api.record(id))?.version).toBe(2);
  });

  test.each([
    ["before", false],
    ["after", true],
  ])("that was cut off %s the change is not made twice", async (_, isMade) => {
    const { id } = await api.issue();
    const key = newKey();
    const cut: KeyTable = {
      ...api.services.table,
      replace: async (record, before) => {
        if (isMade) await api.services.table.replace(record, before);
        throw new Error("crash");
      },
    };
    expect((await rotate(id, key, { table: cut })).status).toBe(503);
    vi.setSystemTime((NOW + LEASE) * 1000);
    expect((await rotate(id, key)).status).toBe(isMade ? 200 : 201);
    expect((await api.record(id))?.version).toBe(2);
  });

  test("of an old version is a conflict, and is forgotten", async () => {
    const { id } = await api.issue();
    await api.send("POST /keys/{id}/disable", id);
    const key = newKey();
    expect((await rotate(id, key)).status).toBe(412);
    const corrected = await api.send("POST /keys/{id}/rotate", id, { headers: headersOf(key, 2) });
    expect(corrected.status).toBe(201);
  });
});

test("a repeated enabling does not undo somebody's suspension", async () => {
  const { id } = await api.issue();
  await api.send("POST /keys/{id}/disable", id);
  const enable = () => api.send("POST /keys/{id}/enable", id, { headers: headersOf("enable", 2) });
  expect((await enable()).body.status).toBe("active");
  await api.send("POST /keys/{id}/disable", id);
  expect(await enable()).toMatchObject({ status: 200, body: { status: "disabled", version: 4 } });
});

test.each(["", "a b", "é", "x".repeat(256)])("the Idempotency-Key %j is a mistake", async (key) => {
  const { status, body } = await issue("any", { headers: { "idempotency-key": key } });
  expect([status, body.errors]).toEqual([400, [expect.objectContaining({ in: "header", field: "Idempotency-Key" })]]);
});

test("no table, log, error or other answer holds a secret that was made, nor a part of it", async () => {
  const key = newKey();
  const body = { name: "Partner", usageIdentifierKey: "usage-key-of-a-plan-000" };
  const first = await api.send("POST /keys", undefined, { body, headers: headersOf(key) });
  const id = String(first.body.id);
  const second = await api.send("POST /keys/{id}/rotate", id, { headers: headersOf(newKey(), 1) });
  const secrets = [first, second].map(({ body: { secret } }) => String(secret).split("_").at(-1) ?? "");
  expect(secrets.every((secret) => secret.length === 49)).toBe(true);
  api.told.length = 0;
  await api.send("POST /keys", undefined, { body, headers: headersOf(key) });
  await api.send("POST /keys", undefined, { body: { ...body, name: "y" }, headers: headersOf(key) });
  await api.send("POST /keys/{id}/rotate", id, { headers: headersOf(newKey(), 1) });
  await api.send("GET /keys/{id}", id);
  await api.send("GET /keys/{id}", String(first.body.secret));
  await api.send("POST /keys/{id}/revoke", String(second.body.secret), { body: { reason: String(first.body.secret) } });
  expect(api.told.length).toBeGreaterThan(8);
  for (const place of [api.told.join("\n"), await api.tables()]) {
    for (const secret of secrets) {
      for (let start = 0; start + 8 <= secret.length; start++)
        expect(place).not.toContain(secret.slice(start, start + 8));
    }
  }
  // The value for usage plans is in the key's record alone, where the authorizer needs it.
  expect(api.told.join("\n")).not.toContain("usage-key-of-a-plan");
  expect((await api.tables()).split("\n")[1]).not.toContain("usage-key-of-a-plan");
});

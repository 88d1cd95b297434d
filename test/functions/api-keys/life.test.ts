import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { listCursor } from "../../../providers/api-key/management/list-cursor.ts";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness, operator } from "./harness.ts";

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

const tag = (version: number) => ({ "if-match": `"${version}"` });
const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");

async function issued(body: object = {}) {
  const { body: key } = await api.send("POST /keys", undefined, { body: { name: "Partner", ...body } });
  return key as { id: string; secret: string; version: number };
}

test("issues a key, shows its secret once, and stores nothing but its hash", async () => {
  const body = { name: "Partner", owner: "team-a", tenant: "acme", scopes: ["a"], metadata: { ticket: "7" } };
  const {
    status,
    headers,
    body: key,
  } = await api.send("POST /keys", undefined, {
    body: { ...body, expiresAt: at(NOW + 3600), addresses: ["192.0.2.7"] },
  });
  expect(status).toBe(201);
  expect(headers).toMatchObject({ ETag: '"1"', Location: `keys/${key.id}`, "Cache-Control": "no-store" });
  expect(key).toMatchObject({ ...body, addresses: ["192.0.2.7/32"], version: 1, status: "active" });
  expect(key).toMatchObject({ expiresAt: at(NOW + 3600), createdBy: "https://id.example.com|olga" });
  expect(key.secret).toMatch(/^sp_live_/);
  const shown = await api.send("GET /keys/{id}", String(key.id));
  const { secret: _, ...rest } = key;
  expect(shown.body).toEqual(rest);
  expect(await api.tables()).not.toContain(String(key.secret).split("_").at(-1));
});

test("goes through the whole life: change, rotation, suspension, revocation, deletion", async () => {
  const { id, secret } = await issued({ scopes: ["a"] });
  const changed = await api.send("PATCH /keys/{id}", id, { body: { scopes: ["b"] }, headers: tag(1) });
  expect(changed).toMatchObject({ status: 200, headers: { ETag: '"2"' }, body: { scopes: ["b"], version: 2 } });
  const rotated = await api.send("POST /keys/{id}/rotate", id, {
    body: { grace: 60, reason: "quarterly" },
    headers: tag(2),
  });
  expect(rotated).toMatchObject({ status: 201, headers: { ETag: '"3"', "Cache-Control": "no-store" } });
  expect(rotated.body).toMatchObject({ id, previousSecretUntil: at(NOW + 60), changeReason: "quarterly" });
  expect(rotated.body.secret).not.toBe(secret);
  expect(await api.send("POST /keys/{id}/disable", id)).toMatchObject({ status: 200, body: { status: "disabled" } });
  const enabled = await api.send("POST /keys/{id}/enable", id, { headers: tag(4) });
  expect(enabled).toMatchObject({ status: 200, body: { status: "active" } });
  const early = await api.send("DELETE /keys/{id}", id, { headers: tag(5) });
  expect(early).toMatchObject({ status: 409, body: { type: "urn:sallyport:problem:key-state" } });
  const revoked = await api.send("POST /keys/{id}/revoke", id, { body: { reason: "leaked" } });
  expect(revoked.body).toMatchObject({ status: "revoked", revokeReason: "leaked", version: 6 });
  const again = await api.send("POST /keys/{id}/enable", id, { headers: tag(6) });
  expect(again.status).toBe(409);
  expect((await api.send("DELETE /keys/{id}", id, { headers: tag(6) })).status).toBe(204);
  expect((await api.send("GET /keys/{id}", id)).status).toBe(404);
});

describe("a merge patch", () => {
  test("removes what is null, and merges metadata and attributes name by name", async () => {
    const { id } = await issued({
      ...{ owner: "a", subject: "s", tenant: "t", scopes: ["a"], roles: ["r"], addresses: ["10.0.0.0/8"] },
      ...{ attributes: { one: 1, two: true }, metadata: { x: "1", y: "2" }, expiresAt: at(NOW + 60) },
      usageIdentifierKey: "u".repeat(20),
    });
    const nulls = { owner: null, subject: null, tenant: null, scopes: null, roles: null, addresses: null };
    const { body, status } = await api.send("PATCH /keys/{id}", id, {
      body: {
        ...{ ...nulls, usageIdentifierKey: null, expiresAt: null },
        ...{ attributes: { one: null, three: "3" }, metadata: { x: null, y: "4" } },
      },
      headers: tag(1),
    });
    expect(status).toBe(200);
    for (const name of ["owner", "subject", "tenant", "addresses", "expiresAt"]) expect(body).not.toHaveProperty(name);
    expect(body).toMatchObject({ scopes: [], roles: [], hasUsageIdentifierKey: false });
    expect(body).toMatchObject({ attributes: { two: true, three: "3" }, metadata: { y: "4" } });
    expect(body.attributes).not.toHaveProperty("one");
  });

  test("that changes nothing keeps the version", async () => {
    const { id } = await issued({ scopes: ["a"] });
    const { body } = await api.send("PATCH /keys/{id}", id, { body: { scopes: ["a"] }, headers: tag(1) });
    expect(body.version).toBe(1);
  });
});

describe("versions", () => {
  test.each(["PATCH /keys/{id}", "DELETE /keys/{id}", "POST /keys/{id}/rotate", "POST /keys/{id}/enable"])(
    "%s without If-Match is refused, and changes nothing",
    async (route) => {
      const { id } = await issued();
      const sent = route.startsWith("PATCH") ? { body: { name: "other" } } : {};
      expect(await api.send(route, id, sent)).toMatchObject({
        status: 428,
        headers: { "Content-Type": "application/problem+json" },
        body: { type: "urn:sallyport:problem:version-required", status: 428 },
      });
      expect((await api.record(id))?.version).toBe(1);
    },
  );

  test.each([
    ["PATCH /keys/{id}", { body: { name: "mine" } }],
    ["DELETE /keys/{id}", {}],
    ["POST /keys/{id}/rotate", {}],
    ["POST /keys/{id}/enable", {}],
    ["POST /keys/{id}/disable", {}],
    ["POST /keys/{id}/revoke", {}],
  ])("%s of an old version is refused, and tells who was first", async (route, sent) => {
    const { id } = await issued();
    await api.send("PATCH /keys/{id}", id, {
      ...{ body: { name: "theirs" }, headers: tag(1) },
      as: { ...operator, subject: "bob" },
    });
    const { status, body } = await api.send(route, id, { ...sent, headers: tag(1) });
    expect(status).toBe(412);
    expect(body.title).toBe("The key or the record has another version");
    expect(body.current).toEqual({ version: 2, by: "https://id.example.com|bob", at: at(NOW) });
    expect((await api.record(id))?.version).toBe(2);
  });

  test.each(['"2"', '"01"'])("%s is not the version 1", async (value) => {
    const { id } = await issued();
    const { status } = await api.send("PATCH /keys/{id}", id, { body: {}, headers: { "if-match": value } });
    expect(status).toBe(412);
  });

  test("one of several entity tags is enough; a text that is none is a mistake", async () => {
    const { id } = await issued();
    const patch = (value: string) => api.send("PATCH /keys/{id}", id, { body: {}, headers: { "if-match": value } });
    expect((await patch('"7", "1"')).status).toBe(200);
    for (const value of ["*", "1", '"1', "", 'W/"1"', '"1", W/"1"'])
      expect([value, (await patch(value)).status]).toEqual([value, 400]);
  });
});

test("the reason of an issue and of a change is kept, and is that of the last change", async () => {
  const { id } = await issued({ reason: "pilot" });
  expect(await api.record(id)).toMatchObject({ changeReason: "pilot" });
  const patch = (version: number, body: object) => api.send("PATCH /keys/{id}", id, { body, headers: tag(version) });
  expect((await patch(1, { name: "other", reason: "ticket 7" })).body).toMatchObject({ changeReason: "ticket 7" });
  expect((await patch(2, { name: "third" })).body).not.toHaveProperty("changeReason");
  expect((await patch(3, { reason: null })).status).toBe(400);
});

test("a key that has ended says so, whatever its status is; its previous secret ends with it", async () => {
  const record = await api.issue({ expiresIn: 3600 });
  const { body } = await api.send("POST /keys/{id}/rotate", record.id, { headers: tag(1) });
  expect(body).toMatchObject({ previousSecretUntil: at(NOW + 3600) });
  expect(body).not.toHaveProperty("expired");
  vi.setSystemTime((NOW + 3600) * 1000);
  const after = (await api.send("GET /keys/{id}", record.id)).body;
  vi.setSystemTime(NOW * 1000);
  expect(after).toMatchObject({ status: "active", expired: true });
  expect(after).not.toHaveProperty("previousSecretUntil");
});

test("a rotation ends an earlier grace only if it says so", async () => {
  const { id } = await issued();
  const rotate = (version: number, body: object) =>
    api.send("POST /keys/{id}/rotate", id, { body, headers: tag(version) });
  expect((await rotate(1, {})).body.previousSecretUntil).toBe(at(NOW + 86_400));
  const refused = await rotate(2, {});
  expect(refused).toMatchObject({ status: 409, body: { type: "urn:sallyport:problem:key-state" } });
  expect(refused.body.detail).toContain(`is accepted until ${at(NOW + 86_400)}. Wait, or send endsEarlierGrace: true`);
  expect((await rotate(2, { endsEarlierGrace: true, grace: 0 })).body).not.toHaveProperty("previousSecretUntil");
});

describe("lists", () => {
  const list = (query: string) => api.send("GET /keys", undefined, { query });
  const idsOf = ({ body }: { body: Readonly<Record<string, unknown>> }) =>
    (body.keys as { id: string }[]).map(({ id }) => id);

  test("keys of an owner or a tenant, page by page", async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => api.issue({ owner: "pages", tenant: "pages" })));
    for (const filter of ["owner=pages", "tenant=pages", "owner=pages&tenant=pages"]) {
      const found: string[] = [];
      let cursor = "";
      do {
        const page = await list(`${filter}&limit=2${cursor}`);
        expect(page.status).toBe(200);
        expect(idsOf(page).length).toBeLessThanOrEqual(2);
        found.push(...idsOf(page));
        cursor = page.body.cursor === undefined ? "" : `&cursor=${page.body.cursor}`;
      } while (cursor !== "");
      expect(found.sort()).toEqual(all.map(({ id }) => id).sort());
    }
  });

  test("keys that end soon, from now until the instant, page by page", async () => {
    const ends = [60, 3600, 86_400, 5 * 86_400];
    const soon = await Promise.all(ends.map((expiresIn) => api.issue({ owner: "ending", expiresIn })));
    await api.issue({ owner: "ending", expiresIn: 9 * 86_400 });
    const found: string[] = [];
    let cursor = "";
    do {
      const page = await list(`owner=ending&expiringBefore=${at(NOW + 6 * 86_400)}`);
      expect(idsOf(page).sort()).toEqual(soon.map(({ id }) => id).sort());
      const next = await list(`expiringBefore=${at(NOW + 6 * 86_400)}&limit=1${cursor}`);
      expect(next.status).toBe(200);
      found.push(...idsOf(next));
      cursor = next.body.cursor === undefined ? "" : `&cursor=${next.body.cursor}`;
    } while (cursor !== "");
    for (const { id } of soon) expect(found.filter((each) => each === id)).toEqual([id]);
  });

  test.each([0, -1, -86_400])("no key ends before %s seconds from now", async (seconds) => {
    const { status, body } = await list(`expiringBefore=${at(NOW + seconds)}`);
    expect([status, body]).toEqual([200, { keys: [] }]);
  });

  test("there is no list of all keys, and none that ends too late", async () => {
    expect((await list("")).status).toBe(400);
    expect((await list(`expiringBefore=${at(NOW + 93 * 86_400)}`)).status).toBe(400);
  });

  test("of a status have no other keys", async () => {
    const ended = await api.issue({ owner: "states", expiresIn: 5 });
    const active = await api.issue({ owner: "states" });
    vi.setSystemTime((NOW + 5) * 1000);
    const [expired, live] = [await list("owner=states&status=expired"), await list("owner=states&status=active")];
    vi.setSystemTime(NOW * 1000);
    expect([idsOf(expired), idsOf(live)]).toEqual([[ended.id], [active.id]]);
    expect((await list("owner=states&status=dead")).status).toBe(400);
  });

  test("the cursor of another list is a mistake", async () => {
    for (const owner of ["bulk", "team-a"]) {
      await Promise.all(Array.from({ length: 3 }, () => api.issue({ owner, tenant: "both" })));
    }
    const { cursor } = (await list("owner=bulk&limit=1")).body;
    expect((await list(`owner=bulk&limit=2&cursor=${cursor}`)).status).toBe(200);
    for (const other of ["owner=team-a", "tenant=both", "owner=bulk&tenant=both", `expiringBefore=${at(NOW + 9)}`]) {
      expect([other, (await list(`${other}&limit=1&cursor=${cursor}`)).status]).toEqual([other, 400]);
    }
  });

  test.each([
    "nonsense",
    Buffer.from("[-1]").toString("base64url"),
    Buffer.from('["a",1e99]').toString("base64url"),
    Buffer.from('["a",null]').toString("base64url"),
    Buffer.from('["a"]').toString("base64url"),
    Buffer.from("[165000,1]").toString("base64url"),
  ])("the cursor %s is a mistake and no trouble", async (cursor) => {
    for (const [filter, marks] of [
      ["owner=pages", { owner: "pages" }],
      [`expiringBefore=${at(NOW + 86_400)}`, { expiringBefore: NOW + 86_400 }],
    ] as const) {
      const { status, body } = await list(`${filter}&cursor=${listCursor(marks).write(cursor)}`);
      expect([status, (body.errors as object[] | undefined)?.[0]]).toMatchObject([
        400,
        { in: "query", field: "cursor" },
      ]);
    }
  });
});

test("an operator may revoke a key whose record is damaged, and see nothing else of it", async () => {
  const { id } = await issued();
  const record = await api.record(id);
  if (!record) throw new Error("no record");
  await api.services.table.replace({ ...record, pepper: "", version: 2 }, record);
  expect(await api.send("GET /keys/{id}", id)).toMatchObject({
    status: 500,
    body: { type: "urn:sallyport:problem:key-damaged" },
  });
  // Nobody can tell the version of a damaged record.
  const sent = { headers: { "if-match": '"2"' } };
  expect(await api.send("POST /keys/{id}/revoke", id, sent)).toMatchObject({
    status: 412,
    body: { type: "urn:sallyport:problem:version-conflict" },
  });
  expect(await api.send("POST /keys/{id}/revoke", id)).toMatchObject({ status: 200, body: { id, status: "damaged" } });
});

test("an operator does not revoke a damaged record of another environment in the same table", async () => {
  const { id } = await issued();
  const record = await api.record(id);
  if (!record) throw new Error("no record");
  await api.services.table.replace({ ...record, pepper: "", environment: "test", version: 2 }, record);
  expect(await api.send("POST /keys/{id}/revoke", id)).toMatchObject({ status: 404 });
  expect(await api.services.table.revokeDamaged(id, "live")).toBe(false);
  expect(await api.services.table.revokeDamaged(id, "test")).toBe(true);
});

test("a list of a table without its index says which one is missing, and what to do", async () => {
  const message = "The table does not have the specified index: by-tenant";
  const page = () => Promise.reject(Object.assign(new Error(message), { name: "ValidationException" }));
  const { status, body } = await api.send(
    "GET /keys",
    undefined,
    { query: "tenant=acme" },
    {
      table: { ...api.services.table, page },
    },
  );
  expect(status).toBe(503);
  expect(body.detail).toMatch(
    /^The table of keys has no index by-tenant\. Set the parameter KeyIndexes .* to 2 or more/,
  );
});

import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { partitionKey } from "../../../providers/entitlements/item.ts";
import { disable } from "../../../providers/entitlements/management/entitlements.ts";
import { type RecordRef, recordKey } from "../../../providers/entitlements/record-key.ts";
import { TroubleError } from "../../../shared/domain/reasons/errors.ts";
import { NOW } from "../../fixtures.ts";
import { createHarness, entitler, type Harness, type Sent } from "./harness.ts";

/** The table of entitlements, by the admin API. */

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

const ISSUER = "https://id.example.com/realms/a|b";
const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
const send = (route: string, names: Readonly<Record<string, string>>, sent: Sent = {}) =>
  api.send(route, undefined, { as: entitler, query: queryOf(names), ...sent });
const queryOf = (names: Readonly<Record<string, string>>) =>
  Object.entries(names)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
const newSubject = (subject = `alice/${randomUUID()}`) => ({ issuer: ISSUER, subject });
const newTenant = () => ({ tenant: `acme ${randomUUID()}` });
const recordOf = (ref: RecordRef) => api.services.entitlements.get(ref);
const NEW = { "if-none-match": "*" };
const matching = ({ headers }: { readonly headers: Readonly<Record<string, string>> }) => ({
  "if-match": headers.ETag ?? "",
});

/** A record that cannot be read. */
async function damage(ref: RecordRef): Promise<void> {
  const client = new DynamoDBClient({ endpoint: api.keys.endpoint });
  const item = { ...partitionKey(recordKey(ref)), kind: { S: ref.kind }, version: { S: "one" } };
  await client.send(new PutItemCommand({ TableName: api.entitlements, Item: item }));
  client.destroy();
}

describe("a subject", () => {
  test("is given roles, scopes and a tenant, and keeps what a patch does not name", async () => {
    const alice = newSubject();
    const body = { roles: ["admin"], scopes: ["orders:read"], tenant: "acme", reason: "hired" };
    const first = await send("PATCH /entitlements/subject", alice, { body, headers: NEW });
    expect(first).toMatchObject({ status: 201, headers: { "Cache-Control": "no-store" } });
    expect(first.body).toEqual({
      ...{ kind: "subject", ...alice, state: "active", roles: ["admin"], scopes: ["orders:read"], tenant: "acme" },
      ...{ version: 1, createdAt: at(NOW), changedAt: at(NOW) },
      ...{ changedBy: "https://id.example.com|erin", changeReason: "hired" },
    });
    const second = await send("PATCH /entitlements/subject", alice, {
      ...{ body: { roles: null, tenant: null }, headers: matching(first) },
    });
    expect(second).toMatchObject({ status: 200, body: { roles: [], scopes: ["orders:read"], version: 2 } });
    expect(second.body).not.toHaveProperty("tenant");
    const shown = await send("GET /entitlements/subject", alice);
    expect([shown.status, shown.headers.ETag, shown.body]).toEqual([200, second.headers.ETag, second.body]);
  });

  test("is locked out and let in again, although nobody had heard of it", async () => {
    const alice = newSubject();
    const out = await send("POST /entitlements/subject/disable", alice, { body: { reason: "left the company" } });
    expect(out).toMatchObject({ status: 201, body: { state: "disabled", disabledSince: at(NOW) } });
    expect(out.body).toMatchObject({ changeReason: "left the company" });
    const again = await send("POST /entitlements/subject/disable", alice);
    expect([again.status, again.headers.ETag]).toEqual([200, out.headers.ETag]);
    expect(await send("POST /entitlements/subject/enable", alice)).toMatchObject({ status: 428 });
    const back = await send("POST /entitlements/subject/enable", alice, { headers: matching(out) });
    expect(back).toMatchObject({ status: 200, body: { state: "active", version: 2 } });
    expect(await recordOf({ kind: "subject", ...alice })).not.toHaveProperty("disabledSince");
  });

  test("has what was issued to it revoked: until now, or before another instant, and never less", async () => {
    const alice = newSubject();
    const until = await send("POST /entitlements/subject/revoke", alice, { body: { before: at(NOW - 60) } });
    expect(until).toMatchObject({ status: 201, body: { state: "revoked", revokedBefore: at(NOW - 60) } });
    const all = await send("POST /entitlements/subject/revoke", alice);
    expect(all).toMatchObject({ status: 200, body: { revokedBefore: at(NOW + 1) } });
    const earlier = await send("POST /entitlements/subject/revoke", alice, { body: { before: at(NOW - 5) } });
    expect(earlier).toMatchObject({ status: 200, body: { revokedBefore: at(NOW + 1), version: 2 } });
    const future = await send("POST /entitlements/subject/revoke", alice, { body: { before: at(NOW + 3600) } });
    expect(future).toMatchObject({ status: 400, body: { errors: [{ in: "body", field: "/before" }] } });
  });

  test("is removed with the version that was read, and by nothing else", async () => {
    const alice = newSubject();
    const out = await send("POST /entitlements/subject/disable", alice);
    expect((await send("DELETE /entitlements/subject", alice)).status).toBe(428);
    const gone = await send("DELETE /entitlements/subject", alice, { headers: matching(out) });
    expect([gone.status, await recordOf({ kind: "subject", ...alice })]).toEqual([204, undefined]);
    // The new record has the version of the one before, and is another one.
    await send("POST /entitlements/subject/disable", alice);
    const late = await send("DELETE /entitlements/subject", alice, { headers: matching(out) });
    expect(late).toMatchObject({ status: 412, body: { current: { version: 1 } } });
  });

  test("of an API key is locked out, also with white space at its edges, and gets no rights", async () => {
    const key = { issuer: "api-keys:live", subject: ` partner ${randomUUID()}` };
    expect((await send("POST /entitlements/subject/disable", key)).status).toBe(201);
    const rights = await send("PATCH /entitlements/subject", key, { body: { roles: ["admin"] }, headers: NEW });
    expect(rights).toMatchObject({ status: 400, body: { errors: [{ in: "query", field: "issuer" }] } });
  });

  test("gets no more than fits into an answer to API Gateway", async () => {
    const roles = Array.from({ length: 40 }, (_, index) => `${index}${"r".repeat(240)}`);
    const much = await send("PATCH /entitlements/subject", newSubject(), { body: { roles }, headers: NEW });
    expect(much).toMatchObject({ status: 409, body: { type: "urn:sallyport:problem:record-state" } });
  });
});

test("a tenant is locked out, its tokens are revoked, and it is let in and forgotten again", async () => {
  const acme = newTenant();
  const out = await send("POST /entitlements/tenant/disable", acme);
  expect(out).toMatchObject({ status: 201, body: { kind: "tenant", ...acme, state: "disabled" } });
  const revoked = await send("POST /entitlements/tenant/revoke", acme);
  expect(revoked).toMatchObject({ status: 200, body: { state: "disabled", revokedBefore: at(NOW + 1) } });
  const back = await send("POST /entitlements/tenant/enable", acme, { headers: matching(revoked) });
  expect(back).toMatchObject({ status: 200, body: { state: "revoked" } });
  expect((await send("GET /entitlements/tenant", acme)).body).toEqual(back.body);
  expect((await send("DELETE /entitlements/tenant", acme, { headers: matching(back) })).status).toBe(204);
  expect((await send("GET /entitlements/tenant", acme)).status).toBe(404);
});

test("a token is revoked by its id, with the latest end that anybody named", async () => {
  const token = { issuer: ISSUER, tokenId: randomUUID() };
  const revoked = await send("POST /entitlements/token/revoke", token, { body: { expiresAt: at(NOW + 60) } });
  expect(revoked).toMatchObject({ status: 201, body: { kind: "token", ...token, expiresAt: at(NOW + 60) } });
  const longer = await send("POST /entitlements/token/revoke", token, { body: { expiresAt: at(NOW + 90) } });
  expect(longer).toMatchObject({ status: 200, body: { expiresAt: at(NOW + 90), version: 2 } });
  expect((await send("GET /entitlements/token", token)).body).toEqual(longer.body);
  expect((await send("DELETE /entitlements/token", token, { headers: matching(longer) })).status).toBe(204);
});

describe("names", () => {
  test.each([
    ["with a slash, a bar, a colon, a percent sign and a question mark", "a/b|c:d%2Fe?f"],
    ["with a plus sign", "alice+orders@example.com"],
    ["with a space within and an ampersand", "alice b&c=d"],
    ["of other alphabets", "Ωμέγα 😀"],
  ])("%s mean one subject, and no other", async (_, subject) => {
    const { body } = await send("POST /entitlements/subject/disable", newSubject(subject));
    expect(body).toMatchObject({ subject, issuer: ISSUER });
    expect(await recordOf({ kind: "subject", issuer: ISSUER, subject })).toBeDefined();
  });

  test.each([
    ["a plus sign, which may be a space", "issuer=a&subject=alice+b"],
    ["half of a percent-encoding", "issuer=a&subject=alice%2"],
    ["bytes that are no UTF-8", "issuer=a&subject=%FC"],
    ["two subjects", "issuer=a&subject=alice&subject=bob"],
    ["two subjects, one of which has its name encoded", "issuer=a&subject=alice&%73ubject=bob"],
    ["white space at an edge of the subject", "issuer=a&subject=alice%0A"],
    ["no subject", "issuer=a"],
    ["an empty subject", "issuer=a&subject="],
    ["no issuer", "subject=alice"],
    ["an unknown parameter", "issuer=a&subject=alice&user=bob"],
    ["a token in place of its subject", "issuer=a&subject=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln"],
  ])("that are read in two ways, or that nobody has, lock nobody out: %s", async (_, query) => {
    const { status, body } = await send("POST /entitlements/subject/disable", {}, { query });
    expect([status, body.type]).toEqual([400, "urn:sallyport:problem:invalid-request"]);
    expect(body.errors).toEqual([expect.objectContaining({ in: "query", allowed: expect.any(String) })]);
  });

  test("of a token that hold the token itself are refused, and no table has it", async () => {
    const token = ["eyJhbGciOiJSUzI1NiJ9", "eyJzdWIiOiJhbGljZSJ9", "c2lnbmF0dXJl"].join(".");
    const { status } = await send("POST /entitlements/token/revoke", { issuer: ISSUER, tokenId: token });
    expect(status).toBe(400);
    expect(await api.tables()).not.toContain("eyJzdWIiOiJhbGljZSJ9");
  });
});

describe("a list", () => {
  test("has the subjects of an issuer, its revoked tokens, or what a tenant has, in pages", async () => {
    const issuer = `https://${randomUUID()}.example.com/`;
    const { tenant } = newTenant();
    for (const subject of ["a", "b", "c"]) {
      const sent = { body: { tenant }, headers: NEW };
      expect((await send("PATCH /entitlements/subject", { issuer, subject }, sent)).status).toBe(201);
    }
    await send("POST /entitlements/token/revoke", { issuer, tokenId: "t1" });
    await send("POST /entitlements/tenant/disable", { tenant });
    const first = await send("GET /entitlements", { issuer, limit: "2" });
    expect(first).toMatchObject({ status: 200, body: { entitlements: [{ issuer }, { issuer }] } });
    const rest = await send("GET /entitlements", { issuer, limit: "2", cursor: String(first.body.cursor) });
    const all = [first, rest].flatMap(({ body }) => body.entitlements as { subject: string }[]);
    expect(all.map(({ subject }) => subject).sort()).toEqual(["a", "b", "c"]);
    const tokens = await send("GET /entitlements", { issuer, kind: "token" });
    expect(tokens.body).toMatchObject({ entitlements: [{ kind: "token", tokenId: "t1" }] });
    const ofTenant = await send("GET /entitlements", { tenant });
    const kinds = (ofTenant.body.entitlements as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["subject", "subject", "subject", "tenant"]);
    const other = await send("GET /entitlements", { tenant, cursor: String(first.body.cursor) });
    expect(other).toMatchObject({ status: 400, body: { errors: [{ field: "cursor" }] } });
  });

  test.each([
    ["of all records", {}],
    ["of an issuer and a tenant", { issuer: "a", tenant: "b" }],
    ["of the tokens of a tenant", { tenant: "a", kind: "token" }],
    ["of another kind", { issuer: "a", kind: "damaged" }],
    ["of no length", { issuer: "a", limit: "0" }],
    ["with a cursor of nothing", { issuer: "a", cursor: "eyJ" }],
  ])("%s is refused", async (_, query) => {
    expect((await send("GET /entitlements", query)).status).toBe(400);
  });
});

describe("a version", () => {
  test("that is another one by now changes nothing, and the answer tells who was first", async () => {
    const alice = newSubject();
    const first = await send("PATCH /entitlements/subject", alice, { body: { roles: ["a"] }, headers: NEW });
    const ref = { kind: "subject", ...alice } as const;
    await disable(api.services.entitlements, ref, { by: "carol", time: NOW + 5 });
    for (const [route, body] of [
      ["PATCH /entitlements/subject", { roles: ["b"] }],
      ["POST /entitlements/subject/enable", {}],
      ["POST /entitlements/subject/disable", {}],
      ["POST /entitlements/subject/revoke", {}],
      ["DELETE /entitlements/subject", undefined],
    ] as const) {
      const late = await send(route, alice, { body, headers: matching(first) });
      expect(late).toMatchObject({ status: 412, body: { current: { version: 2, by: "carol", at: at(NOW + 5) } } });
    }
    expect(await recordOf(ref)).toMatchObject({ roles: ["a"], version: 2 });
  });

  test("is required where rights are given: that of the record, or that there is none", async () => {
    const alice = newSubject();
    const body = { roles: ["a"] };
    const without = await send("PATCH /entitlements/subject", alice, { body });
    expect(without).toMatchObject({ status: 428, body: { type: "urn:sallyport:problem:version-required" } });
    const first = await send("PATCH /entitlements/subject", alice, { body, headers: NEW });
    const again = await send("PATCH /entitlements/subject", alice, { body: { roles: ["b"] }, headers: NEW });
    expect(again).toMatchObject({ status: 412, body: { current: { version: 1 } } });
    for (const headers of [{ "if-match": "*" }, { "if-none-match": '"1"' }, { ...NEW, ...matching(first) }]) {
      expect((await send("PATCH /entitlements/subject", alice, { body, headers })).status).toBe(400);
    }
    const nobody = await send("PATCH /entitlements/subject", newSubject(), { body, headers: matching(first) });
    expect(nobody.status).toBe(404);
  });
});

describe("a repeated request", () => {
  test("revokes once: who logged in after the first stays logged in", async () => {
    const alice = newSubject();
    const sent = { headers: { "idempotency-key": randomUUID() } };
    const first = await send("POST /entitlements/subject/revoke", alice, sent);
    vi.setSystemTime((NOW + 20) * 1000);
    const again = await send("POST /entitlements/subject/revoke", alice, sent);
    vi.setSystemTime(NOW * 1000);
    expect([first.status, again.status, again.body]).toEqual([201, 200, first.body]);
    expect(again.body).toMatchObject({ revokedBefore: at(NOW + 1), version: 1 });
  });

  test("is made of a record that was cut off after its change, and not made again", async () => {
    const alice = newSubject();
    const sent = { headers: { "idempotency-key": randomUUID() } };
    const entitlements = {
      ...api.services.entitlements,
      async put(...args: Parameters<typeof api.services.entitlements.put>) {
        await api.services.entitlements.put(...args);
        throw new TroubleError("entitlements_unavailable", new Error("socket hang up"));
      },
    };
    const call = { as: entitler, query: queryOf(alice), ...sent };
    const cut = await api.send("POST /entitlements/subject/revoke", undefined, call, { entitlements });
    expect(cut).toMatchObject({ status: 503, headers: { "Retry-After": "2" } });
    vi.setSystemTime((NOW + 40) * 1000);
    const again = await send("POST /entitlements/subject/revoke", alice, sent);
    vi.setSystemTime(NOW * 1000);
    expect(again).toMatchObject({ status: 200, body: { revokedBefore: at(NOW + 1), version: 1 } });
  });

  test("is of the same record, however its query is written; with another record it is refused", async () => {
    const [alice, bob] = [newSubject(), newSubject()];
    const headers = { "idempotency-key": randomUUID() };
    await send("POST /entitlements/subject/disable", alice, { headers });
    const turned = queryOf({ subject: alice.subject, issuer: alice.issuer });
    const same = await send("POST /entitlements/subject/disable", {}, { query: turned, headers });
    const other = await send("POST /entitlements/subject/disable", bob, { headers });
    expect([same.status, other.status]).toEqual([200, 422]);
    expect(await recordOf({ kind: "subject", ...bob })).toBeUndefined();
  });
});

describe("a damaged record", () => {
  test("is told, and is deleted when the request says that it is damaged", async () => {
    const ref = { kind: "subject", ...newSubject() } as const;
    const { kind: _, ...alice } = ref;
    await damage(ref);
    for (const route of ["GET /entitlements/subject", "POST /entitlements/subject/disable"]) {
      const told = await send(route, alice);
      expect(told).toMatchObject({ status: 500, body: { type: "urn:sallyport:problem:record-damaged" } });
    }
    const damaged = { ...alice, damaged: "true" };
    // Nobody can tell that it has the version that somebody read.
    const matched = await send("DELETE /entitlements/subject", damaged, { headers: { "if-match": '"1.n4bQgYhMfWW"' } });
    expect(matched.status).toBe(412);
    expect((await send("DELETE /entitlements/subject", damaged)).status).toBe(204);
    expect((await send("DELETE /entitlements/subject", damaged)).status).toBe(404);
  });

  test("that is none is not deleted without its version", async () => {
    const acme = newTenant();
    await send("POST /entitlements/tenant/disable", acme);
    const sound = await send("DELETE /entitlements/tenant", { ...acme, damaged: "true" });
    expect(sound).toMatchObject({ status: 409, body: { type: "urn:sallyport:problem:record-state" } });
    expect(await recordOf({ kind: "tenant", ...acme })).toBeDefined();
  });
});

test("no log line has a name that a caller wrote, and each about a record has its key", async () => {
  const alice = newSubject("somebody@example.com");
  const { body } = await send("POST /entitlements/subject/disable", alice, { body: { reason: "why-she-left" } });
  const key = recordKey({ kind: "subject", ...alice });
  expect(body).not.toHaveProperty("changeId");
  const lines = api.told.filter((line) => line.includes('"message":"request"'));
  expect(lines.at(-1)).toContain(key);
  expect(lines.join("\n")).not.toMatch(/somebody|why-she-left|realms/);
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NOW } from "../../fixtures.ts";
import { createHarness, type Harness } from "./harness.ts";

/** Every mistake is told with field, found and allowed, and changes nothing. */

let api: Harness;
beforeAll(async () => {
  api = await createHarness();
});
afterAll(() => api.close());

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const SECRET = `sp_live_0123456789abcdef_${"s3cr3t".repeat(8)}x`;

const FIELDS: readonly [string, object, string, RegExp, RegExp][] = [
  ["no name", { name: undefined }, "/name", /^nothing$/, /^a value: this is required$/],
  ["an empty name", { name: "" }, "/name", /^text of 0 characters$/, /1 to 256/],
  ["a name that is a number", { name: 7 }, "/name", /^a number$/, /text/],
  ["a control character", { owner: "a\nb" }, "/owner", /^text of 3/, /control/],
  ["white space at the edge of a subject", { subject: " a" }, "/subject", /^text of 2/, /white space/],
  ["white space at the edge of an owner", { owner: " x " }, "/owner", /^text of 3/, /white space/],
  ["white space at the edge of a tenant", { tenant: " acme" }, "/tenant", /^text of 5/, /white space/],
  ["a scope with a space", { scopes: ["a", "b c"] }, "/scopes/1", /^text of 3/, /scope/],
  ["a scope that is no list", { scopes: "a" }, "/scopes", /^text of 1 character$/, /list/],
  ["too many roles", { roles: Array(257).fill("r") }, "/roles", /^a list of 257$/, /256/],
  ["an address that is none", { addresses: ["10.0.0.300"] }, "/addresses/0", /^text of 10/, /CIDR/],
  ["an attribute of the authorizer's own", { attributes: { scopes: "x" } }, "/attributes/scopes", /^this name$/, /own/],
  ["an attribute of a wrong type", { attributes: { a: null } }, "/attributes/a", /^null$/, /./],
  ["metadata that are no text", { metadata: { a: 1 } }, "/metadata/a", /^a number$/, /text/],
  ["an end in the past", { expiresAt: at(NOW - 1).replace(".000", "") }, "/expiresAt", /past/, /future/],
  ["an end now", { expiresAt: at(NOW).replace(".000", "") }, "/expiresAt", /past/, /future/],
  ["an end that is no instant", { expiresAt: "tomorrow" }, "/expiresAt", /^text of 8/, /2027/],
  ["an end without an offset", { expiresAt: "2099-01-01T00:00:00" }, "/expiresAt", /^text of 19/, /2027/],
  ["an end in seconds", { expiresAt: NOW + 60 }, "/expiresAt", /^a number$/, /text/],
  ["a short value for usage plans", { usageIdentifierKey: "short" }, "/usageIdentifierKey", /^text of 5/, /20 to 128/],
  ["a whole key in a name", { name: SECRET }, "/name", /^text of 74 characters$/, /^text without an API key in it$/],
  ["a whole key in metadata", { metadata: { note: SECRET } }, "/metadata", /^an object$/, /without an API key/],
  ["an unknown field", { scope: "a" }, "/scope", /unknown/, / Did you mean scopes\?$/],
  ["a field of answers", { status: "active" }, "/status", /unknown/, /name/],
  ["a hash", { hash: "x" }, "/hash", /unknown/, /name/],
];

describe.each(["POST /keys", "PATCH /keys/{id}"])("%s", (route) => {
  const cases = FIELDS.filter(
    ([title]) => route === "POST /keys" || !["no name", "an attribute of a wrong type"].includes(title),
  );
  test.each(cases)("%s", async (_, fields, field, found, allowed) => {
    const { id } = await api.issue();
    const before = await api.tables();
    const body = { ...(route === "POST /keys" && { name: "Partner" }), ...fields };
    const answer = await api.send(route, id, { body, headers: { "if-match": '"1"' } });
    expect(answer.status).toBe(400);
    expect(answer.headers["Content-Type"]).toBe("application/problem+json");
    expect(answer.body).toMatchObject({
      ...{ type: "urn:sallyport:problem:invalid-request", status: 400, instance: "urn:request:JKJaXmPLvHcESHA=" },
      ...{ title: expect.any(String), detail: expect.any(String) },
    });
    const errors = answer.body.errors as object[];
    expect(errors[0]).toEqual({
      ...{ in: "body", field, found: expect.stringMatching(found), allowed: expect.stringMatching(allowed) },
    });
    expect(await api.tables()).toBe(before);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["nothing", ""],
    ["a name that every object has", '{"name":"a","__proto__":{"scopes":["admin"]}}'],
    ["such a name within", '{"name":"a","metadata":{"__proto__":"a"}}'],
    ["such a name within attributes", '{"name":"a","attributes":{"constructor":"a"}}'],
    ["very deep nesting", `{"name":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
  ])("a body of %s", async (_, rawBody) => {
    const { id } = await api.issue();
    const type = route.startsWith("PATCH") ? "application/merge-patch+json" : "application/json";
    const headers = { "if-match": '"1"', "content-type": type };
    const { status } = await api.send(route, id, { rawBody, headers });
    expect(status).toBe(400);
    expect((await api.record(id))?.version).toBe(1);
  });

  test("a body of another media type, or without one", async () => {
    const { id } = await api.issue();
    const other = route.startsWith("PATCH") ? "application/json" : "application/merge-patch+json";
    for (const type of [other, "text/plain", ""]) {
      const headers = { "if-match": '"1"', "content-type": type };
      expect((await api.send(route, id, { body: { name: "x" }, headers })).status).toBe(415);
    }
  });

  test("a body that is too large", async () => {
    const { id } = await api.issue();
    const body = { name: "x", metadata: { a: "x".repeat(70_000) } };
    expect((await api.send(route, id, { body, headers: { "if-match": '"1"' } })).status).toBe(413);
  });

  test("a secret in any place is not repeated, neither in the answer nor in the log", async () => {
    const { id } = await api.issue();
    const bodies = [
      ...["name", "owner", "subject", "tenant", "usageIdentifierKey", "expiresAt"].map((name) => ({
        [name]: `\n${SECRET}`,
      })),
      ...["scopes", "roles", "addresses"].map((name) => ({ [name]: [`${SECRET} "`, `\n${SECRET}`] })),
      { [SECRET]: 1 },
      { [SECRET]: JSON.parse('{"__proto__":1}') },
      { attributes: { [SECRET]: { a: SECRET } } },
      { metadata: { [SECRET]: 1 } },
    ];
    api.told.length = 0;
    for (const body of bodies) {
      const headers = { "if-match": '"1"', "idempotency-key": "retry" };
      const { status } = await api.send(route, id, { body: { name: "x", ...body }, headers });
      expect([body, status]).toEqual([body, 400]);
    }
    for (const path of [SECRET, "x"]) {
      await api.send(route, path, {
        body: { name: 1 },
        headers: { "if-match": SECRET, "idempotency-key": `${SECRET} ` },
      });
    }
    expect(api.told.length).toBeGreaterThan(20);
    expect(api.told.join("\n")).not.toContain("s3cr3t");
  });
});

test("every unknown field is told, beside what is wrong with the others", async () => {
  const body = { name: 7, scope: "a", colour: "red", ownr: "b" };
  const { body: answer } = await api.send("POST /keys", undefined, { body });
  const fields = (answer.errors as { field: string }[]).map(({ field }) => field);
  expect(fields.toSorted()).toEqual(["/colour", "/name", "/ownr", "/scope"]);
});

test("of many unknown names 32 are told, however long they are", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `${"scopes".repeat(30)}${index}`);
  const { status, body } = await api.send("POST /keys", undefined, {
    body: Object.fromEntries(names.map((each) => [each, 1])),
  });
  expect([status, (body.errors as object[]).length]).toEqual([400, 32]);
});

test.each([
  ["limit=101", "limit", "text of 3 characters", "1 to 100"],
  ["limit=x", "limit", "text of 1 character", "1 to 100"],
])("a list with %s says of the text what it is", async (query, field, found, allowed) => {
  const { body } = await api.send("GET /keys", undefined, { query: `owner=a&${query}` });
  expect(body.errors).toEqual([{ in: "query", field, found, allowed }]);
});

test("an Idempotency-Key is told of as other texts are", async () => {
  const headers = { "idempotency-key": " " };
  const { body } = await api.send("POST /keys", undefined, { body: { name: "a" }, headers });
  expect(body.errors).toMatchObject([{ in: "header", field: "Idempotency-Key", found: "text of 1 character" }]);
});

test.each<[string, string, string]>([
  ["an unknown parameter", "owner=a&own=b", "own"],
  ["a parameter twice", "owner=a&owner=b", "owner"],
  ["an empty owner", "owner=", "owner"],
  ["a limit of 0", "owner=a&limit=0", "limit"],
  ["a limit above 100", "owner=a&limit=101", "limit"],
  ["a limit that is no number", "owner=a&limit=ten", "limit"],
  ["an instant that is none", "expiringBefore=soon", "expiringBefore"],
  ["an empty cursor", "owner=a&cursor=", "cursor"],
])("a list by %s", async (_, query, field) => {
  const { status, body } = await api.send("GET /keys", undefined, { query });
  expect([status, body.errors]).toEqual([400, [expect.objectContaining({ in: "query", field })]]);
});

test.each([
  ["a grace below 0", "rotate", { grace: -1 }, "/grace"],
  ["a grace above 90 days", "rotate", { grace: 90 * 86_400 + 1 }, "/grace"],
  ["a grace of half a second", "rotate", { grace: 0.5 }, "/grace"],
  ["an unknown field of a rotation", "rotate", { Grace: 1 }, "/Grace"],
  ["an empty reason", "disable", { reason: "" }, "/reason"],
  ["a reason that is none", "revoke", { reason: 1 }, "/reason"],
  ["an unknown field of a revocation", "revoke", { why: "a" }, "/why"],
])("%s", async (_, action, body, field) => {
  const { id } = await api.issue();
  const answer = await api.send(`POST /keys/{id}/${action}`, id, { body, headers: { "if-match": '"1"' } });
  expect([answer.status, answer.body.errors]).toEqual([400, [expect.objectContaining({ field })]]);
  expect((await api.record(id))?.version).toBe(1);
});

test.each(["", "x", "0".repeat(17), SECRET, "../keys", "0123456789abcde%"])(
  "an id of %j is that of no key",
  async (id) => {
    expect((await api.send("GET /keys/{id}", id)).status).toBe(404);
  },
);

test("trouble with the table is told from a refusal, without a word of its error", async () => {
  const trouble = Object.assign(new Error(`secret ${SECRET}`), { code: "ECONNRESET" });
  const services = { table: { ...api.services.table, get: () => Promise.reject(trouble) } };
  api.told.length = 0;
  const { status, headers, body } = await api.send("GET /keys/{id}", "0123456789abcdef", {}, services);
  expect([status, headers["Retry-After"], body.type]).toEqual([503, "2", "urn:sallyport:problem:unavailable"]);
  expect(api.told.join()).toContain("Error(ECONNRESET)");
  expect(api.told.join()).not.toContain("s3cr3t");
});
